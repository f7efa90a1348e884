"""The platforms' caps: those that `caps.toml` beside this file lists, under those of the user."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import ValidationError

from shared.domain.cap import Cap
from shared.domain.post import Kind
from shared.errors import ConfigurationError
from shared.settings.policies import Count, Strict, UnitTable

_UNITS = frozenset({"requests", "posts", "containers"})


class WholeCap(UnitTable):
    """`[caps.<name>]`, complete."""

    platform: str
    kinds: frozenset[Kind] = frozenset()
    source: str = "dropline.toml"

    def cap(self, name: str) -> Cap:
        limit = self.account_limit()
        return Cap(
            name=name, platform=self.platform, kinds=self.kinds, limit=limit, source=self.source
        )


class CapChange(Strict):
    """`[caps.<name>]` as a user writes it: over the listed cap of that name, or a new one."""

    off: bool = False
    platform: str | None = None
    kinds: list[Kind] | None = None
    requests: Count | None = None
    posts: Count | None = None
    containers: Count | None = None
    per: str | int | float | None = None
    window: str | None = None
    zone: str | None = None
    source: str | None = None

    def over(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the listed cap with what is written here in its place."""
        written = self.model_dump(exclude_none=True, exclude={"off"})
        if _UNITS & written.keys():
            known = {key: value for key, value in known.items() if key not in _UNITS}
        return {**known, **({"source": "dropline.toml"} if written else {}), **written}


def caps_in_force(changes: Mapping[str, CapChange]) -> tuple[Cap, ...]:
    """Return every cap; ConfigurationError names each change that makes none."""
    tables: dict[str, Mapping[str, Any]] = {
        name: changes[name].over(_listed().get(name, {})) if name in changes else _listed()[name]
        for name in dict.fromkeys([*_listed(), *changes])
        if name not in changes or not changes[name].off
    }
    problems: list[str] = []
    caps: list[Cap] = []
    for name, table in tables.items():
        try:
            caps.append(WholeCap.model_validate(table).cap(name))
        except ValidationError as wrong:
            problems += [_problem(name, dict(each)) for each in wrong.errors(include_url=False)]
    if problems:
        raise ConfigurationError("the caps are not usable", problems)
    return tuple(caps)


@cache
def _listed() -> Mapping[str, Mapping[str, Any]]:
    text = (files("shared.settings") / "caps.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _problem(name: str, error: Mapping[str, Any]) -> str:
    place = ".".join(str(part) for part in ("caps", name, *error["loc"]))
    if error["type"] == "missing":
        return f"{place}: is missing; known caps are {', '.join(_listed())}"
    return f"{place}: {str(error['msg']).removeprefix('Value error, ')}"
