"""A thin image: a user's DAGs and requirements on any Airflow image."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from kitctl.errors import ExitCode, KitError
from kitctl.images.building import Built, ImageOptions, Progress, empty, make
from kitctl.images.requirements import CONSTRAINTS, Requirements, read
from kitctl.model.image_ref import (
    AIRFLOW,
    BASE_LABEL,
    BUNDLED,
    BUNDLED_MORE,
    DAGS,
    VERSION_LABELS,
    copy,
    digest,
    files,
    made_from_content,
)
from kitctl.model.versions import data_dir
from kitctl.tools.builders import builder

_KIT_FILES = ("dags/install.py", "dags/check.py", "check/worker_mode.py", "common/with-network.sh")


def build(
    tool: builder.Builder,
    base: str,
    version: str,
    *,
    dags: Path | None,
    requirements: Path | None,
    check: bool,
    options: ImageOptions,
    progress: Progress,
) -> Built:
    """Put DAGs and requirements on an Airflow image that is in the builder's storage.

    Args:
        tool: The builder.
        base: Full reference of the Airflow image.
        version: Its Airflow version.
        dags: The DAG folder, anywhere on this machine; None for requirements alone.
        requirements: A requirements file; None for none.
        check: Whether a DAG that does not import ends the build.
        options: Of the user.
        progress: Takes one line per step.

    Raises:
        KitError: `dags-missing`, `dags-empty`, `requirements-missing`, `requirements-encoding`,
            `requirements-conflict`, `dag-import-failed`, and those of `requirements.read`.
    """
    wanted = read(requirements)
    if dags is not None:
        look(dags, check=check)
    with TemporaryDirectory(prefix="kitctl-dags-") as folder:
        context = Path(folder) / "context"
        context.mkdir()
        _fill(context, dags, wanted, data_dir("docker"))
        checked = "yes" if check and dags is not None else "no"
        env = dict(options.check_env) if checked == "yes" else {}
        # The kit's own images are named by content; another base by its id, which follows a tag that moved.
        key = base if made_from_content(base) else tool.image_id(base)
        facts = [f"base {key}", f"check {checked}", f"platform {options.platform}"]
        facts += [f"check env {json.dumps(env, sort_keys=True)}"] if env else []
        tag = f"{DAGS}:{_mark(dags, wanted, base)}{digest([context], facts)}"
        labels = {VERSION_LABELS[0]: version, BASE_LABEL: base}
        args = {"BASE_IMAGE": base, "CHECK": checked, "CLEAR": "yes" if dags is not None else "no"}
        # A builder's cache of layers does not see what is in a secret.
        args["CHECK_KEY"] = tag if env else ""
        # The base's DAGs are cleared as root, who owns what a plain COPY brought; then its own user goes on.
        args["BASE_USER"] = user = "" if options.dry_run else tool.user(base) or "root"
        order = builder.Build(
            context / "Dockerfile",
            context,
            tag,
            args=args,
            labels=labels,
            secrets=_secrets(Path(folder), env, wanted.variables),
            cache_user=user,
        )
        built = make(tool, order, options, progress)
    return Built(tag, version, built, tool.name)


def _mark(dags: Path | None, wanted: Requirements, base: str) -> str:
    """Return how the tag begins: a later `up` replaces the kit's own examples, but never the DAGs of a user."""
    if dags is None or dags.resolve() != data_dir("dags").resolve():
        return ""
    return BUNDLED_MORE if wanted.text.strip() or not base.startswith(f"{AIRFLOW}:") else BUNDLED


def look(dags: Path, *, check: bool = True) -> None:
    """Refuse a DAG folder that cannot be one, before anything is built.

    Raises:
        KitError: `dags-missing`, `dags-empty`.
    """
    if not dags.is_dir():
        raise KitError(
            "dags-missing",
            f"The DAG folder {dags} is a file" if dags.exists() else f"The DAG folder {dags} does not exist",
            cause="--dags takes a folder" if dags.exists() else f"Relative paths start at {Path.cwd()}",
            fix="Name the folder with your DAG files: --dags PATH",
            code=ExitCode.PREFLIGHT,
        )
    if check and not any(p.suffix in {".py", ".zip"} for p in files(dags)):
        raise empty(f"{dags} holds no .py and no .zip file")


def _secrets(folder: Path, env: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, Path]:
    """Write what no layer may hold: the release's variables for the check, and those of the requirements for pip."""
    given = {"env": env, "pip": variables}
    found = {name: folder / f"secret-{name}" for name, values in given.items() if values}
    for name, path in found.items():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as out:
            json.dump(dict(given[name]), out)
    return found


def _fill(context: Path, dags: Path | None, requirements: Requirements, docker: Path) -> None:
    """Lay the build context out as docker/dags/Dockerfile describes it, readable by any uid."""
    shutil.copyfile(docker / "dags" / "Dockerfile", context / "Dockerfile")
    (context / "kit").mkdir()
    for name in _KIT_FILES:
        shutil.copyfile(docker / name, context / "kit" / Path(name).name)
    (context / "kit" / "requirements.txt").write_text(requirements.text, encoding="utf-8")
    if requirements.constraints:
        (context / "kit" / CONSTRAINTS).write_text(requirements.constraints, encoding="utf-8")
    for path in (context / "kit").iterdir():
        path.chmod(0o644)
    (context / "kit").chmod(0o755)
    target = context / "dags"
    if dags is None:
        target.mkdir()
        target.chmod(0o755)
    else:
        copy(dags, target)
