"""All checks together: one verdict whatever happens to single ones, within a bounded time."""

import json
import threading

import pytest

from kitctl.clusters import node as node_provider
from kitctl.commands.console.report import plain
from kitctl.errors import ExitCode, KitError
from kitctl.model.options.purpose import Purpose
from kitctl.model.settings import Settings
from kitctl.tools.deadline import Deadline
from kitctl.tools.kube.client import Kube
from kitctl.usecases.doctor import doctor, examine, facts
from kitctl.usecases.doctor.catalogue import ALL, Check, Entry, catalogue
from kitctl.usecases.doctor.doctor import Wish, diagnose
from kitctl.usecases.doctor.facts import Facts, Place, StopError
from kitctl.usecases.doctor.findings import error, good, warning
from tests.unit.fake_doctor import Cluster, World

DOWN = KitError("cluster-unreachable", "does not answer", "timed out", "kubectl get nodes", ExitCode.UNREACHABLE)


def entry(name, look, group="host", *, mend=None, purposes=ALL, seconds=20.0):
    return Entry(name, group, Check("x", purposes=purposes, seconds=seconds, mends="mends" if mend else ""), look, mend)


def run(*entries, ignored=(), seconds=20.0, purpose=Purpose.UP, seen=None):
    made = Facts(Settings(), purpose)
    made.seen.update(seen or {})
    return examine.examine(made, entries, ignored, Deadline(seconds), lambda _: None)


def raising(problem):
    def look(_):
        raise problem

    return look


def test_each_check_has_its_say_whatever_happens_to_the_others():
    found, stop = run(
        entry("fine", lambda _: good("well")),
        entry("right", raising(KitError("forbidden", "no", "why", "ask"))),
        entry("needs", raising(StopError("No cluster answers"))),
        entry("bug", raising(ZeroDivisionError("division by zero"))),
        entry("other", lambda _: good("no"), purposes=frozenset({Purpose.BUILD})),
    )
    assert stop is None
    assert [(f.id, f.ok, f.level, f.status) for f in found] == [
        ("fine", True, "info", "ok"),
        ("right", False, "warning", "warning"),
        ("needs", True, "info", "not-applicable"),
        ("bug", False, "warning", "warning"),
        ("other", True, "info", "not-applicable"),
    ]
    assert (found[1].error, found[1].cause, found[1].fix) == ("forbidden", "why", "ask")
    assert "ZeroDivisionError" in found[3].cause
    assert found[4].message == "Not needed for up"


def test_checks_run_side_by_side():
    both = threading.Barrier(2)
    meet = lambda _: good(str(both.wait(10)))  # noqa: E731 - each ends only while the other runs
    found, _ = run(entry("a", meet), entry("b", meet))
    assert [f.ok for f in found] == [True, True]


def test_a_check_that_does_not_end_costs_its_own_time_only():
    held = threading.Event()
    slow = lambda _: good(str(held.wait(60)))  # noqa: E731
    found, _ = run(entry("slow", slow, seconds=0.2), entry("quick", lambda _: good("well")))
    held.set()
    assert (found[0].level, found[1].ok) == ("warning", True)
    assert found[0].message == "No answer within 0 s"
    assert "--ignore slow" in found[0].fix


def test_the_time_for_all_is_bounded_too():
    held = threading.Event()
    found, _ = run(entry("slow", lambda _: good(str(held.wait(60)))), seconds=0.2)
    held.set()
    assert found[0].level == "warning"


def test_ctrl_c_gives_a_verdict_on_what_was_asked_and_lets_pods_be_removed(monkeypatch):
    removed = []

    def inside(seen):
        seen.seen["pods_allowed"] = lambda: None
        seen.deadline(600.0).until(lambda: None, every=0.1)
        removed.append("pod")
        return good("late")

    def interrupt(runs, deadline, note):
        if runs[0].outcome:
            raise KeyboardInterrupt

    monkeypatch.setattr(examine, "_over", interrupt)
    found, stop = run(entry("quick", lambda _: good("well")), entry("broker", inside, "inside", seconds=600.0))
    assert isinstance(stop, KeyboardInterrupt)
    assert removed == ["pod"]
    assert [(f.id, f.status) for f in found] == [("quick", "ok"), ("broker", "not-applicable")]
    assert "Interrupted" in found[1].message


