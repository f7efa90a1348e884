"""The providers, found by discovery: a module here that defines a Provider is one."""

import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from functools import cache

from shared.errors import UnknownName
from shared.provider import Provider


@cache
def providers() -> Mapping[str, Provider]:
    """Return every provider by its name, in the order of the names."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        for thing in vars(importlib.import_module(f"{__name__}.{module.name}")).values():
            if _is_provider(thing):
                found[thing.name] = thing()
    return dict(sorted(found.items()))


def provider_named(name: str) -> Provider:
    """Return the provider, or raise UnknownName listing those that exist."""
    known = providers()
    if name not in known:
        raise UnknownName(f"there is no provider {name!r}; known are {', '.join(known)}")
    return known[name]


def _is_provider(thing: object) -> bool:
    return inspect.isclass(thing) and issubclass(thing, Provider) and not inspect.isabstract(thing)
