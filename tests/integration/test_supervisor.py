"""The supervisor with real children."""

import os
import signal
import sys
from datetime import timedelta

import pytest

from shared.errors import ConfigurationError, PartUnreachable, WaitTimedOut
from shared.supervisor import Child, Supervisor
from tests.support.lines import Lines
from tests.support.processes import PATIENCE, is_running, next_line, program, wait_gone

#: Says who it is, then waits for its end.
WAITS = "import os, signal; print('ready', os.getpid(), flush=True); signal.pause()"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + WAITS
#: Ends at SIGTERM after saying so; sigwait, since pause() may sleep through an early signal.
POLITE = (
    "import os, signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM]);"
    "print('ready', os.getpid(), flush=True); signal.sigwait([signal.SIGTERM]); print('bye')"
)
PARENT = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {deaf!r}], stdout=None);"
    + WAITS
).format(deaf=DEAF.replace("ready", "grandchild"))


def child(
    name: str,
    code: str,
    *,
    restart: bool = True,
    grace: timedelta = PATIENCE,
    stage: int = 0,
) -> Child:
    argv = [sys.executable, "-c", code]
    return Child(name, argv, restart=restart, grace=grace, stage=stage)


def test_output_is_forwarded_line_by_line_with_the_name() -> None:
    lines = Lines()
    with Supervisor([child("a", "print('one'); print('two')"), child("long", WAITS)], lines):
        lines.expect("ready")
        lines.expect("ended with exit status 0")

    written = lines.getvalue().splitlines()
    assert "a    | one" in written
    assert "a    | two" in written
    assert any(line.startswith("long | ready") for line in written)


def test_names_are_coloured_when_asked() -> None:
    lines = Lines()
    with Supervisor([child("a", WAITS)], lines, colour=True):
        assert lines.expect("ready").startswith("\x1b[36ma | \x1b[0mready")


def test_an_unreadable_byte_does_not_stop_the_forwarding() -> None:
    lines = Lines()
    code = "import sys; sys.stdout.buffer.write(b'x\\xe9\\n'); print('next')"
    with Supervisor([child("a", code, restart=False)], lines):
        lines.expect("x\N{REPLACEMENT CHARACTER}")
        lines.expect("next")


def test_what_dies_is_started_again_after_a_growing_pause() -> None:
    lines = Lines()
    with Supervisor([child("a", "raise SystemExit(3)")], lines):
        lines.expect("ended with exit status 3; starts again in 0.5 s")
        lines.expect("starts again in 1 s")
        lines.expect("starts again in 2 s")


def test_a_killed_child_gets_a_successor() -> None:
    lines = Lines()
    with Supervisor([child("a", WAITS)], lines) as supervisor:
        first = int(lines.expect("ready").split()[-1])
        os.kill(first, signal.SIGKILL)

        lines.expect("ended with SIGKILL")
        second = int(lines.expect("ready").split()[-1])

        assert second != first
        assert supervisor.pid("a") == second


def test_a_child_that_must_not_restart_stays_ended() -> None:
    lines = Lines()
    supervisor = Supervisor([child("a", "raise SystemExit(3)", restart=False)], lines)

    assert supervisor.run() == 3
    assert lines.getvalue() == "a | ended with exit status 3\n"


def test_stopping_asks_and_leaves_nobody() -> None:
    lines = Lines()
    with Supervisor([child("a", POLITE), child("b", POLITE)], lines) as supervisor:
        pids = [int(lines.expect("ready").split()[-1]) for _ in "ab"]

    assert lines.getvalue().count("bye") == 2
    assert [supervisor.exit_status(name) for name in "ab"] == [0, 0]
    assert not any(map(is_running, pids))


def test_higher_stages_are_gone_before_lower_ones_are_asked() -> None:
    lines = Lines()
    slow = POLITE.replace(
        "print('bye')", "import threading; threading.Event().wait(0.5); print('bye')"
    )
    with Supervisor([child("floor", POLITE), child("roof", slow, stage=1)], lines):
        lines.expect("ready")
        lines.expect("ready")

    last = [line for line in lines.getvalue().splitlines() if "bye" in line]
    assert last == ["roof  | bye", "floor | bye"]


