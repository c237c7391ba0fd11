"""The git checkout that a push speaks of: which commit, whether it was pushed, and what comes after it."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from kitctl.errors import ExitCode, KitError
from kitctl.tools.deadline import Deadline
from kitctl.tools.process import Result, run

Note = Callable[[str], None]
_SECONDS, _AGAIN_SECONDS = 20.0, 30.0
_ENV = {"GIT_TERMINAL_PROMPT": "0"}


@dataclass
class Checkout:
    """A folder of a git checkout.

    Attributes:
        path: The folder.
        repositories: What the release reads; asked where the checkout has no remote of its own.
    """

    path: Path
    repositories: Sequence[str] = ()
    _asked: dict[str, Deadline] = field(default_factory=dict)

    def pushed_commit(self, note: Note) -> str:
        """Return the commit that the cluster is to follow.

        Raises:
            KitError: `git-checkout-missing`, `git-not-pushed` (code USAGE).
        """
        answer = self._git("rev-parse", "--verify", "HEAD")
        head = answer.stdout.strip()
        if not answer.ok:
            raise KitError(
                "git-checkout-missing",
                f"git finds no commit in {self.path}",
                cause="In this DAG mode the cluster reads a repository, not a folder of this machine. git says:\n"
                + answer.stderr.strip(),
                fix="Run it in a checkout of the repository, after git push",
                code=ExitCode.USAGE,
            )
        upstream = self._word("rev-parse", "--verify", "@{upstream}")
        if upstream and not self._git("merge-base", "--is-ancestor", head, upstream).ok:
            raise _not_pushed(head, f"its upstream branch at {upstream[:12]}")
        if not upstream:
            self._known_elsewhere(head, note)
        if self._word("--no-optional-locks", "status", "--porcelain", "--", "."):
            note("the checkout has changes that are in no commit; the cluster will not see them")
        return head

    def carries(self, seen: str, commit: str) -> bool:
        """Whether what the cluster has is the commit, or one that came after it. Unknown ones are fetched."""
        if seen == commit or not re.fullmatch("[0-9a-f]{40,64}", seen):
            return seen == commit
        asked = self._asked.get(seen)
        if not self._here(seen) and (asked is None or asked.over):
            self._asked[seen] = Deadline(_AGAIN_SECONDS)
            # The commit alone, so that no branch of the checkout moves.
            words = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head")
            any(self._git(*words, remote, seen).ok for remote in self._remotes())
        return self._here(seen) and self._git("merge-base", "--is-ancestor", commit, seen).ok

    @contextmanager
    def files_at(self, commit: str, sub_path: str) -> Iterator[Path]:
        """Yield a folder with the files of a commit below a folder of the repository."""
        with TemporaryDirectory(prefix="kitctl-commit-") as folder:
            archive = Path(folder) / "files.tar"
            run(["git", "-C", str(self.top()), "archive", "-o", str(archive), commit], timeout=120)
            with tarfile.open(archive) as tar:
                tar.extractall(Path(folder) / "files", filter="data")
            yield Path(folder) / "files" / sub_path.strip("/")

    def top(self) -> Path:
        """Return the top of the checkout."""
        return Path(run(["git", "-C", str(self.path), "rev-parse", "--show-toplevel"], timeout=20).stdout.strip())

    def _known_elsewhere(self, head: str, note: Note) -> None:
        """Refuse a commit without an upstream branch that no repository has, as far as anybody can tell."""
        if self._word("for-each-ref", "--contains", head, "refs/remotes"):
            return
        answers = [self._git("ls-remote", remote) for remote in self._remotes()]
        if any(answer.ok and head in answer.stdout.split() for answer in answers):
            return
        # A shallow checkout of CI does not know how an older commit and the tip of a branch belong together.
        shallow = self._word("rev-parse", "--is-shallow-repository") == "true"
        if shallow or not any(answer.ok for answer in answers):
            note(f"nobody could tell whether {head[:12]} was pushed")
            return
        raise _not_pushed(head, "which the repository does not have")

    def _remotes(self) -> list[str]:
        return self._word("remote").split() or list(self.repositories)

    def _here(self, commit: str) -> bool:
        return self._git("cat-file", "-e", f"{commit}^{{commit}}").ok

    def _word(self, *words: str) -> str:
        answer = self._git(*words)
        return answer.stdout.strip() if answer.ok else ""

    def _git(self, *words: str) -> Result:
        try:
            return run(["git", "-C", str(self.path), *words], check=False, env=_ENV, timeout=_SECONDS)
        except KitError as error:
            if error.id != "command-timeout":
                raise
            return Result(1, "", error.message)  # a server that is out of reach from here says nothing of the commit


def _not_pushed(head: str, but: str) -> KitError:
    return KitError(
        "git-not-pushed",
        f"The checkout is at {head[:12]}, {but}",
        cause="kitctl does not push for you",
        fix="git push    # the first time: git push -u origin HEAD",
        code=ExitCode.USAGE,
    )
