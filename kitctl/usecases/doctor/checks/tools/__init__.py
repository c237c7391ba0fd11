"""The programs that kitctl calls."""
