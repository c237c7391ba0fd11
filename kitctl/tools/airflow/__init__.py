"""Airflow's REST API: calls, the session that logs in, and the HTTP client below them."""
