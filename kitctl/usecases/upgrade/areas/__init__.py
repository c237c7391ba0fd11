"""The areas of `kitctl upgrade-check`, a file each."""
