"""How long an operation may still take, and waiting within that time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Deadline:
    """The end of an operation, on the monotonic clock.

    Every wait of an operation asks the same deadline, so `--timeout` limits their sum.
    """

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start the clock.

        Args:
            seconds: How long the operation may take from now on.
            clock: Monotonic clock in seconds.
            sleep: Waits for some seconds.
        """
        self._clock, self._sleep = clock, sleep
        self._end = clock() + seconds

    @property
    def over(self) -> bool:
        """Whether no time is left."""
        return self._clock() >= self._end

    def left(self, at_least: float = 0.0) -> float:
        """Return the seconds that are left, but not less than `at_least`."""
        return max(at_least, self._end - self._clock())

    def now(self) -> float:
        """Return the time of the deadline's clock in seconds, for measuring how long something took."""
        return self._clock()

    def sooner(self, seconds: float) -> Deadline:
        """Return a deadline for one step: after `seconds`, or with the whole operation if that ends first."""
        return Deadline(min(seconds, self.left()), self._clock, self._sleep)

    def anew(self, seconds: float) -> Deadline:
        """Return a deadline of its own, for what has to be done although the time of the operation may be over."""
        return Deadline(seconds, self._clock, self._sleep)

    def pause(self, seconds: float) -> None:
        """Wait for some seconds, but never past the end."""
        self._sleep(min(seconds, self.left()))

    def rest(self, seconds: float) -> None:
        """Wait for some seconds, whatever is left: for what ends by itself within a known time."""
        self._sleep(seconds)

    def until(self, look: Callable[[], T | None], *, every: float = 0.5) -> T | None:
        """Look again and again until something is seen.

        Args:
            look: Returns what was waited for, or None. It runs at least once, and once more when the time is over.
            every: Seconds between two looks.

        Returns:
            What `look` returned, or None when the time is over.
        """
        while True:
            last = self.over
            if (found := look()) is not None:
                return found
            if last:
                return None
            self.pause(every)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the clock for a block: image builds do not count, since their time depends on the network alone."""
        begin = self._clock()
        try:
            yield
        finally:
            self._end += self._clock() - begin


def endless() -> Deadline:
    """Return a deadline that never comes, for waits that only the user ends."""
    return Deadline(math.inf)
