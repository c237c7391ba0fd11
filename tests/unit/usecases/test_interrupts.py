"""Ctrl-C at every moment: at each request to the cluster, and before, inside and after Helm's work.

Whatever the moment, nobody holds the release afterwards, no half file is left, and the same command again leads to
where an undisturbed one leads.
"""

import fcntl
import itertools
import os
import time
from types import SimpleNamespace

import pytest

from kitctl.cli import Terminated
from kitctl.model.options.up import UpOptions
from kitctl.model.settings import Settings
from kitctl.release import operation
from kitctl.tools.helm import client, records
from kitctl.usecases import deploy, down
from kitctl.usecases.objects import apply as objects
from tests.unit.fake_deploy import Cluster, Helm, Steps, bring_up, yes
from tests.unit.usecases.objects.test_apply import Api

MOST = 500
"""More moments than any of these commands has."""


class Moments:
    """Counts moments, and interrupts at one of them."""

    def __init__(self):
        self.stop, self.count, self.how = 0, 0, KeyboardInterrupt

    def begin(self, stop, how=KeyboardInterrupt):
        self.stop, self.count, self.how = stop, 0, how

    def __call__(self):
        self.count += 1
        if self.count == self.stop:
            raise self.how


def at_each_moment(moments, run, check, how=KeyboardInterrupt):
    """Interrupt a command at its first moment, its second, … until it ends undisturbed; return how often."""
    for number in range(1, MOST):
        moments.begin(number, how)
        try:
            run()
        except KeyboardInterrupt:
            moments.begin(0)
            check(number)
        else:
            return number - 1
    raise AssertionError("It never ended")


def free(folder):
    """Whether nobody holds a lock below a folder."""
    for path in folder.rglob("locks/*"):
        with path.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return True


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def picture(fake):
    """Return the objects by their path; keys are random, and a repair may need another revision."""
    shown = {p: o for p, o in fake.objects.items() if "sh.helm.release" not in p}
    return {p: sorted(o["data"]) if o["kind"] == "Secret" else {**o, "metadata": None} for p, o in shown.items()}


class BreakingHelm(Helm):
    """Is interrupted before it writes, with its record pending, with half of the objects, and after it has written."""

    def upgrade_install(self, chart, release, namespace, sources, **more):
        moment = self.fake.moments
        moment()
        manifest = self.template(chart, release, namespace, sources)
        number = 1 + sum("sh.helm.release" in path for path in self.fake.objects)
        record = self.fake.add_record("pending-install" if number == 1 else "pending-upgrade", revision=number)
        moment()
        half = self.fake.add({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "airflow-config"}})
        moment()
        del self.fake.objects[half], self.fake.objects[record]
        self.calls += [more] * (number - len(self.calls) - 1)
        super().upgrade_install(chart, release, namespace, sources, **more)
        moment()
        assert manifest

    def uninstall(self, release, namespace, **_):
        found = [path for path in self.fake.objects if "sh.helm.release" in path]
        self.fake.moments()
        for path in found:
            del self.fake.objects[path]
        self.fake.moments()
        return bool(found)


def cache_of_one(call):
    """Return a method that is called once, and then returns the same again."""
    found = []

    def known(*args, **more):
        if not found:
            found.append(call(*args, **more))
        return found[0]

    return known


@pytest.fixture
def breaking(world, monkeypatch):
    """The world of `up`, of which every request and every step of Helm is a moment."""
    world.moments, answer = Moments(), world.answer
    # What the chart renders for a first judgement is the same each time, and takes a second.
    monkeypatch.setattr(client.Helm, "template", cache_of_one(client.Helm.template))
    # Each look at the records of Helm is ten seconds later: nobody waits until an interrupted operation counts as dead.
    ticks = itertools.count(time.time(), 10.0)
    monkeypatch.setattr(records, "time", SimpleNamespace(time=lambda: next(ticks)))

    def counted(request):
        world.moments()
        return answer(request)

    monkeypatch.setattr(world, "answer", counted)
    kube = world.kube
    monkeypatch.setattr(operation.Kube, "connect", lambda *_: kube)
    return world


def fresh(world):
    """Forget all; the cluster is there, so that `deploy` has one."""
    world.objects.clear()
    world.helm, world.cluster = BreakingHelm(world), Cluster()
    world.cluster.there = True


def bring_out():
    deploy.deploy(Settings(), UpOptions(), Steps(), yes)


