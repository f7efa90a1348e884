"""Which hosts are this machine or its network, however they are written."""

import pytest

from shared.settings import is_private_host


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "a.localhost.",
        "printer.local",
        "db.internal",
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "::1",
        "fd00::1",
        "fe80::1",
        "::ffff:10.0.0.1",
        "",
        None,
    ],
)
def test_a_host_of_this_machine_or_network_is_private(host: str | None) -> None:
    assert is_private_host(host)


@pytest.mark.parametrize("host", ["cdn.example.com", "8.8.8.8", "2606:4700::1111", "local.dev"])
def test_a_public_host_is_not_private(host: str) -> None:
    assert not is_private_host(host)


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "0177.0.0.1", "0"])
def test_an_address_in_an_old_notation_is_private(host: str) -> None:
    assert is_private_host(host)
