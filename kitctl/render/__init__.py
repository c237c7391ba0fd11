"""Jinja: airflow.cfg and pod templates. Pure: no process, no network."""
