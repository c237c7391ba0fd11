"""Commands in hints and fixes can be pasted: they name the release and the cluster that the user named.

Errors are raised in many places that know neither the flags of the user nor what PATH holds. So a fix says
`kitctl status`, and this module completes it where it is printed: `.venv/bin/kitctl status -n team --release etl`.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kitctl.model.settings import Settings

_OF_A_RELEASE = (
    "up|down|status|credentials|open|run|logs|exec|scale|deploy|doctor|upgrade-check|dags (?:check|push|test)|pytest"
    "|objects (?:apply|diff|export)|render (?:pod|values|manifests)"
)
_OF_A_CLUSTER = "cluster (?:create|delete)|image load"
_OF_A_PROJECT = "config show|image [a-z]+|render cfg|values migrate"
_KITCTL = re.compile(
    rf"(?<![\w/.-])kitctl (?:({_OF_A_RELEASE})|({_OF_A_CLUSTER})|({_OF_A_PROJECT})|(?=[a-z-]))(?![\w-])"
)
_OTHER = re.compile(r"(?<![\w/.-])(?<!scripts/tool )(kubectl|helm) (?=-|[a-z]+\b)")
_END = re.compile(r"&&|[|;`]|$")
_CHOICE = ("--context", "--provider", "--cluster-name")


@dataclass
class Typed:
    """What the user typed to choose a release and a cluster; empty until the command line was read.

    Attributes:
        release: Flags with their values, for example (("-n", "team"), ("--release", "etl")).
        cluster: The same for the cluster.
        project: The same for the project file and its environment.
        client: Flags of kubectl: the project file may name a cluster, but only kitctl reads it.
        programs: Programs that are not on PATH under their own name, and their files.
    """

    release: tuple[tuple[str, str], ...] = ()
    cluster: tuple[tuple[str, str], ...] = ()
    project: tuple[tuple[str, str], ...] = ()
    client: tuple[tuple[str, str], ...] = ()
    programs: Mapping[str, str] = field(default_factory=dict)


_typed = Typed()


def remember(settings: Settings, usual: Settings | None = None, project: Sequence[tuple[str, str]] = ()) -> None:
    """Keep the flags of this command for its hints and fixes.

    Args:
        settings: What the command speaks of.
        usual: What it would speak of in this folder without flags, by the project file or by default.
        project: Flags that choose the project file and its environment.
    """
    usual = usual or Settings()
    client = (("--context", settings.context, None), ("--kubeconfig", settings.kubeconfig, None))
    _typed.release = _given(("-n", settings.namespace, usual.namespace), ("--release", settings.release, usual.release))
    _typed.cluster = _given(
        ("--context", settings.context, usual.context),
        ("--kubeconfig", settings.kubeconfig, usual.kubeconfig),
        ("--provider", settings.provider, usual.provider),
        ("--cluster-name", settings.cluster, usual.cluster),
    )
    _typed.project, _typed.client = tuple(project), _given(*client)


def forget() -> None:
    """Forget the flags of the command before."""
    _typed.release = _typed.cluster = _typed.project = _typed.client = ()


def pasteable(text: str) -> str:
    """Return a hint or a fix whose commands can be pasted; comments behind `  #` stay as they are."""
    return "\n".join(_line(line) for line in text.split("\n"))


def complete(text: str, typed: Typed) -> str:
    """Return a line without a comment, with the flags in `typed` added to its commands.

    A command that names a cluster or a release already keeps what it names.
    """
    text = _OTHER.sub(lambda found: _other(found, text, typed), text)
    return _KITCTL.sub(lambda found: _kitctl(found, text, typed), text)


def program() -> str:
    """Return how this program can be called from here: its name where PATH has it, else its file."""
    if shutil.which("kitctl"):
        return "kitctl"
    path = Path(sys.argv[0]).absolute()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _given(*options: tuple[str, object, object]) -> tuple[tuple[str, str], ...]:
    return tuple((flag, str(value)) for flag, value, usual in options if value is not None and str(value) != str(usual))


def _line(line: str) -> str:
    command, hash_, comment = line.partition("  #")
    if not re.search(r"\b(kitctl|kubectl|helm)\b", command):
        return line
    programs = {"kitctl": program(), **{name: _file(name) for name in ("kubectl", "helm") if f"{name} " in command}}
    done = complete(command, replace(_typed, programs=programs))
    return done + hash_ + comment


def _file(name: str) -> str:
    """Return how kubectl or helm can be called: the one that kitctl uses, by its name if that is the one on PATH."""
    from kitctl.tools import toolbox  # noqa: PLC0415 - needed by errors only

    found = toolbox.find(name)
    return name if found is None or shutil.which(name) == str(found) else str(found)


def _rest(found: re.Match[str], text: str) -> list[str]:
    """Return the words that follow a command, up to the next one."""
    tail = text[found.end() :]
    return tail[: _END.search(tail).start()].replace("=", " ").split()  # type: ignore[union-attr]  # `$` matches


def _kitctl(found: re.Match[str], text: str, typed: Typed) -> str:
    words = _rest(found, text)
    chosen = any(flag in words for flag in _CHOICE)
    flags = typed.release if found[1] and not {"--namespace"} & set(words) else ()
    if (found[1] or found[2]) and not chosen:
        flags += typed.cluster
    if found[1] or found[2] or found[3]:
        flags += typed.project
    more = [f"{flag} {shlex.quote(value)}" for flag, value in flags if flag not in words]
    name = typed.programs.get("kitctl", "kitctl")
    return " ".join([found[0].replace("kitctl", name, 1).rstrip(), *more]) + (" " if found[0].endswith(" ") else "")


def _other(found: re.Match[str], text: str, typed: Typed) -> str:
    name, words = found[1], _rest(found, text)
    flags = dict(typed.client)
    context, kubeconfig = flags.get("--context"), flags.get("--kubeconfig")
    more = []
    if context and words[:1] != ["config"] and not {"--context", "--kube-context"} & set(words):
        more.append(f"{'--context' if name == 'kubectl' else '--kube-context'} {shlex.quote(context)}")
    if kubeconfig and "--kubeconfig" not in words:
        more.append(f"--kubeconfig {shlex.quote(kubeconfig)}")
    return " ".join([typed.programs.get(name, name), *more]) + " "
