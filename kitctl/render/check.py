"""Checks a finished worker pod template before the scheduler reads it, and crashes on it or ignores its faults."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from kitctl.model.strict_yaml import Loader
from kitctl.render import pod_git, pod_rules, pod_runs, pod_text
from kitctl.render.findings import Finding, refuse
from kitctl.render.pod_fields import wrong_fields
from kitctl.render.pod_parts import Map

FIX = "Correct the template; compare with `kitctl render pod` and docs/pod-templates.md"
RULES = (
    pod_rules.shape, pod_rules.names, pod_rules.mounts,
    pod_git.old_names, pod_git.ends, pod_git.whole_root,
    pod_runs.images, pod_runs.quantities, pod_runs.host, pod_runs.environment,
    pod_text.leftovers,
)  # fmt: skip


def check_pod(text: str) -> list[Finding]:
    """Check the text of one pod template, with all its values filled in.

    Args:
        text: YAML.

    Returns:
        Findings, errors first; empty when all is well.
    """
    try:
        documents = [d for d in yaml.load_all(text, Loader=Loader) if d is not None]
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line if exc.problem_mark else 0
        leftover = pod_text.ACTION.search([*text.splitlines(), ""][line])
        rule = pod_text.not_replaced(leftover[0]) if leftover else f"is not YAML: {exc.problem}"
        return [Finding(f"line {line + 1}", rule)]
    except yaml.YAMLError as exc:
        return [Finding("the file", f"is not YAML: {exc}")]
    if len(documents) != 1:
        return [Finding("the file", f"must contain one YAML document, not {len(documents)}")]
    pod = documents[0]
    if not isinstance(pod, dict):
        return [Finding("the file", "must be a mapping with apiVersion and kind")]
    return check_object(pod)


def check_object(pod: Map) -> list[Finding]:
    """Check a pod as an object; findings as of `check_pod`."""
    found = [*(finding for rule in RULES for finding in rule(pod)), *wrong_fields(pod)]
    return sorted(dict.fromkeys(found), key=lambda finding: finding.level)


def require_pod(text: str, what: str) -> list[Finding]:
    """Check a pod template and refuse it if it is broken.

    Args:
        text: YAML.
        what: Its name in the error, e.g. a path.

    Returns:
        The warnings.

    Raises:
        KitError: `pod-template-invalid`, with field and rule of each mistake.
    """
    found = check_pod(text)
    refuse(found, error_id="pod-template-invalid", what=what, fix=FIX)
    return found


def require_pods(texts: Mapping[str, str]) -> None:
    """Check the worker pod templates of a release, and refuse all broken ones at once.

    Args:
        texts: YAML by name: `default`, which the others are made from, and each profile or template of the values.

    Raises:
        KitError: `pod-template-invalid`; a profile's own mistakes are told under its key in the values.
    """
    errors = {name: [f for f in check_pod(text) if f.level == "error"] for name, text in texts.items()}
    shared = errors.pop("default", [])
    refuse(
        shared,
        error_id="pod-template-invalid",
        what="The worker pod template 'default'",
        fix="Correct workers.* in the values, or the template in --template-dir; see docs/pod-templates.md",
    )
    broken = ", ".join(repr(name) for name, found in errors.items() if found)
    keys = ", ".join(f"workers.profiles.{name}" for name, found in errors.items() if found)
    refuse(
        [Finding(f"{name}: {f.field}", f.rule) for name, found in errors.items() for f in found],
        error_id="pod-template-invalid",
        what=f"The worker pod {broken}",
        fix=f"Correct {keys} in the values, or the text in workers.templates of that name",
    )
