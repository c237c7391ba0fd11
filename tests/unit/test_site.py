"""The site of the docs: what makes its build fail, and where links lead that leave docs/."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAV = "nav:\n  - index.md\n  - guide.md\n  - Decisions: adr/*.md\n"
FILES = {
    "docs/index.md": "# Home\n\n[Guide](guide.md#first-step---now) [decisions](adr/)\n",
    "docs/guide.md": "# Guide\n\n## First step - now\n\n"
    "[new](../CHANGELOG.md#1-0) [a](../values/a.yaml) [all](../values)\n",
    "docs/adr/0001-one.md": "# 0001. One\n\n`[no](link.md)`\n\n```text\n[no](link.md)\n```\n",
    "docs/adr/0002-two.md": "# 0002. Two\n",
    "CHANGELOG.md": "# Changes\n\n## 1 0\n\n[Guide](docs/guide.md) [script](scripts/x)\n",
    "scripts/x": "#!/bin/sh\n# ```` is no fence\n",
    "values/a.yaml": "a: 1\n",
    "values/b.yaml": "b: 2\n",
    "values/.hidden": "c: 3\n",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a small checkout with the settings and hooks of this one."""
    settings = (ROOT / "mkdocs.yml").read_text()
    head = settings[: settings.index("\nwatch:")] + settings[settings.index("\ntheme:") : settings.index("\nnav:")]
    for name, text in {**FILES, "mkdocs.yml": f"{head}\n{NAV}"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    shutil.copy(ROOT / "scripts/docs_site.py", tmp_path / "scripts")
    return tmp_path


def build(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "mkdocs", "build", *words]
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(argv, cwd=checkout, env=env, capture_output=True, text=True, check=False)


def test_links_that_leave_docs_lead_to_pages_of_the_site(checkout: Path) -> None:
    done = build(checkout)
    assert done.returncode == 0, done.stderr
    site = checkout / "build/site"
    guide = (site / "guide.html").read_text()
    assert 'href="repository/CHANGELOG.html#1-0"' in guide
    assert 'href="repository/values/a.yaml.html"' in guide
    assert 'href="repository/values/index.html"' in guide
    assert 'href="../guide.html"' in (site / "repository/CHANGELOG.html").read_text()
    assert "#!/bin/sh" in (site / "repository/scripts/x.html").read_text()
    listing = (site / "repository/values/index.html").read_text()
    assert 'href="b.yaml.html"' in listing
    assert 'href=".hidden' not in listing
    assert ">0002. Two<" in (site / "adr/index.html").read_text()
    assert "[no](link.md)" in (site / "adr/0001-one.html").read_text()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[x](none.md)", "none.md"),
        ("[x](guide.md#none)", "does not contain an anchor '#none'"),
        ("[x](#none)", "there is no such anchor"),
        ("[x](../CHANGELOG.md#none)", "does not contain an anchor '#none'"),
        ("[x](../none.yaml)", "../none.yaml"),
        ("[x](../values/none/)", "../values/none/"),
        ("[x](/guide.md)", "absolute link"),
        ("![x](images/none.png)", "images/none.png"),
        ("![x](https://img.example.com/a.png)", "loads from other hosts: https://img.example.com/a.png"),
        ('<link rel="stylesheet" href="https://css.example.com/a.css">', "other hosts: https://css.example.com/a.css"),
        ('<script src="//js.example.com/a.js"></script>', "loads from other hosts: //js.example.com/a.js"),
    ],
)
def test_a_page_that_points_nowhere_or_elsewhere_is_refused(checkout: Path, line: str, words: str) -> None:
    with (checkout / "docs/index.md").open("a") as page:
        page.write(f"\n{line}\n")
    done = build(checkout)
    assert done.returncode == 1
    assert words in done.stderr


def test_the_address_of_the_site_is_no_other_host(checkout: Path) -> None:
    """`mkdocs serve` sets it, and so does whoever publishes the site."""
    settings = checkout / "mkdocs.yml"
    settings.write_text(f"site_url: https://docs.example.com/kit/\n{settings.read_text()}")
    done = build(checkout)
    assert done.returncode == 0, done.stderr
    assert 'rel="canonical"' in (checkout / "build/site/guide.html").read_text()


def test_a_page_outside_of_the_nav_is_refused(checkout: Path) -> None:
    (checkout / "docs/lost.md").write_text("# Lost\n")
    done = build(checkout)
    assert done.returncode == 1
    assert "lost.md" in done.stderr


def test_quiet_is_refused_since_it_hides_what_is_broken(checkout: Path) -> None:
    (checkout / "docs/index.md").write_text("# Home\n\n[x](none.md) [decisions](adr/)\n")
    done = build(checkout, "--quiet")
    assert done.returncode == 1
    assert "leave it out" in done.stdout
