"""Addresses of people, below /people/."""

from django.urls import path

from indicators.views import handover, people
from projects.views import people_import

app_name = "people"

urlpatterns = [
    path("", people.person_list, name="list"),
    path("add/", people.person_add, name="add"),
    path("passwords/", people_import.initial_passwords, name="passwords"),
    path("passwords/again/", people.passwords_again, name="passwords_again"),
    path("import/", people_import.people_import, name="import"),
    path(
        "import/template.xlsx",
        people_import.people_import_template,
        name="import_template",
    ),
    path(
        "import/<int:pk>/", people_import.people_import_preview, name="import_preview"
    ),
    path(
        "import/<int:pk>/marked.xlsx",
        people_import.people_import_marked,
        name="import_marked",
    ),
    path("import/<int:pk>/save/", people_import.people_import_save, name="import_save"),
    path("roles/<int:pk>/end/", people.role_end, name="role_end"),
    path("deputies/", handover.deputies, name="deputies"),
    path("deputies/<int:pk>/end/", handover.deputy_end, name="deputy_end"),
    path("handovers/<int:pk>/", handover.handover_list, name="handover_list"),
    path("<int:pk>/handover/", handover.person_handover, name="handover"),
    path("<int:pk>/", people.person_detail, name="detail"),
    path("<int:pk>/edit/", people.person_edit, name="edit"),
    path("<int:pk>/roles/add/", people.role_add, name="role_add"),
    path("<int:pk>/deactivate/", people.person_deactivate, name="deactivate"),
    path("<int:pk>/reactivate/", people.person_reactivate, name="reactivate"),
    path("<int:pk>/password/", people.person_password, name="password"),
]
