"""`kitctl dags`: check DAGs, and bring them to a release."""
