"""Options of a project file that a DAG mode does not use are left out; what was typed stays, and is refused later."""

from pathlib import Path

import pytest

from kitctl.model.options.up import UpOptions
from kitctl.model.values.dags import DagMode

GIVEN = UpOptions(dags=Path("dags"), git_repo="https://h/x", git_ref="main", git_secret="s", requirements=Path("r"))
KEYS = {"dags", "git-repo", "git-ref", "git-secret", "requirements"}


@pytest.mark.parametrize(
    ("mode", "dags", "repo"),
    [
        (DagMode.IMAGE, Path("dags"), None),
        (DagMode.PVC, None, None),
        (DagMode.GIT, None, "https://h/x"),
        (DagMode.BUNDLE, None, "https://h/x"),
    ],
)
def test_each_mode_keeps_what_it_uses(mode, dags, repo):
    found = GIVEN.fitting(mode, KEYS)
    assert (found.dags, found.git_repo, bool(found.git_ref)) == (dags, repo, repo is not None)
    assert found.requirements == Path("r")


@pytest.mark.parametrize("mode", DagMode)
def test_what_was_typed_stays(mode):
    assert GIVEN.fitting(mode, set()) == GIVEN
