"""Steps are shown as lines in files and as one moving line on terminals, and questions need somebody to answer."""

import io

import pytest

from kitctl.commands.console.progress import Progress, asker
from kitctl.errors import ExitCode, KitError
from kitctl.model.settings import Settings


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(out, *notes, error=None, **options):
    ticks = iter([0.0, 2.5])
    progress = Progress(Settings(**options), out, clock=lambda: next(ticks))
    try:
        with progress.step("Cluster"):
            for note in notes:
                progress.note(note)
            if error:
                raise error
    except RuntimeError:
        pass
    return out.getvalue()


def test_plain_lines_without_a_terminal():
    assert shown(io.StringIO(), "starting", "starting", "up") == "- Cluster\n    starting\n    up\n✓ Cluster (2.5 s)\n"


def test_a_failed_step_is_marked():
    assert shown(io.StringIO(), error=RuntimeError()).endswith("✗ Cluster (2.5 s)\n")


def test_a_terminal_keeps_one_line_per_step():
    text = shown(Terminal(), "starting", color=False)
    assert text.endswith("\r\033[K✓ Cluster: starting (2.5 s)\n")
    assert text.count("\n") == 1


@pytest.mark.parametrize("note", ["x" * 80, "a long note about images that are loaded into every node", "short"])
def test_no_line_is_wider_than_the_terminal(monkeypatch, note):
    monkeypatch.setenv("COLUMNS", "40")
    written = shown(Terminal(), note, color=False).replace("\n", "\r\033[K").split("\r\033[K")
    assert max(len(line) for line in written) <= 40
    assert f"Cluster: {note[:5]}" in written[-2]
    assert written[-2].endswith(" (2.5 s)")


def test_colours_only_where_wanted():
    assert "\033[32m" in shown(Terminal(), color=True)
    assert "\033[32m" not in shown(Terminal(), color=False)


def test_quiet_is_quiet():
    assert shown(io.StringIO(), "x", quiet=True) == shown(Terminal(), "x", quiet=True) == ""


def test_a_note_outside_a_step_is_a_line():
    out = io.StringIO()
    Progress(Settings(), out).note("hello")
    assert out.getvalue() == "hello\n"


def test_yes_answers_every_question():
    assert asker(Settings(yes=True))("Sure?") is True


def test_without_a_terminal_nobody_is_asked():
    with pytest.raises(KitError) as raised:
        asker(Settings())("Sure?")
    assert (raised.value.id, raised.value.code) == ("confirmation-needed", ExitCode.PREFLIGHT)
    assert "--yes" in raised.value.fix


@pytest.mark.parametrize(("answer", "result"), [("y\n", True), ("Yes\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_the_answer_counts(monkeypatch, answer, result):
    class Keyboard(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Keyboard(answer))
    monkeypatch.setattr("sys.stderr", Terminal())
    assert asker(Settings())("Sure?") is result
