from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "项目"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from perfeval.audit_words import tells_of

        tells_of(
            funding="projects.fundingline",
            correction="projects.amountcorrection",
            status="projects.statuschange",
        )
