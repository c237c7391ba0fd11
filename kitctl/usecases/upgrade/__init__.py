"""`kitctl upgrade-check`: what an upgrade of Airflow needs, found before it begins."""
