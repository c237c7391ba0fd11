"""kitctl: drives Helm, image builds and clusters for Apache Airflow 3 on Kubernetes."""

__version__ = "0.1.0"
