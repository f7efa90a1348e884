"""From method and path to the route that answers, with the path's parameters decoded."""

from collections.abc import Sequence
from urllib.parse import unquote

from shared.sandbox.port import Route


def find_route(
    routes: Sequence[Route], method: str, path: str
) -> tuple[Route, dict[str, str]] | None:
    """Take the first route that fits: a table has fixed segments before templates."""
    segments = path.strip("/").split("/")
    for route in routes:
        params = _fit(route.template.strip("/").split("/"), segments)
        if route.method == method and params is not None:
            return route, params
    return None


def _fit(template: list[str], segments: list[str]) -> dict[str, str] | None:
    if len(template) != len(segments):
        return None
    params = {}
    for wanted, given in zip(template, segments, strict=True):
        if wanted.startswith("{"):
            params[wanted[1:-1]] = unquote(given)
        elif wanted != unquote(given):
            return None
    return params
