from django.apps import AppConfig


class PerfEvalConfig(AppConfig):
    name = "perfeval"
    verbose_name = "人员与系统"
    default_auto_field = "django.db.models.BigAutoField"
