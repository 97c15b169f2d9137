"""The report's own workbook: filled in without the site, merged back on upload."""

from reports.offline.making import offline_workbook
from reports.offline.reading import is_offline, plan_offline

__all__ = ["is_offline", "offline_workbook", "plan_offline"]
