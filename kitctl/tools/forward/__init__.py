"""Port-forwards that outlive the command that started them."""