@pytest.mark.parametrize(
    ("verb", "how"), [(bring_up, KeyboardInterrupt), (bring_up, Terminated), (bring_out, Terminated)]
)
def test_up_and_deploy(breaking, tmp_path, verb, how):
    fresh(breaking)
    verb()
    whole, written = picture(breaking), files(tmp_path)

    def run():
        fresh(breaking)
        verb()

    def check(number):
        assert free(tmp_path)
        keys = breaking.objects.get("/api/v1/namespaces/airflow/secrets/airflow-keys")
        verb()
        assert picture(breaking) == whole, f"after an interrupt at moment {number}"
        assert files(tmp_path) == written
        again = breaking.objects["/api/v1/namespaces/airflow/secrets/airflow-keys"]
        assert keys in (None, again), "keys that were made stay"

    assert at_each_moment(breaking.moments, run, check, how) > 20


def undisturbed(world, act):
    """Do something that has no moments."""
    moments, world.moments = world.moments, Moments()
    act()
    world.moments = moments


def test_an_upgrade(breaking, tmp_path):
    def installed():
        fresh(breaking)
        bring_up()
        breaking.helm.image = "a/b:2"

    undisturbed(breaking, installed)
    bring_up()
    whole = picture(breaking)

    def run():
        undisturbed(breaking, installed)
        bring_up()

    def check(number):
        assert free(tmp_path)
        bring_up()
        assert picture(breaking) == whole, f"after an interrupt at moment {number}"

    assert at_each_moment(breaking.moments, run, check) > 20


@pytest.mark.parametrize("volumes", [False, True])
def test_down(breaking, tmp_path, monkeypatch, volumes):
    monkeypatch.setattr(down.clusters, "made", lambda *_: False)
    monkeypatch.setattr(down.forwards, "stop_forwards", lambda *_: 0)

    def remove():
        down.down(Settings(), Steps(), yes, volumes=volumes)

    def installed():
        fresh(breaking)
        bring_up()

    undisturbed(breaking, installed)
    remove()
    whole = picture(breaking)

    def run():
        undisturbed(breaking, installed)
        remove()

    def check(number):
        assert free(tmp_path)
        remove()
        assert picture(breaking) == whole, f"after an interrupt at moment {number}"

    assert at_each_moment(breaking.moments, run, check) > 5


def breaking_api(moments):
    class Breaking(Api):
        def object(self, section, name):
            moments()
            return super().object(section, name)

        def objects(self, section):
            moments()
            return super().objects(section)

        def write(self, call):
            moments()
            answer = super().write(call)
            moments()
            return answer

    return Breaking()


def test_objects_apply(tmp_path):
    moments = Moments()
    text = "pools: {a: {slots: 1}, b: {slots: 2}}\nvariables: {v: {value: x}}\n"
    (tmp_path / "objects.yaml").write_text(text)
    release = SimpleNamespace(settings=Settings())

    def apply():
        objects.apply(release, tmp_path / "objects.yaml")

    def run():
        api = breaking_api(moments)
        release.api = lambda: api
        apply()

    run()
    whole = release.api().kept

    def check(number):
        apply()
        assert release.api().kept == whole, f"after an interrupt at moment {number}"
        assert os.listdir(tmp_path) == ["objects.yaml"]  # noqa: PTH208

    assert at_each_moment(moments, run, check) > 10


def test_objects_apply_with_prune(tmp_path):
    """What is deleted is deleted after what is written, whatever the moment."""
    moments = Moments()
    (tmp_path / "objects.yaml").write_text("pools: {a: {slots: 1}}\nvariables: {v: {value: x}}\n")
    release = SimpleNamespace(settings=Settings(), auth=SimpleNamespace(name="simple"))
    old = {("pools", "default_pool"), ("pools", "old"), ("variables", "old"), ("connections", "left")}

    def apply():
        objects.apply(release, tmp_path / "objects.yaml", objects.Prune(yes, list))

    def run():
        api = breaking_api(moments)
        api.kept = {key: {} for key in old}
        release.api = lambda: api
        apply()

    run()
    whole = release.api().kept
    assert set(whole) == {("pools", "default_pool"), ("connections", "left"), ("pools", "a"), ("variables", "v")}

    def check(number):
        kept = set(release.api().kept)
        assert old <= kept or set(whole) <= kept, f"deleted before all was written, at moment {number}"
        apply()
        assert release.api().kept == whole, f"after an interrupt at moment {number}"

    assert at_each_moment(moments, run, check) > 15
