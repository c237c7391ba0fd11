"""`kitctl objects`: apply and diff (apply.py), export (export.py)."""
