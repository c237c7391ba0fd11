"""`kitctl logs --bundle`: a support archive of a release."""
