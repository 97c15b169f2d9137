"""Targets of many projects from one list: its columns, its plan, its writing."""
