"""`kitctl logs --bundle`: everything that somebody needs who helps with a release, without its secrets."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kitctl import __version__
from kitctl.errors import KitError
from kitctl.model.options.purpose import Purpose
from kitctl.model.secret_values import Masker
from kitctl.model.versions import pin
from kitctl.release.handle import Release
from kitctl.release.operation import Steps
from kitctl.tools import toolbox
from kitctl.tools.helm.client import documents
from kitctl.tools.helm.records import Record, records
from kitctl.tools.new_file import new_file
from kitctl.tools.process import run
from kitctl.usecases.bundle import airflow, kube_objects, secrets
from kitctl.usecases.bundle.archive import ALL_BYTES, FILE_BYTES, MIB, Archive, Part
from kitctl.usecases.bundle.target import check_target, refusals
from kitctl.usecases.doctor.doctor import Wish, diagnose
from kitctl.usecases.status import read_status

CONTENTS = (
    "status and doctor reports",
    "values and manifest of the Helm release",
    "objects and events of the release, and its nodes",
    "logs of all containers",
    "logs of tasks that failed lately",
    "airflow.cfg and versions",
)
"""What `--dry-run` lists."""
_DOCTOR_SECONDS = 120.0


@dataclass(frozen=True)
class BundleReport:
    """The report of `kitctl logs --bundle -o json`.

    Attributes:
        file: The archive.
        bytes: Its size.
        release: Name of the release.
        namespace: Its namespace.
        context: Kube context.
        contents: What is in it.
        secrets: Number of Secrets whose values were hidden.
        hidden: Number of places that were hidden.
        not_hidden: "SECRET KEY" of the values that are no secret, since they are names of the release.
        missing: What could not be read, one line each.
    """

    file: str
    bytes: int
    release: str
    namespace: str
    context: str
    contents: list[Part]
    secrets: int
    hidden: int
    not_hidden: list[str]
    missing: list[str]


@dataclass(frozen=True)
class _Known:
    """What all parts are made of."""

    release: Release
    records: list[Record]
    namespaces: list[str]
    objects: list[dict[str, Any]]
    missing: list[str]

    @property
    def pods(self) -> list[dict[str, Any]]:
        return [obj for obj in self.objects if obj["kind"] == "Pod"]


def write_bundle(release: Release, file: Path, steps: Steps) -> BundleReport:
    """Write a support archive.

    1. find the release; 2. read all its Secrets, so that their values can be hidden; 3. write part after part, and
    note what cannot be read; 4. give the file its name.

    Raises:
        KitError: `bundle-secrets-unreadable`, `release-missing`, `bundle-exists`, `bundle-not-written`.
        OSError: when the disk is full. Nothing is left behind then.
    """
    check_target(file)
    with steps.step("Release"):
        known = _look(release)
    with steps.step("Secrets"):
        masker, count = _masker(known)
    archive = Archive(file.name.removesuffix(".gz").removesuffix(".tar"), masker, known.missing)
    with refusals(file), new_file(file) as out:
        with archive.open(out):
            _write(archive, known, steps)
            archive.settings("README.txt", _readme(archive, release, count))
        out.flush()
        size = out.tell()
    settings = release.settings
    return BundleReport(
        file=str(file),
        bytes=size,
        release=settings.release,
        namespace=settings.namespace,
        context=release.kube.context,
        contents=archive.contents,
        secrets=count,
        hidden=masker.count,
        not_hidden=masker.open,
        missing=archive.missing,
    )


def _look(release: Release) -> _Known:
    settings, missing = release.settings, list[str]()
    try:
        history = records(release.kube, settings.namespace, settings.release)
    except KitError as error:
        if error.id == "forbidden":  # Helm keeps them in Secrets
            raise secrets.unreadable(f"The Secrets of the namespace {settings.namespace}", error) from error
        if error.id != "helm-record-broken":
            raise
        history = []
        missing.append(f"helm: {error.message}")
    worker = (history[-1].config.get("workers") or {}).get("namespace") if history else ""
    namespaces = list(dict.fromkeys([settings.namespace, str(worker or settings.namespace)]))
    found = kube_objects.collect(release, namespaces, missing)
    if not found and not history:
        raise release.missing()
    return _Known(release, history, namespaces, found, missing)


def _masker(known: _Known) -> tuple[Masker, int]:
    """Return what hides the values of all Secrets, and the number of Secrets."""
    settings = known.release.settings
    names = secrets.used(known.objects, known.namespaces)
    names |= secrets.labelled(known.release, known.namespaces)
    for record in known.records:
        names |= secrets.used(documents(record.manifest), known.namespaces)
    found = secrets.values(known.release, names)
    public = {"airflow", settings.release, settings.namespace, *known.namespaces, known.release.kube.context}
    return Masker.of(found, public), len({value.secret for value in found})


def _write(archive: Archive, known: _Known, steps: Steps) -> None:
    release, note = known.release, steps.note

    def part(name: str, add: Callable[[], object]) -> None:
        with steps.step(name):
            try:
                add()
            except KitError as error:
                archive.missing.append(f"{name}: {error.message} [{error.id}]")
                note(f"left out: {error.message}")
            except OSError:  # of the archive itself
                raise
            except Exception as bug:  # noqa: BLE001 - a part with a bug must not cost the others
                archive.missing.append(f"{name}: a bug of kitctl: {type(bug).__name__}: {bug}")

    part("Versions", lambda: archive.data("versions.yaml", _versions(known)))
    part("Helm", lambda: _add_helm(archive, known))
    part("Objects", lambda: kube_objects.add_objects(archive, known.objects))
    part("Descriptions", lambda: kube_objects.add_describe(archive, release, known.pods))
    part("Events", lambda: kube_objects.add_events(archive, release, known.namespaces))
    part("Nodes", lambda: kube_objects.add_nodes(archive, release))
    part("airflow.cfg", lambda: kube_objects.add_config(archive, known.objects))
    part("Logs", lambda: kube_objects.add_logs(archive, release, known.pods, note))
    part("Status", lambda: archive.data("status.yaml", asdict(read_status(release))))
    part("Logs of failed tasks", lambda: airflow.add_task_logs(archive, release, note))
    part("Doctor", lambda: archive.data("doctor.yaml", _doctor(release, note)))


def _add_helm(archive: Archive, known: _Known) -> None:
    if not known.records:
        archive.missing.append("helm: Helm knows no such release (Argo CD and kubectl leave no record)")
        return
    listed = [{"revision": r.revision, "status": r.status, "chart": r.chart, "age": r.age} for r in known.records]
    newest = known.records[-1]
    archive.data("helm/history.yaml", listed)
    archive.data("helm/values.yaml", newest.config)
    archive.data("helm/manifest.yaml", [kube_objects.without_secrets(obj) for obj in documents(newest.manifest)])


def _versions(known: _Known) -> dict[str, Any]:
    release = known.release
    found = {
        "kitctl": __version__,
        "airflow_of_kitctl": pin("airflow.version"),
        "chart": known.records[-1].chart if known.records else "",
        "kubernetes": release.kube.version(),
        "python": platform.python_version(),
        "machine": platform.platform(),
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    for tool, words in (("helm", ["version", "--short"]), ("kubectl", ["version", "--client"])):
        try:
            found[tool] = run([str(toolbox.tool(tool)), *words], timeout=20).stdout.strip()
        except KitError as error:
            found[tool] = error.message
    return found


def _doctor(release: Release, note: Callable[[str], None]) -> dict[str, Any]:
    """Return the report of the doctor; a dry run, which makes no pods in the cluster."""
    settings = release.settings
    quick = replace(settings, dry_run=True, timeout=min(settings.timeout, _DOCTOR_SECONDS))
    found = diagnose(quick, Wish(Purpose.DEPLOY), note)
    if found.stop:
        raise found.stop
    return asdict(found.report)


def _readme(archive: Archive, release: Release, count: int) -> str:
    settings = release.settings
    missing = [f"  - {line}" for line in archive.missing] or ["  nothing"]
    return "\n".join(
        [
            f"Support archive of the release {settings.release} in the namespace {settings.namespace}",
            f"written by kitctl {__version__} at {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
            "",
            f"The values of {count} Secrets are replaced by ***, in plain text, in base64, and quoted for URLs.",
            "So is what has the name of a secret (password, token, private key). Look through it before you hand it",
            "on: names of DAGs, hosts and users are in it, and what tasks printed.",
            "",
            f"Each log has at most its last {kube_objects.LOG_LINES} lines. No file has more than {FILE_BYTES // MIB}",
            f"MiB, and all files together have at most {ALL_BYTES // MIB} MiB.",
            "",
            "Files:",
            *(f"  {size:>9}  {name}" for name, size in sorted(archive.names.items())),
            "",
            "What could not be read:",
            *missing,
        ]
    )
