"""What an upgrade of a running release may cost, and the way back."""