def test_a_child_deaf_to_sigterm_is_killed_after_its_grace() -> None:
    lines = Lines()
    with Supervisor([child("a", DEAF, grace=timedelta(seconds=0.3))], lines) as supervisor:
        pid = int(lines.expect("ready").split()[-1])

    lines.expect("does not stop; killed")
    assert supervisor.exit_status("a") == -signal.SIGKILL
    assert not is_running(pid)


def test_grandchildren_go_with_their_parent() -> None:
    lines = Lines()
    with Supervisor([child("a", PARENT)], lines):
        pids = [int(lines.expect("ready").split()[-1])]
        pids.append(int(lines.expect("grandchild").split()[-1]))

    wait_gone(*pids)


def test_a_command_that_does_not_exist_says_so_and_stops_the_others() -> None:
    lines = Lines()
    supervisor = Supervisor([child("a", WAITS), Child("b", ["/no/such/program"])], lines)

    with pytest.raises(ConfigurationError, match=r"cannot start b .*No such file"):
        supervisor.start()

    assert supervisor.exit_status("a") == -signal.SIGTERM


def test_waiting_for_readiness_ends_when_it_holds() -> None:
    lines = Lines()
    with Supervisor([child("a", WAITS)], lines) as supervisor:
        supervisor.wait_ready(lambda: "ready" in lines.getvalue(), PATIENCE)


def test_waiting_for_readiness_gives_up_at_its_limit() -> None:
    with (
        Supervisor([child("a", WAITS)], Lines()) as supervisor,
        pytest.raises(WaitTimedOut, match=r"not ready after 0\.1 s"),
    ):
        supervisor.wait_ready(lambda: False, timedelta(seconds=0.1))


def test_waiting_for_readiness_ends_when_a_child_ended_for_good() -> None:
    with (
        Supervisor([child("a", "raise SystemExit(3)", restart=False)], Lines()) as supervisor,
        pytest.raises(PartUnreachable, match="a ended with status 3"),
    ):
        supervisor.wait_ready(lambda: False, PATIENCE)


def supervising(code: str) -> list[str]:
    """Make the command of a supervisor in a process of its own."""
    script = (
        "import sys; from shared.supervisor import Child, Supervisor;"
        "sys.exit(Supervisor([Child('a', [sys.executable, '-c', sys.argv[1]])]).run())"
    )
    return [sys.executable, "-c", script, code]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_run_with_status_0(number: signal.Signals) -> None:
    with program(supervising(POLITE)) as supervisor:
        pid = int(next_line(supervisor, "ready").split()[-1])
        supervisor.send_signal(number)

        next_line(supervisor, "bye")
        assert supervisor.wait(PATIENCE.total_seconds()) == 0
        assert not is_running(pid)


def test_a_second_signal_does_not_wait() -> None:
    with program(supervising(DEAF)) as supervisor:
        pid = int(next_line(supervisor, "ready").split()[-1])
        supervisor.send_signal(signal.SIGTERM)
        supervisor.send_signal(signal.SIGINT)

        assert supervisor.wait(PATIENCE.total_seconds()) == 0
        assert not is_running(pid)


@pytest.mark.parametrize("code", [WAITS, DEAF, PARENT])
def test_a_supervisor_killed_with_9_leaves_nothing(code: str) -> None:
    with program(supervising(code)) as supervisor:
        pids = [int(next_line(supervisor, "ready").split()[-1])]
        if code is PARENT:
            pids.append(int(next_line(supervisor, "grandchild").split()[-1]))
        supervisor.kill()
        supervisor.wait(PATIENCE.total_seconds())

    wait_gone(*pids)


def test_the_guardian_ends_with_its_supervisor() -> None:
    with Supervisor([child("a", WAITS)], Lines()) as supervisor:
        guardian = supervisor._guardian
        assert guardian
        assert is_running(guardian.pid)

    assert not is_running(guardian.pid)
