"""What this machine must be."""