def test_nobody_waits_for_checks_that_have_no_pod(monkeypatch):
    held = threading.Event()

    def interrupt(runs, deadline, note):
        raise KeyboardInterrupt

    monkeypatch.setattr(examine, "_over", interrupt)
    clock = Deadline(60)
    began = clock.now()
    run(entry("broker", lambda _: good(str(held.wait(60))), "inside"))
    assert clock.now() - began < examine._TIDY_SECONDS / 2
    held.set()


@pytest.fixture
def small(monkeypatch, fake):
    """A catalogue of three checks; the second can be mended."""
    state = {"bad": True, "acts": 0}

    def mend(_):
        state.update(bad=False, acts=state["acts"] + 1)
        return "done"

    entries = (
        entry("fine", lambda _: good("well")),
        entry("swap", lambda _: error("on", "switch it off") if state["bad"] else good("off"), mend=mend),
        entry("odd", lambda _: warning("odd", "look")),
    )
    for module in (doctor,):
        monkeypatch.setattr(module, "catalogue", lambda: entries)
    monkeypatch.setattr("kitctl.usecases.doctor.catalogue.catalogue", lambda: entries)
    monkeypatch.setattr(facts, "look", lambda _: Place("existing", None, kube=fake.kube))
    return state


def test_errors_make_the_verdict_and_warnings_do_not(small):
    assert diagnose(Settings(), Wish(), print).report.ok is False
    small["bad"] = False
    assert diagnose(Settings(), Wish(), print).report.ok is True


def test_what_is_ignored_is_told_and_has_no_say(small):
    report = diagnose(Settings(), Wish(ignore=["swap"]), print).report
    assert report.ok is True
    assert [(c.id, c.ignored, c.ok) for c in report.checks][1] == ("swap", True, False)
    with pytest.raises(KitError) as caught:
        diagnose(Settings(), Wish(ignore=["nothing"]), print)
    assert caught.value.id == "check-unknown"


def test_fix_does_the_safe_acts_and_looks_again(small):
    report = diagnose(Settings(), Wish(fix=True), print).report
    assert report.ok is True
    assert [(f.id, f.done, f.message) for f in report.fixes] == [("swap", True, "done")]
    assert small["acts"] == 1


def test_a_dry_run_lists_the_acts_and_does_none(small):
    report = diagnose(Settings(dry_run=True), Wish(fix=True), print).report
    assert report.ok is False
    assert [(f.id, f.act, f.done, f.message) for f in report.fixes] == [("swap", "mends", False, "")]
    assert small["acts"] == 0


def test_what_is_ignored_is_not_mended(small):
    assert diagnose(Settings(), Wish(ignore=["swap"], fix=True), print).report.fixes == []
    assert small["acts"] == 0


def test_an_act_that_fails_is_told(monkeypatch, small):
    entries = (entry("swap", lambda _: error("on", "x"), mend=raising(KitError("command-failed", "no right"))),)
    monkeypatch.setattr(doctor, "catalogue", lambda: entries)
    report = diagnose(Settings(), Wish(fix=True), print).report
    assert (report.ok, report.fixes[0].done, report.fixes[0].message) == (False, False, "no right.")


def test_an_unreachable_cluster_gives_a_verdict_on_the_rest(monkeypatch):
    monkeypatch.setattr(facts, "look", lambda _: Place("existing", Cluster(ours=False), trouble=DOWN))
    report = diagnose(Settings(context="prod"), Wish(), print).report
    by_id = {c.id: c for c in report.checks}
    assert (report.ok, report.context) == (False, "")
    assert by_id["context"].error == "cluster-unreachable"
    assert by_id["system"].status == "ok"
    silent = {c.id for c in report.checks if c.group in {"cluster", "inside"}} - {"context"}
    assert {by_id[name].status for name in silent} == {"not-applicable"}


def test_for_a_build_only_machine_and_tools_are_asked(monkeypatch):
    monkeypatch.setattr(facts, "look", lambda _: Place("existing", Cluster(ours=False), trouble=DOWN))
    report = diagnose(Settings(), Wish(Purpose.BUILD), print).report
    asked = {c.group for c in report.checks if c.message != "Not needed for build"}
    assert asked == {"host", "tools"}


