"""`kitctl upgrade-check`: one report of what stands between a project, or a release that runs, and another Airflow.

1. Judge the version that is asked for. 2. Judge values, options and the text of the DAGs. 3. Build the new image, and
import the DAGs in it. 4. Compare packages, database, Kubernetes and Helm. 5. Give one verdict. Nothing is changed.
"""

from __future__ import annotations

from kitctl.errors import KitError
from kitctl.model.settings import Settings
from kitctl.model.upgrade import target
from kitctl.model.upgrade.findings import Area, NotPossibleError, UpgradeReport
from kitctl.release.operation import Steps
from kitctl.usecases.upgrade import refusals
from kitctl.usecases.upgrade.areas import dags, image, options, packages, servers, user_values, version
from kitctl.usecases.upgrade.upgrade_facts import Facts
from kitctl.usecases.upgrade.wish import Wish


def check(settings: Settings, wish: Wish, steps: Steps) -> UpgradeReport:
    """Check an upgrade.

    Raises:
        KitError: `airflow-version-invalid`, `airflow-version-unknown`, `upgrade-target-too-old`,
            `upgrade-is-downgrade` (code USAGE); of values that cannot be read.
    """
    facts = Facts(settings, wish, steps.note)
    with steps.step("Versions"):
        goal = facts.target
        current, source = facts.current
        target.refuse_downgrade(current, source, goal)
        areas = [version.look(facts)]
    with steps.step("Values"):
        refused = refusals.find(facts)
    with steps.step("Image"):
        made = image.look(facts)
    with steps.step("Options"):
        judged, others = options.look(facts, refused)
        areas += [user_values.look(facts, others), judged]
    with steps.step("DAGs"):
        areas += [dags.rules(facts), made, dags.imports(facts)]
    with steps.step("Packages"):
        compared, changes = packages.look(facts)
    with steps.step("Servers"):
        areas += [compared, servers.database(facts), servers.kubernetes(facts), servers.helm(facts)]
    return UpgradeReport(
        ok=_ok(areas, strict=wish.strict),
        complete=all(one.status != "not-checked" for one in areas),
        current=str(current or ""),
        current_from=source,
        target=str(goal),
        image=_image(facts),
        areas=areas,
        packages=changes,
    )


def _ok(areas: list[Area], *, strict: bool) -> bool:
    bad = {"error", "warning"} if strict else {"error"}
    found = any(finding.level in bad for one in areas for finding in one.findings)
    return not found and not (strict and any(one.status == "not-checked" for one in areas))


def _image(facts: Facts) -> str:
    try:
        return facts.image
    except (KitError, NotPossibleError):
        return ""
