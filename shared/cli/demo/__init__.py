"""`dropline demo`: the main job on the sandbox, from a file to what became of every post."""

from datetime import timedelta
from typing import Annotated

import typer

from shared.cli.demo.live import watch
from shared.cli.demo.stage import Stage, stage
from shared.cli.demo.telling import tell_outcome
from shared.cli.demo.verdict import Verdict, judge
from shared.cli.exits import ExitCode, tell
from shared.cli.session import new_app
from shared.cli.signals import interrupted_by_signals
from shared.cli.waiting import LONGEST_WAIT_S
from shared.producer import Submission

app = new_app()

CAMPAIGN = "demo"

Timeout = Annotated[
    float,
    typer.Option("--timeout", min=1, max=LONGEST_WAIT_S, metavar="SECONDS"),
]


@app.command()
def demo(timeout: Timeout = 180) -> None:
    """Publish the sample campaign on the sandbox of all four providers."""
    with interrupted_by_signals():
        verdict = _play(timedelta(seconds=timeout))
    if verdict.surprises:
        raise typer.Exit(ExitCode.JOBS_FAILED)


def _play(within: timedelta) -> Verdict:
    tell("starting Redis, the sandbox, worker, scheduler and beat ...")
    with stage() as on:
        submission = load(on)
        tell(f"loaded {len(submission.added)} posts from the sample campaign")
        jobs = watch(on.parts, CAMPAIGN, within)
        verdict = judge(jobs, on.stored())
        tell_outcome(on.parts, jobs, verdict)
    return verdict


def load(on: Stage) -> Submission:
    """Load the sample file as `campaign load` would."""
    return on.parts.producer.submit(on.rows(), campaign=CAMPAIGN, by="demo")
