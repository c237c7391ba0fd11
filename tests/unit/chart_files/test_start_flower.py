"""start_flower.py: the log-in from the Secret, and what no page may show."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

Script = Callable[[str], ModuleType]
TOKEN = b"eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiIwMTkifQ.c2lnbg-_"


@pytest.mark.parametrize("password", ["plain", "p:a,s s%&'\"$", "pässwört€", " lead and trail "])
def test_any_character_of_the_password_is_kept(
    script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv("KIT_FLOWER_USERNAME", "admin")
    (tmp_path / "flower-password").write_text(f"{password}\n", encoding="utf-8")
    assert script("start_flower").login(tmp_path) == f"admin:{password}"


@pytest.mark.parametrize(("text", "words"), [("", "is empty"), ("\n", "is empty"), ("a\nb", "has several lines")])
def test_without_a_password_flower_does_not_start(
    script: Script,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    words: str,
) -> None:
    monkeypatch.setenv("KIT_FLOWER_USERNAME", "admin")
    (tmp_path / "flower-password").write_text(text, encoding="utf-8")
    module = script("start_flower")
    login = module.login
    monkeypatch.setattr(module, "login", lambda: login(tmp_path))
    monkeypatch.setattr(module, "start", lambda *_: pytest.fail("started"))
    assert module.main() == 1
    assert f"ERROR: flower-password {words}" in capsys.readouterr().err


def test_it_starts_with_the_broker_and_the_prefix(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    module = script("start_flower")
    monkeypatch.setenv("KIT_FLOWER_URL_PREFIX", "/airflow/flower")
    seen: list[object] = []
    monkeypatch.setattr(module, "login", lambda: "a:b")
    monkeypatch.setattr(module, "url", lambda: "redis://host")
    monkeypatch.setattr(module, "application", lambda broker: broker)
    monkeypatch.setattr(module, "start", lambda *words: seen.extend(words))
    assert module.main() == 0
    assert seen == ["redis://host", "a:b", "airflow/flower"]


def masked(script: Script, text: bytes, path: str = "/tasks", length: bool = True) -> tuple[bytes, dict[str, str]]:
    page = script("start_flower").Masked(SimpleNamespace(path=path))
    headers = {"Content-Length": str(len(text))} if length else {}
    status, headers, out = page.transform_first_chunk(200, headers, text, True)
    assert status == 200
    return out, headers


@pytest.mark.parametrize("token", [TOKEN, TOKEN[:30], TOKEN.split(b".")[0]])
def test_tokens_and_their_beginnings_are_masked(script: Script, token: bytes) -> None:
    out, headers = masked(script, b'{"token": "' + token + b'", "ti": 1}')
    assert out == b'{"token": "***", "ti": 1}'
    assert headers == {"Content-Length": str(len(out))}


def test_what_has_no_length_gets_none(script: Script) -> None:
    assert masked(script, TOKEN, length=False) == (b"***", {})


def test_other_text_and_files_of_flower_stay(script: Script) -> None:
    assert masked(script, b"eyJ key:value eyes")[0] == b"eyJ key:value eyes"
    assert masked(script, TOKEN, "/flower/static/js/flower.js")[0] == TOKEN


def test_a_message_is_logged_once(script: Script) -> None:
    once = script("start_flower").Once()
    records = [logging.makeLogRecord({"msg": "failed: %s", "args": (word,)}) for word in ("a", "a", "b")]
    assert [once.filter(record) for record in records] == [True, False, True]


@pytest.mark.parametrize(("one", "other", "same"), [("ä", "ä", True), ("ä", "a", False), ("", "", True)])
def test_text_beyond_ascii_is_compared(script: Script, one: str, other: str, same: bool) -> None:
    assert script("start_flower").Compared.compare_digest(one, other) is same
