from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from perfeval.apps import FilesOnlyConfig
from reports.rendering.fonts import FontFolders, use_folders


def use_settings() -> None:
    """Tell the renderers, which know no settings, where the fonts are."""
    office = settings.OFFICE_FONT_DIR
    use_folders(
        FontFolders(
            fonts=Path(settings.FONT_DIR),
            cache=Path(settings.VAR_DIR) / "fontconfig",
            office=Path(office) if office else None,
        )
    )


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = "绩效自评报告"
    default_auto_field = "django.db.models.BigAutoField"
    default = True

    def ready(self) -> None:
        from reports.batches.kinds import register_jobs

        use_settings()
        register_jobs()


class ReportsFilesOnlyConfig(FilesOnlyConfig):
    name = "reports"

    def ready(self) -> None:
        use_settings()
