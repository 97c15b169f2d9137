"""Addresses of indicators (绩效目标) and self-assessments (绩效自评), from the root."""

from django.urls import path

from indicators.views import (
    adjustments,
    approval,
    assessments,
    campaign,
    changes,
    comments,
    evidence,
    library,
    live_score,
    narratives,
    parts,
    picking,
    proposals,
    shares,
    sheet,
    target_import,
    targets,
    tasks,
    trail,
    versions,
)

app_name = "indicators"

urlpatterns = [
    *target_import.TARGET_PAGES.urls("projects/imports/targets/", "target_import"),
    path("tasks/", tasks.task_list, name="tasks"),
    path("tasks/add/", tasks.task_add, name="task_add"),
    path("tasks/holidays/", tasks.holiday_list, name="holidays"),
    path(
        "tasks/holidays/<int:pk>/delete/", tasks.holiday_delete, name="holiday_delete"
    ),
    path("tasks/<int:pk>/", tasks.task_detail, name="task"),
    path("tasks/<int:pk>/edit/", tasks.task_edit, name="task_edit"),
    path("tasks/<int:pk>/close/", tasks.task_close, name="task_close"),
    path("tasks/<int:pk>/reopen/", tasks.task_reopen, name="task_reopen"),
    path("tasks/<int:pk>/attachments/", tasks.task_attach, name="task_attach"),
    path(
        "tasks/<int:pk>/attachments/<int:attachment_pk>/",
        tasks.task_attachment,
        name="task_attachment",
    ),
    path(
        "tasks/<int:pk>/attachments/<int:attachment_pk>/delete/",
        tasks.task_detach,
        name="task_detach",
    ),
    path("tasks/<int:pk>/choose/", campaign.task_choose, name="task_choose"),
    path("tasks/<int:pk>/confirm/", campaign.task_confirm, name="task_confirm"),
    path("tasks/<int:pk>/send/", campaign.task_send, name="task_send"),
    path("tasks/<int:pk>/projects/", campaign.task_projects, name="task_projects"),
    path("tasks/<int:pk>/projects/<slug:action>/", campaign.task_act, name="task_act"),
    path("tasks/<int:pk>/extend/", campaign.task_extend, name="task_extend"),
    path(
        "tasks/<int:pk>/departments/<int:department_pk>/",
        campaign.task_passing,
        name="task_passing",
    ),
    path("tasks/<int:pk>/overdue/", campaign.task_overdue, name="task_overdue"),
    path("tasks/<int:pk>/overdue/urge/", campaign.task_urge, name="task_urge"),
    path("assessments/", assessments.assessment_list, name="list"),
    path("assessments/<int:pk>/", assessments.assessment_detail, name="detail"),
    path("assessments/<int:pk>/trail/", trail.trail, name="trail"),
    path("assessments/<int:pk>/notice/", assessments.assessment_notice, name="notice"),
    path(
        "assessments/<int:pk>/results/<int:result_pk>/",
        assessments.edit_result,
        name="result",
    ),
    path(
        "assessments/<int:pk>/results/<int:result_pk>/score/",
        live_score.score_result,
        name="result_score",
    ),
    path(
        "assessments/<int:pk>/results/<int:result_pk>/row/",
        assessments.result_row,
        name="result_row",
    ),
    path("assessments/<int:pk>/sections/", narratives.narratives, name="narratives"),
    path(
        "assessments/<int:pk>/sections/<slug:key>/",
        narratives.edit_narrative,
        name="narrative",
    ),
    path(
        "assessments/<int:pk>/comments/<int:comment_pk>/answer/",
        comments.answer,
        name="answer",
    ),
    path("assessments/<int:pk>/parts/", parts.part_list, name="parts"),
    path(
        "assessments/<int:pk>/parts/<int:assignment_pk>/take-back/",
        parts.part_take_back,
        name="part_take_back",
    ),
    path("assessments/<int:pk>/evidence/", evidence.evidence_list, name="evidence"),
    path(
        "assessments/<int:pk>/evidence/<int:evidence_pk>/",
        evidence.evidence_detail,
        name="evidence_file",
    ),
    path(
        "assessments/<int:pk>/evidence/<int:evidence_pk>/download/",
        evidence.evidence_download,
        name="evidence_download",
    ),
    path(
        "assessments/<int:pk>/evidence/<int:evidence_pk>/preview/",
        evidence.evidence_preview,
        name="evidence_preview",
    ),
    path(
        "assessments/<int:pk>/evidence/<int:evidence_pk>/supersede/",
        evidence.evidence_supersede,
        name="evidence_supersede",
    ),
    path(
        "assessments/<int:pk>/evidence/<int:evidence_pk>/remove/",
        evidence.evidence_remove,
        name="evidence_remove",
    ),
    path(
        "assessments/<int:pk>/sections/<slug:key>/versions/",
        versions.versions,
        name="versions",
    ),
    path(
        "assessments/<int:pk>/sections/<slug:key>/versions/<int:version_pk>/restore/",
        versions.restore,
        name="version_restore",
    ),
    path(
        "assessments/<int:pk>/sections/<slug:key>/draft/",
        narratives.draft,
        name="narrative_draft",
    ),
    path("projects/<int:project_pk>/indicators/", targets.targets, name="targets"),
    path(
        "projects/<int:project_pk>/indicators/add/",
        targets.indicator_add,
        name="indicator_add",
    ),
    path(
        "projects/<int:project_pk>/indicators/fill/",
        targets.targets_fill,
        name="targets_fill",
    ),
    path(
        "projects/<int:project_pk>/indicators/reading/",
        targets.target_reading,
        name="target_reading",
    ),
    path("projects/<int:project_pk>/indicators/sheet/", sheet.sheet, name="sheet"),
    path(
        "projects/<int:project_pk>/indicators/sheet/rows/",
        sheet.sheet_row,
        name="sheet_add",
    ),
    path(
        "projects/<int:project_pk>/indicators/sheet/rows/<int:pk>/",
        sheet.sheet_row,
        name="sheet_row",
    ),
    path(
        "projects/<int:project_pk>/indicators/sheet/rows/<int:pk>/delete/",
        sheet.sheet_delete,
        name="sheet_delete",
    ),
    path(
        "projects/<int:project_pk>/indicators/sheet/rows/<int:pk>/move/",
        sheet.sheet_move,
        name="sheet_move",
    ),
    path(
        "projects/<int:project_pk>/indicators/sheet/reading/",
        sheet.sheet_reading,
        name="sheet_reading",
    ),
    path(
        "projects/<int:project_pk>/indicators/sheet/weights/",
        sheet.sheet_weights,
        name="sheet_weights",
    ),
    path(
        "projects/<int:project_pk>/indicators/restore/",
        sheet.indicator_restore,
        name="indicator_restore",
    ),
    path(
        "projects/<int:project_pk>/indicators/paste/",
        proposals.indicator_paste,
        name="paste",
    ),
    path(
        "projects/<int:project_pk>/indicators/proposals/",
        proposals.proposals_save,
        name="proposals_save",
    ),
    path(
        "projects/<int:project_pk>/indicators/library/",
        picking.library_pick,
        name="library_pick",
    ),
    path(
        "projects/<int:project_pk>/indicators/copy/",
        picking.targets_copy,
        name="targets_copy",
    ),
    path("indicators/library/", library.library, name="library"),
    path("indicators/library/add/", library.library_add, name="library_add"),
    path("indicators/library/<int:pk>/", library.library_edit, name="library_edit"),
    *library.LIBRARY_PAGES.urls("indicators/library/import/", "library_import"),
    path(
        "projects/<int:project_pk>/indicators/<int:pk>/",
        targets.indicator_edit,
        name="indicator_edit",
    ),
    path(
        "projects/<int:project_pk>/indicators/<int:pk>/delete/",
        targets.indicator_delete,
        name="indicator_delete",
    ),
    path(
        "projects/<int:project_pk>/indicators/<int:pk>/move/",
        targets.indicator_move,
        name="indicator_move",
    ),
    path(
        "projects/<int:project_pk>/indicators/<int:pk>/adjust/",
        adjustments.adjust,
        name="adjust",
    ),
    path("adjustments/<int:pk>/", adjustments.adjustment, name="adjustment"),
    path(
        "adjustments/<int:pk>/withdraw/",
        adjustments.adjustment_withdraw,
        name="adjustment_withdraw",
    ),
    path(
        "adjustments/<int:pk>/attachment/",
        adjustments.adjustment_attachment,
        name="adjustment_attachment",
    ),
    path("indicators/approval/", approval.approval, name="approval"),
    path("changes/", changes.change_list, name="changes"),
    path("assessments/<int:pk>/shares/", shares.shares, name="shares"),
    path(
        "assessments/<int:pk>/shares/<int:unit_pk>/",
        shares.share_fill,
        name="share_fill",
    ),
]
