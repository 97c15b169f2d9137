"""The batch that writes a long list as a file: what its page answers with file=xlsx."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict, StreamingHttpResponse
from django.urls import Resolver404, resolve

from perfeval.files import store_path
from perfeval.lists import FILE
from perfeval.models import StoredFile, User
from perfeval.sheets import XLSX
from reports.batches import queue
from reports.batches.jobs import ItemError, Job
from reports.models import Batch, BatchItem

KIND = "list"
# Pages that are asked in a person's name; nothing else is.
LISTS = frozenset(
    {
        "projects:list",
        "departments:list",
        "people:list",
        "reports:review_list",
        "indicators:list",
        "indicators:library",
        "indicators:my_rechecks",
        "indicators:problems",
        "indicators:result_uses",
        "indicators:spot_check",
        "indicators:task_rechecks",
        "indicators:tasks",
        "indicators:task_projects",
        "indicators:task_overdue",
        "indicators:approval",
        "indicators:changes",
        "audit",
        "access",
    }
)
GONE = "您已不能查看这个列表"


def list_file(user: User, address: str) -> StreamingHttpResponse:
    """Return what the page of a list answers a person who asks for its file.

    address: path and query. Its rows are read when it is. Raises Http404 where that is
    no list, PermissionDenied.
    """
    path, query = urlsplit(address).path, QueryDict(urlsplit(address).query)
    try:
        match = resolve(path)
    except Resolver404:
        raise Http404 from None
    if match.view_name not in LISTS or query.get(FILE) != "xlsx":
        raise Http404
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.GET, request.user, request.session = query, user, SessionBase()
    answer = match.func(request, *match.args, **match.kwargs)
    assert isinstance(answer, StreamingHttpResponse), match.view_name
    return answer


def file_name(answer: StreamingHttpResponse) -> str:
    """Return the name that an answer gives its file."""
    return unquote(answer["Content-Disposition"].partition("utf-8''")[2])


def address_of_page(address: str) -> str:
    """Return the address of the page whose file this is."""
    parts = urlsplit(address)
    query = QueryDict(parts.query, mutable=True)
    query.pop(FILE, None)
    return f"{parts.path}?{query.urlencode()}"


def start_list(user: User, address: str) -> Batch:
    """Start writing a list; raises as list_file."""
    name = file_name(list_file(user, address))
    title = f"导出{name.rpartition('.')[0]}"
    return queue.start(user, KIND, title, [("1", name)], params={"address": address})


def write_list(item: BatchItem) -> StoredFile:
    """Return the file of a list, as the person who asked sees it now."""
    user, address = item.batch.user, item.batch.params["address"]
    assert user
    if not user.is_active:
        raise ItemError(GONE)
    try:
        answer = list_file(user, address)
        with tempfile.TemporaryDirectory(prefix="perfeval-list-") as folder:
            path = Path(folder) / "list.xlsx"
            with path.open("wb") as target:
                target.writelines(cast(Iterator[bytes], answer.streaming_content))
            return store_path(user, file_name(answer), path, XLSX)
    except (Http404, PermissionDenied):
        raise ItemError(GONE) from None


JOB = Job(KIND, "导出列表", write_list)
