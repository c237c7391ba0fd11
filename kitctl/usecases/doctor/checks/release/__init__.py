"""What the release needs of its cluster, and what is left of earlier ones."""
