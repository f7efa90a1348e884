"""Finds the provider sandboxes: every module of this folder that defines one."""

import importlib
import inspect
import pkgutil

import shared.sandbox as folder
from shared.sandbox.port import ProviderSandbox


def provider_sandboxes() -> list[type[ProviderSandbox]]:
    found: dict[str, type[ProviderSandbox]] = {}
    for module in pkgutil.iter_modules(folder.__path__):
        if module.name != "__main__":
            for provider in _defined_in(f"{folder.__name__}.{module.name}"):
                found[provider.name] = provider
    return [found[name] for name in sorted(found)]


def _defined_in(module_name: str) -> list[type[ProviderSandbox]]:
    members = vars(importlib.import_module(module_name)).values()
    return [
        member
        for member in members
        if inspect.isclass(member)
        and issubclass(member, ProviderSandbox)
        and not inspect.isabstract(member)
        and (member.__module__ + ".").startswith(module_name + ".")
    ]
