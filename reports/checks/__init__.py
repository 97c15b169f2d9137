"""Checks: what a reviewer would send a report back for, found before it is sent.

Each finding code is one small pure function over a Case (a ReportDocument, its scheme,
last year's document where there is one), registered with its severity. No Django here.
"""
