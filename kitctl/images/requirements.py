"""Reads a requirements file for a build: one text without credentials, and the variables that pip fills in."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kitctl.errors import ExitCode, KitError

CONSTRAINTS = "constraints.txt"
"""File beside the requirements that holds all local constraints."""
_HIDDEN = "KITCTL_HIDDEN_"
_FILE_OPTION = re.compile(
    r"^\s*(?P<option>-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))(?P<file>\S.*?)\s*$"
)
_FOLDER_OPTION = re.compile(r"^\s*(?:-f|--find-links)(?:\s*=\s*|\s+)(\S+)")
_EDITABLE = re.compile(r"^\s*(?:-e|--editable)(?:\s*=\s*|\s+)")
_COMMENT = re.compile(r"(^|\s)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
"""As pip: capitals only, and braces are needed."""
_USER = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^\s/@]+)@")
_QUERY = re.compile(r"(?P<address>://[^\s?#]+\?)(?P<query>[^\s#;]+)")
_ARCHIVE = (".whl", ".tar.gz", ".tar.bz2", ".zip")


@dataclass(frozen=True)
class Requirements:
    """What a build installs.

    Attributes:
        text: The requirements with the files that they include, for pip; `${NAME}` stands where a credential was.
        constraints: The local constraints files, in one.
        variables: Values of the variables in both, for the build's secrets only.
    """

    text: str = ""
    constraints: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


def read(path: Path | None, env: Mapping[str, str] = os.environ) -> Requirements:
    """Read a requirements file with what it names by -r and -c, so that the build needs no other file of this machine.

    Args:
        path: The file; None for no requirements.
        env: Where `${NAME}` is looked up.

    Raises:
        KitError: `requirements-missing`, `requirements-encoding`, `requirements-local`, `requirements-token-kept`,
            `requirements-variable-missing`.
    """
    if path is None:
        return Requirements()
    reader = _Reader(env)
    lines = reader.lines(path, constraint=False)
    if reader.constraints:
        lines.insert(0, f"-c {CONSTRAINTS}")
    text, constraints = ("".join(f"{line}\n" for line in part) for part in (lines, reader.constraints))
    if unset := missing(text + constraints, {**env, **reader.hidden}):
        raise KitError(
            "requirements-variable-missing",
            f"{path} uses {', '.join(f'${{{name}}}' for name in unset)}, which is not set",
            cause="pip replaces ${NAME} by the environment variable, and would send the braces to the index otherwise",
            fix=f"export {unset[0]}=…    # then run the same command again",
            code=ExitCode.PREFLIGHT,
        )
    used = {name: reader.hidden.get(name) or env[name] for name in _names(text + constraints)}
    return Requirements(text, constraints, used)


def missing(text: str, env: Mapping[str, str] = os.environ) -> list[str]:
    """Return the variables of a requirements text that have no value, in order."""
    return [name for name in _names(text) if not env.get(name)]


def _names(text: str) -> list[str]:
    bare = "\n".join(_COMMENT.sub("", line) for line in text.splitlines())
    return list(dict.fromkeys(_VARIABLE.findall(bare)))


class _Reader:
    """Reads the files of one build; each file once."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.hidden: dict[str, str] = {}
        self.constraints: list[str] = []
        self.seen: set[tuple[Path, bool]] = set()

    def lines(self, path: Path, *, constraint: bool, named_by: str = "") -> list[str]:
        """Return the lines of a file and of those that it includes; local constraints are kept apart."""
        if (path.resolve(), constraint) in self.seen:
            return []
        self.seen.add((path.resolve(), constraint))
        found = []
        for number, line in enumerate(_text(path, named_by).splitlines(), 1):
            bare = _COMMENT.sub("", line)
            place = f"{path}, line {number}"
            option = _FILE_OPTION.match(bare)
            file = self.expanded(option["file"]).strip("'\"") if option else ""
            if option is None or "://" in file:
                found.append(self.without_credentials(_own_line(line, bare, place), bare, place))
            elif constraint or option["option"] in {"-c", "--constraint"}:
                self.constraints += self.lines(path.parent / file, constraint=True, named_by=place)
            else:
                found += self.lines(path.parent / file, constraint=False, named_by=place)
        return found

    def expanded(self, text: str) -> str:
        """Replace variables as pip does: one without a value stays."""
        return _VARIABLE.sub(lambda match: self.env.get(match[1]) or match[0], text)

    def without_credentials(self, line: str, bare: str, place: str) -> str:
        """Put variables where an address holds a password, a token, or a query, which may be a signature."""
        kept = _QUERY.sub(self._query, _USER.sub(self._user, line)) if bare.strip() else line
        if _EDITABLE.match(bare) and _VARIABLE.search(kept):
            raise KitError(
                "requirements-token-kept",
                f"{place} is an editable requirement with a token in its address",
                cause="Its checkout stays in the image, and git keeps the address with the token there",
                fix="Write it without -e: NAME @ git+https://…",
                code=ExitCode.PREFLIGHT,
            )
        return kept

    def _user(self, match: re.Match[str]) -> str:
        user, colon, password = match["user"].partition(":")
        if not colon and match["scheme"].endswith("ssh://"):
            return match[0]  # the login name of ssh is none of the secrets
        secret = self.hide(password if colon else user)
        return f"{match['scheme']}{user}:{secret}@" if colon else f"{match['scheme']}{secret}@"

    def _query(self, match: re.Match[str]) -> str:
        return match["address"] + self.hide(match["query"])

    def hide(self, secret: str) -> str:
        """Return the variable that stands for a secret; one that is a variable already stays."""
        if not secret or _VARIABLE.fullmatch(secret):
            return secret
        value = self.expanded(secret)
        known = next((name for name, other in self.hidden.items() if other == value), "")
        name = known or f"{_HIDDEN}{len(self.hidden) + 1}"
        self.hidden[name] = value
        return f"${{{name}}}"


