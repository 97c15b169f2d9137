from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    name = "indicators"
    verbose_name = "绩效指标与自评"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from indicators.project_scheme import tell_money_unit
        from indicators.services import follow_project
        from indicators.telling import listen
        from perfeval.audit_words import tells_of
        from projects.signals import asking_money_unit, project_changed

        project_changed.connect(follow_project)
        asking_money_unit.connect(tell_money_unit)
        listen()
        tells_of(
            indicator="indicators.indicator",
            target="indicators.targetadjustment indicators.indicator",
            targets="indicators.indicator",
            review="indicators.indicatorresult",
            comment="indicators.itemcomment",
            evidence="indicators.evidence",
            part="indicators.partassignment",
            **{
                "task.levels": "indicators.tasklevel",
                "task.rules": "indicators.materialrule",
            },
        )
