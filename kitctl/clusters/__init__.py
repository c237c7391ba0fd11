"""Cluster providers, one module each, behind the protocol of base.py."""
