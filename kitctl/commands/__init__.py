"""Typer shells: parse, call one use case, print."""
