"""`dropline db`: the schema of the database."""

from shared.cli.output import emit
from shared.cli.session import Json, new_app, open_parts

app = new_app()


@app.command()
def upgrade(as_json: Json = False) -> None:
    """Bring the schema to what this version needs; does no harm when it is there."""
    with open_parts(schema=False) as parts:
        before = parts.ledger.schema.current()
        revision = parts.ledger.schema.upgrade()
    if as_json:
        emit({"revision": revision, "before": before})
    elif before == revision:
        print(f"the schema is at revision {revision} already")
    else:
        print(f"the schema is at revision {revision} now")


@app.command()
def check(as_json: Json = False) -> None:
    """Say whether the schema is what this version needs; exit 5 when it is not."""
    with open_parts() as parts:
        revision = parts.ledger.schema.head()
    if as_json:
        emit({"revision": revision})
    else:
        print(f"the schema is at revision {revision}, as this version needs it")