def test_the_report_is_one_document(monkeypatch):
    monkeypatch.setattr(facts, "look", lambda _: Place("existing", Cluster(ours=False), trouble=DOWN))
    shown = json.loads(json.dumps(plain(diagnose(Settings(), Wish(), print).report)))
    assert [c["id"] for c in shown["checks"]] == [e.id for e in catalogue()]
    assert shown["purpose"] == "up"


# What the checks look at.
def test_what_is_looked_up_is_looked_up_once_also_when_it_fails(monkeypatch):
    asked = []

    def place(settings):
        asked.append(settings)
        raise KitError("x", "broken")

    monkeypatch.setattr(facts, "look", place)
    seen = Facts(Settings())
    for _ in range(2):
        with pytest.raises(KitError):
            _ = seen.place
    assert len(asked) == 1
    assert isinstance(Facts.place, facts.once)


@pytest.fixture
def registry(monkeypatch, fake, tmp_path):
    """A machine that can make a node; a node of the kit is a folder."""
    monkeypatch.setenv("KITCTL_STATE", str(tmp_path))
    monkeypatch.setattr(node_provider, "usable", lambda: True)
    asked = []

    def connect(context=None, kubeconfig=None):
        asked.append(context)
        return fake.kube

    monkeypatch.setattr(Kube, "connect", connect)
    return tmp_path, asked


def test_nothing_made_yet_means_the_first_usable_provider(registry):
    place = Facts(Settings()).place
    assert (place.provider, place.exists, place.kube, place.trouble) == ("node", False, None, None)


def test_a_cluster_that_was_made_is_asked(registry):
    state, asked = registry
    (state / "kitctl-node").mkdir()
    assert Facts(Settings()).provider == "node"
    assert asked == ["kitctl-node"]


def test_the_context_of_a_cluster_of_another_name_means_that_cluster(registry):
    state, asked = registry
    (state / "mine").mkdir()
    found = Facts(Settings(context="mine"))
    assert (found.provider, found.place.cluster.name, found.settings.cluster) == ("node", "mine", "mine")
    assert asked == ["mine"]


@pytest.mark.parametrize("settings", [{"context": "prod"}, {"provider": "existing", "context": "prod"}])
def test_a_named_context_is_an_existing_cluster(registry, settings):
    found = Facts(Settings(**settings))
    assert (found.provider, found.place.ours) == ("existing", False)
    assert registry[1] == ["prod"]


def test_a_cluster_that_refuses_is_a_fact(registry, monkeypatch):
    def connect(context=None, kubeconfig=None):
        raise DOWN

    monkeypatch.setattr(Kube, "connect", connect)
    assert Facts(Settings(context="prod")).place.trouble is DOWN


def test_an_unknown_provider_is_a_fact_too():
    place = Facts(Settings(provider="cloud9")).place
    assert place.trouble is not None
    assert place.trouble.id == "provider-unknown"
    assert place.provider == "cloud9"


def test_without_a_cluster_that_is_meant_there_is_no_release(fake, monkeypatch, tmp_path):
    found = World(fake, monkeypatch, tmp_path).facts()
    del found.seen["wanted"]
    found.seen["place"] = lambda: Place("existing", None, trouble=DOWN)
    with pytest.raises(StopError):
        _ = found.objects
    with pytest.raises(KitError) as caught:
        _ = found.wanted
    assert caught.value is DOWN


def test_pods_are_made_only_where_nothing_else_makes_them(fake, monkeypatch, tmp_path):
    world = World(fake, monkeypatch, tmp_path)
    monkeypatch.setenv("KITCTL_CACHE", str(tmp_path))
    with pytest.raises(StopError, match="makes no pods"):
        _ = world.facts(settings=Settings(dry_run=True)).pods_allowed
    with pytest.raises(StopError, match="does not exist yet"):
        _ = world.facts().pods_allowed
    one, other = world.facts(namespace_exists=True), world.facts(namespace_exists=True)
    assert one.pods_allowed is None
    with pytest.raises(KitError) as caught:
        _ = other.pods_allowed
    assert caught.value.id == "release-locked"
    one.close()
    assert world.facts(namespace_exists=True).pods_allowed is None
