"""The tables of files at providers, private to the ledger too."""

from datetime import datetime

from sqlmodel import Field

from shared.ledger.columns import Instant, Words
from shared.ledger.tables import Base


class MediaRow(Base, table=True):
    """One file at one connection: what the provider calls it, or who uploads it now."""

    __tablename__ = "media"

    connection: str = Field(primary_key=True)
    content: str = Field(primary_key=True)
    #: None = it is being uploaded, or the provider has forgotten it.
    media_id: str | None = Field(default=None, sa_type=Words)
    ready: bool
    uploaded_at: datetime | None = Field(default=None, sa_type=Instant)
    expires_at: datetime | None = Field(default=None, sa_type=Instant)
    taken_by: str | None = None
    taken_until: datetime | None = Field(default=None, sa_type=Instant)


class MediaSourceRow(Base, table=True):
    """What an address or a path, of which only a digest is kept, led to when it was last read."""

    __tablename__ = "media_source"

    source: str = Field(primary_key=True)
    content: str
    read_at: datetime = Field(sa_type=Instant)


media = Base.metadata.tables["media"]
media_source = Base.metadata.tables["media_source"]
