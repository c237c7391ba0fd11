"""Objects that Airflow keeps in its database, and `kitctl objects` writes: pools, variables, connections.

The chart's Job runs copies of api.py, prune.py, rules.py, wanted.py and write.py, so they import only each
other, kitctl.errors and the standard library.
"""
