"""What the cluster must be."""
