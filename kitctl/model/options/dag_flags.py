"""Flags about DAGs become values: the mode, and the repository in the section that the mode reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kitctl.errors import ExitCode, KitError
from kitctl.model.values.dags import DagMode

if TYPE_CHECKING:
    from kitctl.model.options.up import UpOptions


def dags_values(options: UpOptions, mode: DagMode, bundles: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the values below `dags`: the mode, and the repository in the section of that mode.

    Args:
        options: The flags.
        mode: How DAGs arrive, by flag or values.
        bundles: Mode bundle: the items that the user's values name.

    Raises:
        KitError: `git-flags-unused`, `git-flags-ambiguous` (code USAGE).
    """
    dags: dict[str, Any] = {"mode": options.dag_mode.value} if options.dag_mode else {}
    repository = {"repo": options.git_repo, "ref": options.git_ref, "subPath": options.git_sub_path}
    given: dict[str, Any] = {key: value for key, value in repository.items() if value}
    login = {"secret": options.git_secret, "type": options.git_auth}
    if credentials := {key: value for key, value in login.items() if value}:
        given["credentials"] = credentials
    if given:
        _refuse_unused(mode, bundles)
    if given and mode is DagMode.BUNDLE:
        own: dict[str, Any] = dict(bundles[0]) if bundles else {"name": "dags"}
        if credentials:
            given["credentials"] = {**(own.get("credentials") or {}), **credentials}
        dags["bundle"] = {"items": [{**own, **given}]}
    elif given:
        dags["git"] = given
    return dags


def _refuse_unused(mode: DagMode, bundles: Sequence[Mapping[str, Any]]) -> None:
    """Refuse flags of a repository that nothing would read, or that several could mean."""
    if mode not in {DagMode.GIT, DagMode.BUNDLE}:
        raise KitError(
            "git-flags-unused",
            f"A repository is given, but the DAG mode {mode.value} does not use one",
            cause="--git-repo, --git-ref, --git-sub-path, --git-secret, --git-auth and their variables "
            "(KITCTL_GIT_REPO, CONFIGMAP_GIT_REPO, …), and their keys in kitctl.yaml, are for the modes git and bundle",
            fix="--dag-mode git    # or leave the repository out; kitctl config show tells what gave it",
            code=ExitCode.USAGE,
        )
    if mode is DagMode.BUNDLE and len(bundles) > 1:
        names = ", ".join(str(item.get("name")) for item in bundles)
        raise KitError(
            "git-flags-ambiguous",
            "The values contain several bundles, and the --git- flags do not say which one they change",
            cause=f"dags.bundle.items contains {names}",
            fix="Leave the --git- flags out, and change the bundle in the values",
            code=ExitCode.USAGE,
        )
