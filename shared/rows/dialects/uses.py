"""What a column of another tool's table is for, here."""

from enum import Enum, auto


class Use(Enum):
    """One meaning of a cell."""

    TIME = auto()
    TEXT = auto()
    #: The text of the post, then after two bars the captions of its pictures.
    TEXT_AND_CAPTIONS = auto()
    TITLE = auto()
    #: Addresses that go with the text.
    LINK = auto()
    MEDIA = auto()
    ALT_TEXTS = auto()
    PLATFORMS = auto()
    PROFILES = auto()
    ZONE = auto()
    KIND = auto()
    #: Yes or no: at once, into a queue's next slot, not at all.
    NOW = auto()
    QUEUE = auto()
    DRAFT = auto()
    #: Dropline has nothing like it.
    NOTHING = auto()


#: Of these a table may have several columns, whose cells count together.
SEVERAL = frozenset({Use.LINK, Use.MEDIA, Use.PLATFORMS, Use.PROFILES, Use.NOTHING})
