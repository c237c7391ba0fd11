"""Helm: its commands, its records in the cluster, and what its errors mean."""
