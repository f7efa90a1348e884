"""What an address of the database says beside its place: options that its driver must know."""

import warnings
from inspect import signature

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import ArgumentError, SAWarning

from shared.errors import ConfigurationError

#: Options that psycopg keeps to itself; all others are libpq's.
_OF_PYTHON = frozenset(signature(psycopg.Connection.connect).parameters)


def require_options(url: str) -> None:
    """Raise ConfigurationError where the driver would refuse an option; connects to nothing.

    An address that is none at all is left to the ledger, which knows what it takes.
    """
    if "?" not in url:
        return
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        return
    is_postgres = address.get_backend_name() == "postgresql"
    if is_postgres:
        address = address.set(drivername="postgresql+psycopg")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SAWarning)  # of options that would be left out
            _, options = create_engine(address).dialect.create_connect_args(address)
        if is_postgres:
            make_conninfo("", **{name: options[name] for name in {*address.query} - _OF_PYTHON})
    except (ArgumentError, ImportError):
        return
    except (ValueError, SAWarning, psycopg.Error):
        named = ", ".join(address.query)
        raise ConfigurationError(
            f"DROPLINE_DATABASE_URL has an option that is none, or a value it cannot have: {named}"
        ) from None
