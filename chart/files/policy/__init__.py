"""Cluster policies of the kit. Airflow finds them by the entry points beside this package."""
