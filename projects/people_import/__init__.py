"""Units, people and roles from one workbook: its tables, its plan, its writing."""
