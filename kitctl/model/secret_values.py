"""Hides secrets by their values: whatever form a value takes in a text, and whatever text it is."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlsplit

from kitctl.model.secret_names import MASK

_WORD = 4
"""Shorter values are hidden only where they stand alone, since they are parts of many words."""
_LINE = 8
"""Lines of a value with several lines (a key, a script) that are at least this long are hidden one by one."""
_INSIDE = 6
"""Values that are at least this long are also found inside of base64, as in a header `Authorization: Basic`."""
_PLAIN = frozenset({"true", "false", "yes", "no", "none", "null"})


@dataclass(frozen=True)
class Value:
    """One value of a Secret.

    Attributes:
        secret: Name of the Secret.
        key: Its key.
        text: The value.
    """

    secret: str
    key: str
    text: str


@dataclass
class Masker:
    """Replaces values in texts.

    Attributes:
        open: "Secret KEY" of the values that are not hidden, since the release uses the word everywhere.
        count: How many places were hidden so far.
    """

    open: list[str] = field(default_factory=list)
    count: int = 0
    _long: list[str] = field(default_factory=list)
    _short: re.Pattern[str] | None = None

    @classmethod
    def of(cls, values: Iterable[Value], public: Collection[str]) -> Masker:
        """Return what hides these values.

        Args:
            values: Values of Secrets.
            public: Words that stand in every text of the release, such as its name. A value that is one of them
                cannot be hidden: its place would be seen by what is hidden around it, and nothing could be read.
        """
        masker, words, known = cls(), set[str](), _PLAIN | {word.lower() for word in public}
        for value in values:
            for part in parts(value.text):
                if part.lower() not in known:
                    words.add(part)
                elif part == value.text.strip():
                    masker.open.append(f"{value.secret} {value.key}")
        forms = {form for word in words for form in _forms(word) if form.strip("*").lower() not in {"", *known}}
        masker._long = sorted((form for form in forms if len(form) >= _WORD), key=lambda form: (-len(form), form))
        if short := sorted((form for form in forms if len(form) < _WORD), key=len, reverse=True):
            masker._short = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, short))})(?!\w)")
        return masker

    def text(self, text: str) -> str:
        """Return a text without any of the values."""
        for form in self._long:
            if form in text:
                self.count += text.count(form)
                text = text.replace(form, MASK)
        if self._short:
            text, hidden = self._short.subn(MASK, text)
            self.count += hidden
        return text

    def tree(self, value: Any) -> Any:
        """Return data of any depth without any of the values: to be used before it is written as YAML or JSON."""
        if isinstance(value, dict):
            return {self.text(str(key)): self.tree(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        return self.text(value) if isinstance(value, str) else value


def parts(value: str) -> Iterator[str]:
    """Yield what has to be hidden of a value: the whole, its lines, the password of a URL, the texts in JSON."""
    whole = value.strip()
    if not whole:
        return
    yield whole
    yield from (stripped for line in whole.splitlines() if len(stripped := line.strip()) >= _LINE)
    if "://" in whole and "\n" not in whole:
        yield from _url(whole)
    if whole[0] in "{[":
        yield from _json(whole)


def _url(value: str) -> Iterator[str]:
    try:
        password = urlsplit(value).password or ""
    except ValueError:  # a port or a host that is none
        found = re.search(r"://[^/@\s:]*:([^/\s]+)@", value)
        password = found[1] if found else ""
    yield from filter(None, {password, unquote(password)})


def _json(value: str) -> Iterator[str]:
    try:
        found: list[Any] = [json.loads(value)]
    except ValueError:
        return
    while found:
        item = found.pop()
        if isinstance(item, str) and len(item.strip()) >= _LINE:
            yield from parts(item)
        elif isinstance(item, dict | list):
            found += item.values() if isinstance(item, dict) else item


def _forms(word: str) -> set[str]:
    """Return how a value may be written: as it is, escaped, quoted for URLs, or in base64."""
    quoted = {quote(word), quote(word, safe=""), quote_plus(word)}
    found = {word, *quoted, *(re.sub("%[0-9A-F]{2}", lambda code: code[0].lower(), form) for form in quoted)}
    found |= {json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1], repr(word)[1:-1]}
    found |= {word.replace("%", "%%"), word.replace("'", "''"), word.replace("'", "'\\''")}
    raw = word.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        found |= {encode(raw).decode(), encode(raw + b"\n").decode()}
        found |= {_inside(encode(b"\0" * before + raw).decode(), before, len(raw)) for before in range(3)}
    return {form for form in found if form}


def _inside(encoded: str, before: int, length: int) -> str:
    """Return the letters of base64 that depend on the value alone, wherever it stands in what was encoded."""
    if length < _INSIDE:
        return ""
    return encoded[-(-before * 8 // 6) : (before + length) * 8 // 6]
