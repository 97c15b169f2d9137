"""Reading reports: a file becomes a ReportDocument (read_report)."""
