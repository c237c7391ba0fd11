"""What somebody may have meant by keys that the chart does not have: keys of another chart, or slips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from kitctl.model.values.allowed import keys
from kitctl.model.values.peers import PEERS, Answer, Names, peer

# Keys that people expect although none of the charts in peers.py has them.
_RENAMED = {
    "rabbitmq": "broker.rabbitmq with broker.kind: rabbitmq for the kit's own broker, broker.external for one of yours",
}


def meant(unknown: Sequence[Names], given: Sequence[Names]) -> list[str]:
    """Say what took the place of unknown keys, or which keys are spelt nearly so.

    Args:
        unknown: The keys that are not there, as Helm tells them: it does not look into a section that is unknown.
        given: All keys that somebody set, at or below these, in their order.

    Returns:
        A line for each key, or for a section if it answers all that is in it: "dags.git_repo is now: dags.git.repo".
        Keys that are like none that is known get no line.
    """
    answers = _of_peers(given)
    lines: list[str] = []
    for key in given:
        place = next((p for p in unknown if key[: len(p)] == p), key)
        if new := _RENAMED.get("/".join(place)):
            lines.append(f"{'.'.join(place)} is now: {new}")
        elif key in answers:
            lines += answers[key]
        else:
            lines += _near(place)
    return list(dict.fromkeys(lines))


def _of_peers(given: Sequence[Names]) -> dict[Names, list[str]]:
    """Ask the tables of the charts to which the keys may belong: those that know most of them, else any."""
    found = {name: {key: answer for key in given if (answer := peer(name).lookup(key))} for name in PEERS}
    most = max(len(answers) for answers in found.values())
    likely = [name for name in PEERS if len(found[name]) == most]
    lines: dict[Names, list[str]] = {}
    for key in given:
        asked = [name for name in likely if key in found[name]] or [name for name in PEERS if key in found[name]]
        if asked:
            lines[key] = list(_told({name: found[name][key] for name in asked}))
    return lines


def _told(answers: dict[str, Answer]) -> Iterator[str]:
    """Say what the tables answer: once what they agree about, else each with the chart that it is true for."""
    different = {(a.old, a.new, a.change, a.gone): (name, a) for name, a in reversed(answers.items())}
    for name, answer in reversed(different.values()):
        yield answer.words() + (f", if the file is for {peer(name).title}" if len(different) > 1 else "")


def _near(key: Names) -> Iterator[str]:
    *place, name = key
    known = {key.lower(): key for key in keys("".join(f"/{part}" for part in place))}
    for near in get_close_matches(name.lower().replace("_", "").replace("-", ""), known, n=1, cutoff=0.75):
        yield f"Did you mean {'.'.join([*place, known[near]])}?"
