from django.apps import AppConfig

from perfeval.apps import FilesOnlyConfig


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "绩效自评报告"
    default_auto_field = "django.db.models.BigAutoField"
    default = True


class ReportsFilesOnlyConfig(FilesOnlyConfig):
    name = "reports"
