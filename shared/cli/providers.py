"""`dropline providers`: what each provider can do; asks nobody."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from shared.cli.cancelling import cancel_provider
from shared.cli.output import emit, show_table, shown
from shared.cli.pausing import pause_provider, resume_provider
from shared.cli.session import Json, new_app
from shared.cli.shapes import Shape, limit_shape
from shared.domain.capabilities import Shape as PostShape
from shared.domain.limit import Limit
from shared.provider import Provider
from shared.providers import provider_named
from shared.providers import providers as all_providers


class _ShowUnlessNamed(TyperGroup):
    """A group whose first word may be a provider: then that one is shown."""

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = new_app()
app.info.cls = _ShowUnlessNamed
app.command("pause")(pause_provider)
app.command("resume")(resume_provider)
app.command("cancel")(cancel_provider)

Name = Annotated[str | None, typer.Argument(metavar="[PROVIDER]", help="Only this one.")]


@app.command("show")
def providers(name: Name = None, as_json: Json = False) -> None:
    """Show what each provider can do, and its limits; `show` may be left out."""
    chosen = [provider_named(name)] if name else list(all_providers().values())
    if as_json:
        for provider in chosen:
            emit(_shape(provider))
        return
    columns = ("provider", "platform", "kind", "media", "caption", "inbox", "options")
    show_table(columns, [line for provider in chosen for line in _lines(provider)])
    for provider in chosen:
        _say_more(provider)


def _lines(provider: Provider) -> Iterator[tuple[object, ...]]:
    for (platform, kind), shape in provider.capabilities.shapes.items():
        caption = "-" if shape.caption_max is None else f"{shape.caption_max} {shape.caption_unit}"
        options = " ".join(sorted(shape.options)) or None
        yield provider.name, platform, kind, _media(shape), caption, shape.inbox, options


def _media(shape: PostShape) -> str:
    if shape.media_min == shape.media_max:
        return str(shape.media_min)
    return f"{shape.media_min}-{shape.media_max}"


def _say_more(provider: Provider) -> None:
    capabilities = provider.capabilities
    able = {"cancel": capabilities.cancel, "history": capabilities.history}
    print(f"\n{provider.name} at {provider.base_url}")
    print(f"  media by {', '.join(sorted(capabilities.sources))}")
    print("  " + ", ".join(f"{word}: {shown(can)}" for word, can in able.items()))
    print(f"  a lost answer leads to: {capabilities.lost_answer}")
    for limit in provider.limits:
        print(f"  at most {_limit(limit)}")
    for note in capabilities.notes:
        print(f"  note: {note}")


def _limit(limit: Limit) -> str:
    calls = f" ({', '.join(sorted(limit.calls))})" if limit.calls else ""
    per = f"{limit.requests} {limit.unit} in {shown(limit.per)}"
    return f"{per}, {limit.window}, per {limit.reach}{calls}, {limit.source}"


def _shape(provider: Provider) -> Shape:
    capabilities = provider.capabilities
    return {
        "provider": provider.name,
        "base_url": provider.base_url,
        "platforms": list(capabilities.platforms),
        "sources": sorted(capabilities.sources),
        "lost_answer": str(capabilities.lost_answer),
        "cancel": capabilities.cancel,
        "history": capabilities.history,
        "status_batch": capabilities.status_batch,
        "shapes": [
            {"platform": platform, "kind": str(kind), **_post_shape(shape)}
            for (platform, kind), shape in capabilities.shapes.items()
        ],
        "limits": [limit_shape(limit) for limit in provider.limits],
        "notes": list(capabilities.notes),
    }


def _post_shape(shape: PostShape) -> Shape:
    return {
        "media_min": shape.media_min,
        "media_max": shape.media_max,
        "mixing": shape.mixing,
        "formats": sorted(shape.formats),
        "caption_max": shape.caption_max,
        "caption_unit": str(shape.caption_unit),
        "title_max": shape.title_max,
        "alt_text_max": shape.alt_text_max,
        "inbox": shape.inbox,
        "options": sorted(shape.options),
        "required_options": sorted(shape.required_options),
    }
