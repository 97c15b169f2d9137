"""The line at the foot of every page of a frozen file: which one it is."""

from reports.document import ReportDocument


def release_line(document: ReportDocument) -> str:
    """Return 送审编号, 版次 and 查验码 in one line, "" for what is not frozen."""
    release = document.release
    if not release.code:
        return ""
    parts = (
        f"送审编号 {release.submission}" if release.submission else "",
        f"第{release.version}版" if release.version else "",
        f"查验码 {release.code}",
    )
    return "　".join(filter(None, parts))
