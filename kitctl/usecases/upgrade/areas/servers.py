"""The floors: PostgreSQL, Kubernetes and Helm, by what the new Airflow is tested with and what the kit needs."""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.model.upgrade import floors
from kitctl.model.upgrade.findings import Area, Finding, NotPossibleError, area, unchecked
from kitctl.model.versions import pin
from kitctl.tools import toolbox
from kitctl.tools.process import run, which
from kitctl.usecases.upgrade.upgrade_facts import Facts

DATABASE, KUBERNETES, HELM = "database", "kubernetes", "helm"


def database(facts: Facts) -> Area:
    """Compare the server's version, and say whether tables will be changed."""
    tested, why = _tested(facts)
    try:
        old = facts.old
        version, revision = old.database.get("version", ""), old.database.get("revision", "")
        unknown = "" if version else f"The database did not answer in the pod ({old.database.get('said', 'no reason')})"
    except NotPossibleError as error:
        version, revision, unknown = _own(facts), "", str(error)
    if not version:
        return unchecked(DATABASE, unknown or "The values name a database that only a release can ask")
    found = _judged("PostgreSQL", version, tested.postgres, facts, "database-too-old", "docs/postgres.md")
    migrations, told = _migrations(facts, revision)
    words = f"PostgreSQL {version}; Airflow {facts.target} is tested with {', '.join(tested.postgres) or '(not known)'}"
    missing = list(dict.fromkeys(text for text in ("" if tested.postgres else why, unknown, told) if text))
    return area(DATABASE, ". ".join([words, *missing]), [*found, *migrations], complete=not missing)


def _own(facts: Facts) -> str:
    """Return the version of the chart's own PostgreSQL by its tag, "" for a database elsewhere."""
    try:
        user = facts.user
    except KitError:  # told with the values
        return ""
    if user.find("postgres", "enabled") is False:
        return ""
    return str(user.find("postgres", "image", "tag") or pin("images.postgres_tag"))


def _migrations(facts: Facts, revision: str) -> tuple[list[Finding], str]:
    """Return whether the new Airflow migrates the database, and why that is not known."""
    try:
        new, old = facts.new.revisions, set(facts.old_image.revisions)
    except (KitError, NotPossibleError) as error:
        words = error.message if isinstance(error, KitError) else str(error)
        return [], f"Whether tables change is not known: {words}"
    if revision and revision not in new:
        words = f"The database has the revision {revision}, which Airflow {facts.target} does not know"
        fix = "Choose a newer version: --to VERSION"
        return [Finding("airflow-downgrade", "error", "", words, "A newer Airflow has migrated it", fix)], ""
    more = [one for one in new if one not in old]
    if not more:
        return [], ""
    words = f"{len(more)} {'migration changes' if len(more) == 1 else 'migrations change'} tables of the database"
    cause = "Afterwards an older Airflow refuses the database, so the way back needs a backup"
    fix = "Make a backup right before the upgrade: docs/postgres.md"
    return [Finding("database-migration", "info", "", words, cause, fix)], ""


def kubernetes(facts: Facts) -> Area:
    """Compare the version of the cluster."""
    version = facts.running.kubernetes.removeprefix("v")
    if not version:
        return unchecked(KUBERNETES, facts.running.why)
    tested, why = _tested(facts)
    known = f"the kit is tested with {pin('kubernetes.minimum')} to {pin('kubernetes.maximum')}"
    found = _judged("Kubernetes", version, tested.kubernetes, facts, "kubernetes-too-old", "Upgrade the cluster first")
    if floors.below(version, (pin("kubernetes.minimum"),)):
        words = f"Kubernetes {version} is too old; {known}"
        found = [Finding("kubernetes-too-old", "error", "", words, "", "Upgrade the cluster first")]
    words = (
        f"Kubernetes {version}; Airflow {facts.target} is tested with {', '.join(tested.kubernetes) or '(not known)'}"
    )
    if tested.kubernetes:
        return area(KUBERNETES, f"{words}; {known}", found)
    return area(KUBERNETES, f"{words}: {why}; {known}", found, complete=False)


def helm(_: Facts) -> Area:
    """Compare the Helm of this machine."""
    path, needed = toolbox.find("helm"), pin("helm.minimum")
    place = path or which("helm")
    if place is None:
        words = f"helm was not found; {needed} or later is needed"
        return area(HELM, words, [Finding("tool-missing", "error", "", words, "", "scripts/get-tools helm")])
    have = toolbox.version(run([str(place), "version", "--short"], check=False, timeout=20).stdout)
    number = ".".join(map(str, have)) if have else "of unknown version"
    words = f"helm {number} ({place}); {needed} or later is needed"
    if path:
        return area(HELM, words)
    return area(HELM, words, [Finding("helm-too-old", "error", "", words, "", "scripts/get-tools helm")])


def _judged(name: str, version: str, tested: tuple[str, ...], facts: Facts, error: str, fix: str) -> list[Finding]:
    span = f"Airflow {facts.target} is tested with {', '.join(tested)}"
    if floors.below(version, tested):
        return [Finding(error, "error", "", f"{name} {version} is too old; {span}", "", fix)]
    if floors.above(version, tested):
        words = f"{name} {version} is newer than all that Airflow {facts.target} is tested with"
        return [Finding(f"{name.lower()}-untested", "warning", "", words, span, "Try the upgrade on a copy first")]
    return []


def _tested(facts: Facts) -> tuple[floors.Floors, str]:
    """Return what the new Airflow is tested with, and why that is not known."""
    try:
        found = facts.floors
    except KitError as error:
        return floors.Floors(), error.message
    return found, "The description of its package does not tell" if found == floors.Floors() else ""
