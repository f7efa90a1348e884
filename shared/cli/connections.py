"""`dropline connections`: stops, resumes and cancels what goes by one credential."""

from shared.cli.cancelling import cancel_connection
from shared.cli.pausing import pause_connection, resume_connection
from shared.cli.session import new_app

app = new_app()

app.command("pause")(pause_connection)
app.command("resume")(resume_connection)
app.command("cancel")(cancel_connection)
