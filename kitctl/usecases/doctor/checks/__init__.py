"""The checks of `kitctl doctor`, a file each; catalogue.py finds them by their names."""
