"""Imports from workbooks: read, look through, say all that is wrong, then write once.

An importer (flow.Importer) names its tables (tables.py); the rest is the same for all:
an empty workbook to fill in (template.py), rows and problems (reading.py), the file
back with its bad cells marked (marking.py), the pages (pages.py).
"""
