"""Time that passes only where somebody waits, and an operation on a cluster in memory."""

import json
from contextlib import nullcontext

from kitctl.commands.console.report import plain
from kitctl.model.settings import Settings
from kitctl.release.operation import Operation
from kitctl.tools.deadline import Deadline


class Steps:
    """Writes down the steps and notes."""

    def __init__(self):
        self.names, self.notes = [], []

    def step(self, name):
        self.names.append(name)
        return nullcontext()

    def note(self, line):
        self.notes.append(line)


class Clock:
    """A clock that a wait moves on; `change(second)` runs after each wait."""

    def __init__(self, change=None):
        self.now, self.change, self.waits = 0.0, change, []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.waits.append(seconds)
        self.now += seconds
        if self.change:
            self.change(self.now)

    def deadline(self, seconds=600.0):
        return Deadline(seconds, self, self.sleep)


def operation(fake, settings=None, *, ask=lambda _: True, clock=None, cluster=None):
    """Return an operation whose Kubernetes is `fake`."""
    op = Operation(settings or Settings(), cluster, Steps(), ask, (clock or Clock()).deadline())
    op.__dict__["kube"] = fake.kube
    return op


def as_json(report):
    """Return a report as a script reads it with -o json."""
    return json.loads(json.dumps(plain(report)))
