"""Files of variables: a line NAME=value each, as Docker's --env-file and shells have them."""

from __future__ import annotations

from pathlib import Path

from kitctl.errors import ExitCode, KitError


def read(path: Path) -> dict[str, str]:
    """Return the variables of a file; quotes, comments and `export` are understood, nothing is replaced in values.

    Raises:
        KitError: `env-file-missing`, or `env-file-broken` with the number of the line, and without its text, which may
            be a secret.
    """
    from dotenv.parser import parse_stream  # noqa: PLC0415 - few commands need it

    try:
        with path.open(encoding="utf-8") as stream:
            lines = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as exc:
        raise KitError(
            "env-file-missing",
            f"The file {path} cannot be read",
            cause=str(exc),
            fix="Name a text file with --env-file FILE",
            code=ExitCode.USAGE,
        ) from exc
    for line in lines:
        if line.error or (line.key is not None and line.value is None):
            raise KitError(
                "env-file-broken",
                f"Line {line.original.line} of {path} is not NAME=value",
                cause="Each line sets one variable; lines that begin with # are comments",
                fix=f"sed -n {line.original.line}p {path}    # then write it as NAME=value",
                code=ExitCode.USAGE,
            )
    return {line.key: line.value or "" for line in lines if line.key is not None}
