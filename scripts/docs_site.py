"""Hooks of mkdocs (mkdocs.yml): links that leave docs/ lead to pages of the site, and no page loads from other hosts.

On GitHub, a page of docs/ links to files and folders of the repository by relative paths. mkdocs knows only what is in
docs/, so each such target becomes a page below `repository/`: Markdown as it is, any other file as a listing, a folder
as a list. Their own links are followed as well. A target that does not exist stays as it is, and mkdocs refuses it.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

OUTSIDE = "repository"
_CODE = re.compile(r"^( *)(`{3,})[^\n]*\n.*?^\1\2 *$|(`+)(?!`).+?(?<!`)\3(?!`)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?![a-z]+:|/|#)([^)\s#]+)(#[^)\s]*)?\)")
# A page only names its own address and its neighbours; a browser does not load them.
_NAMED = r"link(?=[^>]*\brel=[\"']?(?:canonical|prev|next|alternate)\b)"
_LOADED = re.compile(
    rf"<(?!{_NAMED})(?:script|link|img|iframe|source|video|audio)\b"
    r"[^>]*?\b(?:src|href)=[\"']?((?:https?:)?//[^\"' >]+)"
)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Replace each `folder/*.md` of the nav by the pages of that folder, in the order of their names."""
    if not logging.getLogger("mkdocs").isEnabledFor(logging.WARNING):
        raise Abort("With --quiet, mkdocs neither prints nor counts broken links: leave it out")
    docs = Path(config.docs_dir)
    config.nav = [_expanded(entry, docs) for entry in config.nav or []]
    return config


def _expanded(entry: object, docs: Path) -> object:
    if not isinstance(entry, dict):
        return entry
    [(title, inner)] = entry.items()
    if isinstance(inner, str) and "*" in inner:
        pages = sorted(path.relative_to(docs).as_posix() for path in docs.glob(inner))
        return {title: [f"{inner.split('*')[0]}index.md", *pages]}
    return {title: [_expanded(one, docs) for one in inner]} if isinstance(inner, list) else entry


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each file and folder that the pages link to and mkdocs does not know."""
    root = _root(config)
    waiting = [root / "docs" / file.src_uri for file in files.documentation_pages()]
    while waiting:
        for target in _linked(waiting.pop(), root):
            if (uri := _uri(target, root)) not in files.src_uris:
                files.append(File.generated(config, uri, content=_text(target)))
                waiting.append(target)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Write the links of a page so that mkdocs finds their targets."""
    root = _root(config)
    here = _place(page.file.src_uri, root)
    folder = PurePosixPath(page.file.src_uri).parent.as_posix()

    def lead(link: re.Match[str]) -> str:
        target = _target(here, link[1])
        if not target.exists() or not target.is_relative_to(root):
            return link[0]
        # A line number of a source file has no anchor here.
        anchor = link[2] or "" if target.suffix == ".md" else ""
        return f"]({os.path.relpath(_uri(target, root), folder)}{anchor})"

    return "".join(text if code else _LINK.sub(lead, text) for text, code in _parts(markdown))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Refuse a page that makes a browser ask another host for a script, a style, a font or a picture."""
    if foreign := sorted(set(_LOADED.findall(output))):
        raise PluginError(f"{page.file.src_uri} loads from other hosts: {', '.join(foreign)}")
    return output


def _root(config: MkDocsConfig) -> Path:
    return Path(config.docs_dir).parent


def _parts(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces, each with whether it is code."""
    end = 0
    for code in _CODE.finditer(markdown):
        yield markdown[end : code.start()], False
        yield code[0], True
        end = code.end()
    yield markdown[end:], False


def _target(page: Path, link: str) -> Path:
    """Return the file or folder that a link means; a folder with a README.md means that page, as on GitHub."""
    found = Path(os.path.normpath(page.parent / link))
    return found / "README.md" if (found / "README.md").is_file() else found


def _linked(place: Path, root: Path) -> Iterator[Path]:
    """Yield the files and folders of the checkout that a file or a folder links to."""
    if place.is_dir():
        yield from _entries(place)
    elif place.suffix == ".md":
        prose = "".join(text for text, code in _parts(place.read_text(encoding="utf-8")) if not code)
        for link in _LINK.finditer(prose):
            target = _target(place, link[1])
            if target.exists() and target.is_relative_to(root):
                yield target


def _entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _uri(target: Path, root: Path) -> str:
    """Return the name of a target in the site."""
    path = target.relative_to(root)
    inside = path.parts[:1] == ("docs",)
    name = path.relative_to("docs") if inside else OUTSIDE / path
    if target.is_dir():
        return (name / "index.md").as_posix()
    return name.as_posix() if inside or target.suffix == ".md" else f"{name.as_posix()}.md"


def _place(uri: str, root: Path) -> Path:
    """Return where in the checkout the links of a page start."""
    path = PurePosixPath(uri)
    return root / path.relative_to(OUTSIDE) if path.parts[0] == OUTSIDE else root / "docs" / path


def _text(target: Path) -> str:
    """Return the Markdown of a target: its own, the list of a folder, or the listing of a file."""
    if target.is_dir():
        return f"# {target.name}\n\n" + "".join(f"- [{_title(path)}]({path.name})\n" for path in _entries(target))
    text = target.read_text(encoding="utf-8")
    if target.suffix == ".md":
        return text
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in re.findall("`+", text))])
    language = target.suffix[1:] if target.suffix else "text"
    return f"---\nsearch:\n  exclude: true\n---\n# {target.name}\n\n{fence}{language}\n{text}\n{fence}\n"


def _title(path: Path) -> str:
    head = re.search(r"^# (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE) if path.suffix == ".md" else None
    return head[1] if head else path.name
