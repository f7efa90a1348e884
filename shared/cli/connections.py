"""`dropline connections`: stops and resumes what goes by one credential."""

from shared.cli.pausing import pause_connection, resume_connection
from shared.cli.session import new_app

app = new_app()

app.command("pause")(pause_connection)
app.command("resume")(resume_connection)
