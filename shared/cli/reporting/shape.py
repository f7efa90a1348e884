"""A report as JSON; scripts hold on to its keys."""

from shared.cli.output import instant
from shared.cli.reporting.causes import cause_shape
from shared.cli.reporting.figures import STRETCHES, Figures, counts_of, lateness_of
from shared.cli.shapes import Shape, counts_shape, lateness_shape, window_shape


def report_shape(figures: Figures) -> Shape:
    retries = figures.retries
    windows = figures.windows
    return figures.seen.shape() | {
        "at": instant(figures.at),
        "providers": [
            {
                "provider": provider,
                "counts": counts_shape(counts_of(jobs)),
                "lateness_s": lateness_shape(lateness_of(jobs)),
            }
            for provider, jobs in figures.providers.items()
        ],
        "accounts": [
            {
                "provider": provider,
                "connection": connection,
                "account": account,
                "username": figures.name_of((provider, connection, account)) or None,
                "counts": counts_shape(counts_of(jobs)),
                "lateness_s": lateness_shape(lateness_of(jobs)),
            }
            for (provider, connection, account), jobs in figures.accounts.items()
        ],
        "failures": [
            {"class": error_class, "code": code, "count": count}
            for error_class, code, count in figures.faults
        ],
        "causes": [cause_shape(each) for each in figures.causes],
        "lateness_s": lateness_shape(lateness_of(figures.jobs)),
        "retries": {
            "jobs": retries.jobs,
            "succeeded": retries.succeeded,
            "attempts": retries.attempts,
            "deferrals": retries.deferrals,
        },
        "publish_calls": [
            {
                "connection": each.connection,
                "account": each.account,
                "calls": each.calls,
                "most_in": {
                    str(int(per.total_seconds())): most
                    for per, most in zip(STRETCHES, each.most, strict=True)
                },
            }
            for each in figures.use
        ],
        "limits": None if windows is None else [window_shape(each) for each in windows],
        "links": [
            {
                "id": each.id,
                "ref": each.ref,
                "account": each.account_id,
                "permalink": each.permalink,
            }
            for each in figures.links
        ],
    }
