"""A thin image: a user's DAGs and requirements on any Airflow image."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from kitctl.errors import ExitCode, KitError
from kitctl.images.building import Built, ImageOptions, Progress, empty, make
from kitctl.model.image_ref import BASE_LABEL, DAGS, VERSION_LABELS, copy, digest, files, made_from_content
from kitctl.model.versions import data_dir
from kitctl.tools.builders import builder

_INCLUDE = re.compile(r"^\s*(?:-r|--requirement)[ =]+(\S+)")
_KIT_FILES = ("dags/install.py", "dags/check.py", "common/with-network.sh")


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
            `requirements-conflict`, `dag-import-failed`.
    """
    text = flatten(requirements) if requirements is not None else ""
    if dags is not None:
        look(dags, check=check)
    docker = data_dir("docker")
    with TemporaryDirectory(prefix="kitctl-dags-") as folder:
        context = Path(folder)
        _fill(context, dags, text, docker)
        checked = "yes" if check and dags is not None else "no"
        # The kit's own images are named by content; another base by its id, which follows a tag that moved.
        key = base if made_from_content(base) else tool.image_id(base)
        facts = [f"base {key}", f"check {checked}", f"platform {options.platform}"]
        tag = f"{DAGS}:{digest([context], facts)}"
        labels = {VERSION_LABELS[0]: version, BASE_LABEL: base}
        args = {"BASE_IMAGE": base, "CHECK": checked, "CLEAR": "yes" if dags is not None else "no"}
        # The base's DAGs are cleared as root, who owns what a plain COPY brought; then its own user goes on.
        user = "" if options.dry_run else tool.user(base) or "root"
        args["BASE_USER"] = user
        order = builder.Build(context / "Dockerfile", context, tag, args=args, labels=labels, cache_user=user)
        built = make(tool, order, options, progress)
    return Built(tag, version, built, tool.name)


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


def flatten(path: Path, seen: frozenset[Path] = frozenset()) -> str:
    """Read a requirements file with the files that it includes by -r, so that the build needs one file.

    Raises:
        KitError: `requirements-missing`, `requirements-encoding`.
    """
    if not path.is_file():
        raise KitError(
            "requirements-missing",
            f"The requirements file {path} does not exist",
            fix="Name an existing file: --requirements FILE",
            code=ExitCode.PREFLIGHT,
        )
    if path.resolve() in seen:
        return ""
    lines = []
    for line in _read(path).splitlines():
        included = _INCLUDE.match(line)
        lines.append(flatten(path.parent / included[1], seen | {path.resolve()}) if included else line + "\n")
    return "".join(lines)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise KitError(
            "requirements-encoding",
            f"The requirements file {path} is not UTF-8",
            cause=f"Byte {error.start}: {error.reason}; PowerShell's > writes UTF-16",
            fix=f"iconv -f UTF-16 -t UTF-8 {path} > requirements-utf8.txt",
            code=ExitCode.PREFLIGHT,
        ) from error


def _fill(context: Path, dags: Path | None, requirements: str, docker: Path) -> None:
    """Lay the build context out as docker/dags/Dockerfile describes it, readable by any uid."""
    shutil.copyfile(docker / "dags" / "Dockerfile", context / "Dockerfile")
    (context / "kit").mkdir()
    for name in _KIT_FILES:
        shutil.copyfile(docker / name, context / "kit" / Path(name).name)
    (context / "kit" / "requirements.txt").write_text(requirements, encoding="utf-8")
    target = context / "dags"
    if dags is None:
        target.mkdir()
    else:
        copy(dags, target)
