"""The repositories of test_git_features.py on the git server of the tests."""

from __future__ import annotations

from dataclasses import dataclass

from tests.e2e.git.server import GitServer
from tests.e2e.git.stories import short
from tests.e2e.kit import run


@dataclass(frozen=True)
class Repositories:
    """Three repositories and the commits that matter.

    Attributes:
        dags: Read with a password, by ssh or by anybody; DAGs in `flows`, a submodule below it.
        shared: The submodule's repository, with a DAG of its own.
        app: Read by a GitHub App only.
        first: A commit of dags that is no tip, with the DAG `early` at the top.
        tagged: The commit of dags that the tag v1 names; the branch has gone on.
        pinned: A commit of shared that is no tip.
        by_app: The tip of app.
    """

    dags: GitServer
    shared: GitServer
    app: GitServer
    first: str
    tagged: str
    pinned: str
    by_app: str

    def other_key(self) -> str:
        """Return a private key that the GitHub App does not have."""
        path = self.dags.folder / "other.pem"
        run(["openssl", "genrsa", "-out", path, "2048"], timeout=60).ok()
        return path.read_text()


def made(dags: GitServer) -> Repositories:
    """Fill the repositories."""
    shared, app = dags.other("shared"), dags.other("app")
    pinned = shared.commit({"words.py": 'WORD = "word of the submodule"\n', "pinned.py": short("pinned", "pinned")})
    shared.commit({"words.py": 'WORD = "a later word"\n', "pinned.py": short("pinned", "later")})
    by_app = app.commit({"by_app.py": short("by_app", "by the app")})
    dags.commit({"README": "DAGs of the tests\n"})
    first = dags.commit({"early.py": short("early", "first")})
    composed = short("composed", "tagged", "WORD", "from common.words import WORD")
    _embed(dags, "flows/common", shared, pinned)
    # The submodule's DAG is in a bundle of its own: one id in two bundles would belong to whichever is parsed last.
    tagged = dags.commit({"early.py": None, "flows/composed.py": composed, "flows/.airflowignore": "common/\n"})
    dags.git("tag", "v1")
    dags.commit({"flows/composed.py": composed.replace("tagged", "of the branch")})
    return Repositories(dags, shared, app, first, tagged, pinned, by_app)


def _embed(git: GitServer, path: str, other: GitServer, commit: str) -> None:
    """Add a submodule; by hand, as the machine of the tests does not know the server by its name."""
    (git.work / path).mkdir(parents=True)
    git.git("update-index", "--add", "--cacheinfo", f"160000,{commit},{path}")
    git.commit({".gitmodules": f'[submodule "{path}"]\n\tpath = {path}\n\turl = {other.https}\n'})
