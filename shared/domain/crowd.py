"""How many jobs go before one, where campaigns take turns by their weights."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """So many due jobs of one campaign, on so many lanes, that share a lane or a connection."""

    campaign_id: int
    weight: int
    jobs: int
    lanes: int = 1

    def with_(self, other: "Crowd") -> "Crowd":
        """Return the two as one."""
        return replace(self, jobs=self.jobs + other.jobs, lanes=self.lanes + other.lanes)


def before_in_lane(own: int, campaign_id: int, crowds: Iterable[Crowd]) -> int:
    """Return how many of a lane go before a job that has `own` of its campaign before it there.

    For each turn of its campaign the others have turns in proportion to their weights; who
    begins is left to chance, and the others are thought to.
    """
    found = {each.campaign_id: each for each in crowds}
    mine = found.pop(campaign_id, None)
    return own + _others(own + 1, 1 if mine is None else mine.weight, found.values())


def before_at_connection(own: int, campaign_id: int, crowds: Iterable[Crowd]) -> int:
    """Return how many of a connection go before it; the lanes of a campaign take turns too."""
    found = {each.campaign_id: each for each in crowds}
    mine = found.pop(campaign_id, None)
    if mine is None:
        return own + _others(own + 1, 1, found.values())
    ours = max(own, min(mine.jobs - 1, own + (own + 1) * (mine.lanes - 1)))
    return ours + _others(ours + 1, mine.weight, found.values())


def gone_when_done(campaign_id: int, crowds: Iterable[Crowd]) -> int:
    """Return how many have gone when the last job of a campaign goes."""
    found = {each.campaign_id: each for each in crowds}
    mine = found.pop(campaign_id, None)
    return 0 if mine is None else mine.jobs + _others(mine.jobs, mine.weight, found.values())


def gathered(crowds: Iterable[Crowd]) -> list[Crowd]:
    """Return one crowd for each campaign, of all its lanes together."""
    found: dict[int, Crowd] = {}
    for each in crowds:
        known = found.get(each.campaign_id)
        found[each.campaign_id] = each if known is None else known.with_(each)
    return list(found.values())


def _others(turns: int, weight: int, crowds: Iterable[Crowd]) -> int:
    return sum(min(each.jobs, turns * each.weight // weight) for each in crowds)
