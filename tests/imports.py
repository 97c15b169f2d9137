"""Workbooks for imports, and the way from an upload to what it would write."""

import io
import zipfile

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from perfeval.models import DataImport


def one_sheet(*rows, name="Sheet1"):
    """A workbook with one sheet of these rows."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    for row in rows:
        sheet.append(row)
    return book


def packed(book):
    if isinstance(book, bytes):
        return book
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


def with_part(content, part, change):
    """The file with one of its parts changed, as other programs write it."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts[part] = change(parts[part])
    new = io.BytesIO()
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return new.getvalue()


def upload(client, urls, book, name="项目表.xlsx"):
    file = SimpleUploadedFile(name, packed(book))
    return client.post(reverse(urls), {"file": file})


def looked_through(client, urls, book, name="项目表.xlsx"):
    """Upload a workbook; return its plan as the preview shows it."""
    answered = upload(client, urls, book, name)
    assert answered.status_code == 302, answered.context["form"].errors
    return client.get(answered.url).context["plan"]


def save(client, urls, plan):
    address = reverse(f"{urls}_save", args=[last_import().pk])
    return client.post(address, {"digest": plan.digest})


def imported(client, urls, book, name="项目表.xlsx"):
    """Look through and write; return the plan, which must be without problems."""
    plan = looked_through(client, urls, book, name)
    assert plan.problems == []
    answered = save(client, urls, plan)
    assert answered.status_code == 302
    return plan


def last_import():
    return DataImport.objects.latest("pk")


def told(plan):
    """The reasons by cell: {C12: 没有填写项目编码}."""
    return {each.place: each.reason for each in plan.problems}
