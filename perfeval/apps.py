from django.apps import AppConfig


class PerfEvalConfig(AppConfig):
    name = "perfeval"
    verbose_name = "人员与系统"
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        from perfeval import checks  # noqa: F401 (registers them)
        from perfeval.access_log import listen

        listen()


class FilesOnlyConfig(AppConfig):
    """An app without its models, for the commands that work on files alone.

    Its templates, template tags and commands are there; importing its models fails.
    """

    label: str

    def import_models(self) -> None:
        self.models = {}


class PerfEvalFilesOnlyConfig(FilesOnlyConfig):
    name = "perfeval"
