"""Projects and their money from workbooks: a budget list, the year-end execution."""
