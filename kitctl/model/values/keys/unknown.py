"""What somebody may have meant by keys that the chart does not have: keys of another chart, or slips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from kitctl.model.values.keys.allowed import keys
from kitctl.model.values.keys.peers import PEERS, Answer, Names, peer

# Keys that people expect although none of the charts in peers.py has them.
_RENAMED = {
    "rabbitmq": "broker.rabbitmq with broker.kind: rabbitmq for the kit's own broker, broker.external for one of yours",
}


_CERTAIN = 3
"""Unknown keys of one other chart from which on a file counts as written for it."""


def meant(unknown: Sequence[Names], given: Sequence[Names]) -> list[str]:
    """Say what took the place of unknown keys, or which keys are spelt nearly so.

    Args:
        unknown: The keys that are not there, as Helm tells them: it does not look into a section that is unknown.
        given: All keys that somebody set, in their order, and not the sections that have keys.

    Returns:
        A line for each key, or for a section if it answers all that is in it: "dags.git_repo is now: dags.git.repo".
        Keys that are like none that is known get no line. In a file that was written for another chart, keys that mean
        something else there get one as well.
    """
    below = {key: place for key in given for place in unknown if key[: len(place)] == place}
    below |= {place: place for place in unknown if place not in below.values()}
    answers = _of_peers(list(below))
    lines: list[str] = []
    for key in dict.fromkeys([*given, *below]):
        place = below.get(key)
        if place is None:
            lines += _of_known(key, answers)
        elif new := _RENAMED.get("/".join(place)):
            lines.append(f"{'.'.join(place)} is now: {new}")
        else:
            told = _told({name: found[key] for name, found in answers.items() if key in found})
            lines += list(told) or _near(place)
    return list(dict.fromkeys(lines))


def _of_peers(keys: list[Names]) -> dict[str, dict[Names, Answer]]:
    """Return the answers of the charts to which the keys may belong: of those that know most of them, else of any."""
    found = {name: {key: answer for key in keys if (answer := peer(name).lookup(key))} for name in PEERS}
    most = max(len(answers) for answers in found.values())
    likely = {key for answers in found.values() if len(answers) == most for key in answers}
    return {
        name: {key: answer for key, answer in answers.items() if len(answers) == most or key not in likely}
        for name, answers in found.items()
    }


def _of_known(key: Names, answers: dict[str, dict[Names, Answer]]) -> Iterator[str]:
    """Say what a key that the chart has means in the other chart for which the file was written, if it was."""
    name, found = max(answers.items(), key=lambda pair: len(pair[1]))
    others = max((len(more) for other, more in answers.items() if other != name), default=0)
    answer = peer(name).lookup(key)
    if answer and _CERTAIN <= len(found) > others and answer.new != (answer.old,):
        yield f"{answer.words()}, if the file is for {peer(name).title}"


def _told(answers: dict[str, Answer]) -> Iterator[str]:
    """Say what the tables answer of a key: once what they agree about, else each with the chart that it is true for."""
    different = {(a.old, a.new, a.change, a.gone): (name, a) for name, a in reversed(answers.items())}
    for name, answer in reversed(different.values()):
        yield answer.words() + (f", if the file is for {peer(name).title}" if len(different) > 1 else "")


def _near(key: Names) -> Iterator[str]:
    *place, name = key
    known = {key.lower(): key for key in keys("".join(f"/{part}" for part in place))}
    for near in get_close_matches(name.lower().replace("_", "").replace("-", ""), known, n=1, cutoff=0.75):
        yield f"Did you mean {'.'.join([*place, known[near]])}?"
