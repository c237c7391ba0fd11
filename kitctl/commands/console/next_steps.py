"""What a person can type next after a release was installed."""

from __future__ import annotations

from typing import Any

from kitctl.commands.console.paste import pasteable


def hints(*rows: tuple[str, str]) -> list[str]:
    """Return commands that can be pasted, each with what it does behind it."""
    commands = [pasteable(command) for command, _ in rows]
    width = max(map(len, commands))
    return [f"{command:<{width}}  # {text}" for command, (_, text) in zip(commands, rows, strict=True)]


def next_commands(report: dict[str, Any], *, hidden: bool = False) -> str:
    """Return a finished report for people: how to get in, and what to type next.

    Args:
        report: What `up` or `deploy` made.
        hidden: Whether there is a password that must not be printed here.
    """
    if report.get("dry_run"):
        return "\n".join(f"would {line}" for line in report["would"] or ["change nothing"])
    lines = [f"{key + ':':<10}{report[key]}" for key in ("url", "username", "password") if report.get(key)]
    if not report.get("username") and report.get("log_in"):
        lines.append(f"{'log in:':<10}{report['log_in']}")
    steps = hints(
        *((("kitctl credentials", "print the password"),) if hidden else ()),
        ("kitctl status", "health, components, task pods"),
        ("kitctl open", "the UI in your browser"),
        ("kitctl down", "remove the release; the data stays"),
    )
    return "\n".join([*lines, "", "Next:", *(f"  {step}" for step in steps)])
