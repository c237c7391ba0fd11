"""What can be said about DAG files without running them."""
