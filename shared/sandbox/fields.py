"""Reads a JSON body strictly: types, lengths, choices, and no field that nobody knows."""

from collections.abc import Callable, Collection
from typing import Any

from shared.sandbox.exchange import Answer, Json, RefusedError, Request


class Fields:
    """One JSON object of a request; the first thing wrong leaves the route with `refuse`."""

    def __init__(self, body: Any, refuse: Callable[[str], Answer], where: str = "body") -> None:
        self._refuse = refuse
        self._where = where
        self._seen: set[str] = set()
        if not isinstance(body, dict):
            raise RefusedError(refuse(f"{where} must be a JSON object"))
        self._body: Json = body

    @classmethod
    def of(cls, request: Request, refuse: Callable[[str], Answer]) -> "Fields":
        try:
            return cls(request.json(), refuse)
        except ValueError:
            raise RefusedError(refuse("body must be valid JSON")) from None

    def wrong(self, message: str) -> RefusedError:
        return RefusedError(self._refuse(message))

    def text(self, name: str, longest: int | None = None, *, required: bool = False) -> str | None:
        value: str | None = self._typed(name, str, "a string", required=required)
        if value is not None and longest is not None and units(value) > longest:
            raise self.wrong(f"{name} must be at most {longest} characters")
        return value

    def needed(self, name: str) -> str:
        value = self.text(name, required=True)
        if not value:
            raise self.wrong(f"{name} is required")
        return value

    def texts(self, name: str) -> list[str]:
        value: list[Any] | None = self._typed(name, list, "an array", required=True)
        if value is None or not all(isinstance(entry, str) for entry in value):
            raise self.wrong(f"{name} must be an array of strings")
        return value

    def listed(self, name: str) -> list[Any] | None:
        value: list[Any] | None = self._typed(name, list, "an array")
        return value

    def choice(self, name: str, allowed: Collection[str], default: str | None) -> str | None:
        value = self.text(name)
        if value is not None and value not in allowed:
            raise self.wrong(f"Invalid {name}: expected one of {', '.join(sorted(allowed))}")
        return default if value is None else value

    def flag(self, name: str, default: bool | None = None) -> bool | None:  # noqa: FBT001
        value = self._typed(name, bool, "a boolean")
        return default if value is None else value

    def number(self, name: str, default: int | None = None) -> int | None:
        value = self._typed(name, int, "a number")
        if isinstance(value, bool):
            raise self.wrong(f"{name} must be a number")
        return default if value is None else value

    def group(self, name: str) -> "Fields":
        """Open a nested object; an absent one is empty."""
        value = self._typed(name, dict, "an object")
        return Fields(value or {}, self._refuse, name)

    def given(self, name: str) -> bool:
        return self._body.get(name) is not None

    def close(self) -> None:
        """Refuse what nobody asked for by name."""
        unknown = sorted(set(self._body) - self._seen)
        if unknown:
            raise self.wrong(f"Unrecognized fields in {self._where}: {', '.join(unknown)}")

    def _typed(self, name: str, kind: type, words: str, *, required: bool = False) -> Any:
        self._seen.add(name)
        value = self._body.get(name)
        if value is None and required:
            raise self.wrong(f"{name} is required")
        if value is not None and not isinstance(value, kind):
            raise self.wrong(f"{name} must be {words}")
        return value


def units(text: str) -> int:
    """Count as the platforms do: in UTF-16 units, so most emoji are two."""
    return len(text.encode("utf-16-le")) // 2
