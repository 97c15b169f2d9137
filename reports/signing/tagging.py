"""The field of a signature among the tags of a PDF, as PDF/UA-1 wants it (7.18.4)."""

from typing import Any

from pyhanko.pdf_utils.generic import DictionaryObject, NumberObject
from pyhanko.pdf_utils.generic import NameObject as Name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


def tag_field(writer: IncrementalPdfFileWriter, page: int) -> None:
    """Put the last form field, which stands on a page (from 0), at the end of the tags.

    A PDF without tags stays as it is.
    """
    if "/StructTreeRoot" not in writer.root:
        return
    tree = writer.root["/StructTreeRoot"]
    field = writer.root["/AcroForm"]["/Fields"].raw_get(-1)
    top = tree["/K"].raw_get(0)
    on_page = writer.find_page_for_modification(page)[0]  # type: ignore[no-untyped-call]
    place = _dictionary({"/Type": Name("/OBJR"), "/Obj": field, "/Pg": on_page})
    tag = {"/Type": Name("/StructElem"), "/S": Name("/Form"), "/P": top}
    added = writer.add_object(_dictionary({**tag, "/Pg": on_page, "/K": place}))
    children, numbers = top.get_object()["/K"], tree["/ParentTree"]["/Nums"]
    number = NumberObject(numbers[-2] + 1)  # type: ignore[no-untyped-call]
    children.append(added)
    numbers.extend((number, added))
    field.get_object()[Name("/StructParent")] = number
    for changed in (children, numbers, field.get_object()):
        writer.update_container(changed)


def _dictionary(entries: dict[str, Any]) -> Any:
    named = {Name(key): value for key, value in entries.items()}
    return DictionaryObject(named)  # type: ignore[no-untyped-call]
