"""Where values come from: the arguments of every Helm command that takes values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from kitctl.model.settings import Settings
from kitctl.tools.helm.values_files import refuse_repeats


@dataclass(frozen=True)
class Sources:
    """Values as Helm takes them. Helm itself decides which of them wins.

    Attributes:
        files: Values files (-f). A later file wins.
        sets: KEY=VALUE (--set).
        set_strings: KEY=VALUE whose value is always a string (--set-string).
        set_files: KEY=PATH whose value is the text of a file (--set-file).
        set_jsons: KEY=JSON (--set-json).
    """

    files: tuple[Path, ...] = ()
    sets: tuple[str, ...] = ()
    set_strings: tuple[str, ...] = ()
    set_files: tuple[str, ...] = ()
    set_jsons: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> Sources:
        """Return what the user gave.

        Raises:
            KitError: `values-key-repeated`, `values-invalid` (code USAGE) for files that Helm would read in part.
        """
        s = settings
        refuse_repeats(s.values)
        return cls(tuple(p.absolute() for p in s.values), s.sets, s.set_strings, s.set_files, s.set_jsons)

    def between(self, below: tuple[Path, ...] = (), above: tuple[Path, ...] = ()) -> Sources:
        """Return the same with more files: `below` the user's own, which win over them, and `above`, which win."""
        return replace(self, files=(*below, *self.files, *above))

    def below_sets(self, sets: tuple[str, ...]) -> Sources:
        """Return the same with more --set, over which those of the user win."""
        return replace(self, sets=(*sets, *self.sets))

    def with_texts(self, texts: Mapping[str, Path]) -> Sources:
        """Return the same with files whose text becomes the value of a key."""
        return replace(self, set_files=(*self.set_files, *(f"{key}={path}" for key, path in texts.items())))

    def only_sets(self) -> Sources:
        """Return the same without values files."""
        return replace(self, files=())

    @property
    def any_set(self) -> bool:
        """Whether there is a --set option of any kind."""
        return bool(self.sets or self.set_strings or self.set_files or self.set_jsons)

    def argv(self) -> list[str]:
        """Return the arguments for the command line."""
        pairs = [("-f", str(path)) for path in self.files]
        kinds = {
            "--set-json": self.set_jsons,
            "--set": self.sets,
            "--set-string": self.set_strings,
            "--set-file": self.set_files,
        }
        pairs += [(option, text) for option, texts in kinds.items() for text in texts]
        return [word for pair in pairs for word in pair]