def _own_line(line: str, bare: str, place: str) -> str:
    """Refuse a line that names a file of this machine, which the build does not have."""
    folder = _FOLDER_OPTION.match(bare)
    editable = _EDITABLE.match(bare)
    word = folder[1] if folder else (_EDITABLE.sub("", bare).split(" --")[0].split(" ;")[0].strip() or "-")
    local = word == "." or word.startswith(("./", "../")) or word.partition("[")[0].endswith(_ARCHIVE) or editable
    elsewhere = "://" in word or word.startswith(("/", "-")) or " @ " in word
    if (local or folder) and not elsewhere:
        raise KitError(
            "requirements-local",
            f"{place} names a file of this machine: {word}",
            cause="The build of the image has the requirements, but no other files",
            fix="Publish the package to an index, or name its repository: NAME @ git+https://HOST/TEAM/REPO.git@TAG\n"
            "Code that only your DAGs use can also lie in the DAG folder: docs/shared-code.md",
            code=ExitCode.PREFLIGHT,
        )
    return line


def _text(path: Path, named_by: str) -> str:
    if not path.is_file():
        raise KitError(
            "requirements-missing",
            f"The requirements file {path} is {'a folder' if path.is_dir() else 'not a file'}"
            if path.exists()
            else f"The requirements file {path} does not exist",
            cause=f"{named_by} names it; such paths start at the folder of that file" if named_by else "",
            fix="Correct that line: -r FILE or -c FILE" if named_by else "Name an existing file: --requirements FILE",
            code=ExitCode.PREFLIGHT,
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise KitError(
            "requirements-encoding",
            f"The requirements file {path} is not UTF-8",
            cause=f"Byte {error.start}: {error.reason}; PowerShell's > writes UTF-16",
            fix=f"iconv -f UTF-16 -t UTF-8 {path} > requirements-utf8.txt",
            code=ExitCode.PREFLIGHT,
        ) from error
