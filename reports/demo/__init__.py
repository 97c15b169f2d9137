"""The demo year of the invented city 云水市: its data (data/*.toml) and the loader.

Everything is written through the services and the workflow of the program, so that
scores, review records and audit events are real.
"""
