"""The base of the ledger's parts, whose public methods are one transaction each."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from shared.ledger.database import Database

Self = TypeVar("Self", bound="Book")
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


class Book:
    """One part of the ledger; its private functions are given the transaction as `tx`."""

    def __init__(self, database: Database) -> None:
        self._database = database


def reading(
    method: Callable[Concatenate[Self, Connection, Arguments], Result],
) -> Callable[Concatenate[Self, Arguments], Result]:
    """Run a method in a transaction of its own that only reads."""

    @wraps(method)
    def transaction(self: Self, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return self._database.read(lambda tx: method(self, tx, *args, **kwargs))

    return transaction


def writing(
    method: Callable[Concatenate[Self, Connection, Arguments], Result],
) -> Callable[Concatenate[Self, Arguments], Result]:
    """Run a method in a transaction of its own, all of it or nothing."""

    @wraps(method)
    def transaction(self: Self, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        return self._database.write(lambda tx: method(self, tx, *args, **kwargs))

    return transaction
