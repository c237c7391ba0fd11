"""`kitctl render`: the texts that would be deployed."""
