"""The archive: every text goes through the masker, and nothing grows beyond its bound."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, BinaryIO

import yaml

from kitctl.model import secret_texts
from kitctl.model.secret_values import Masker

MIB = 1024**2
FILE_BYTES = MIB
"""Bytes of one file. Of a longer text the end is kept, as the newest lines tell most."""
ALL_BYTES = 100 * MIB
"""Bytes of all files together, before they are packed; mails and tickets take about a tenth of that."""


@dataclass(frozen=True)
class Part:
    """What the archive holds of one kind.

    Attributes:
        name: Folder, or file at the top.
        files: Number of files.
        bytes: Their size before they are packed.
    """

    name: str
    files: int
    bytes: int


@dataclass
class Archive:
    """Takes texts and writes them, packed, to a file.

    Attributes:
        root: Folder that holds everything, so that unpacking makes one folder.
        masker: Hides the values of Secrets.
        missing: What could not be read, one line each.
    """

    root: str
    masker: Masker
    missing: list[str] = field(default_factory=list)
    _sizes: dict[str, int] = field(default_factory=dict)
    _tar: tarfile.TarFile | None = None

    def open(self, out: BinaryIO) -> tarfile.TarFile:
        """Begin to write; the caller closes what is returned."""
        self._tar = tarfile.open(fileobj=out, mode="w:gz")  # noqa: SIM115 - closed by the caller
        return self._tar

    def data(self, name: str, value: Any) -> None:
        """Add data of any depth as YAML, with what may be a secret hidden by its name, too."""
        shown = self.masker.tree(secret_texts.tree(value))
        # Lines are never broken: half a value in each of two lines would not be found.
        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
        self._add(name, yaml.dump(shown, Dumper=dumper, sort_keys=False, allow_unicode=True, width=2**31 - 1))

    def settings(self, name: str, text: str) -> None:
        """Add a text with names and values (airflow.cfg, YAML), with what may be a secret hidden by its name, too."""
        self._add(name, secret_texts.text(self.masker.text(text)))

    def lines(self, name: str, text: str) -> None:
        """Add lines of a log; an empty one is left out."""
        if text.strip():
            # Before the lines are looked at one by one: a value may have several.
            text = self.masker.text(text)
            self._add(name, "\n".join(map(secret_texts.text, text.splitlines())))

    def _add(self, name: str, text: str) -> None:
        body = _end(self.masker.text(text).rstrip("\n") + "\n")
        if sum(self._sizes.values()) + len(body) > ALL_BYTES:
            self.missing.append(f"{name}: left out, since the archive has {ALL_BYTES // MIB} MiB already")
            return
        assert self._tar is not None  # noqa: S101 - for the type checker
        name = self._free(self.masker.text(name))
        info = tarfile.TarInfo(f"{self.root}/{name}")
        info.size, info.mode, info.mtime = len(body), 0o600, int(datetime.now(UTC).timestamp())
        self._tar.addfile(info, io.BytesIO(body))
        self._sizes[name] = len(body)

    def _free(self, name: str) -> str:
        """Return a name that no other file has: what is hidden in names may make two equal."""
        again = sum(known == name or known.startswith(f"{name}~") for known in self._sizes)
        return f"{name}~{again}" if again else name

    @property
    def contents(self) -> list[Part]:
        """What was added, by folder."""
        found: dict[str, list[int]] = {}
        for name, size in self._sizes.items():
            found.setdefault(name.partition("/")[0], []).append(size)
        return [Part(name, len(sizes), sum(sizes)) for name, sizes in found.items()]

    @property
    def names(self) -> Mapping[str, int]:
        """Names and sizes of all files."""
        return self._sizes


def _end(text: str) -> bytes:
    """Return the end of a text that fits; it begins with a whole line."""
    body = text.encode(errors="replace")
    if len(body) <= FILE_BYTES:
        return body
    _, _, kept = body[-FILE_BYTES:].partition(b"\n")
    return b"... the beginning is left out ...\n" + kept
