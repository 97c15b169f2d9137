"""Commands; FILE_COMMANDS need no database and start without the models."""

FILE_COMMANDS = (
    "read_report",
    "read_form",
    "score_report",
    "check_report",
    "render_report",
)
