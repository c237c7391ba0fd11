"""The inspecting commands as a user meets them: options, formats, exit codes, and where things are printed."""

import json
import shlex

import pytest
import yaml

from kitctl import cli
from kitctl.errors import KitError
from kitctl.release import handle
from kitctl.tools import handover
from kitctl.usecases import logs
from kitctl.usecases.doctor import doctor
from kitctl.usecases.doctor.doctor import Diagnosis
from kitctl.usecases.doctor.findings import Fix, Report, absent, error, finding, good, refused, warning
from tests.unit.fake_release import FakeApi, add_flower, add_release, add_workload, make_release


class ReplacedError(BaseException):  # as the real hand-over, it comes back to nobody
    pass


@pytest.fixture
def kitctl(fake, monkeypatch, capsys):
    """Run a command line; returns (exit code, stdout, stderr)."""
    monkeypatch.setattr("kitctl.tools.toolbox.tool", lambda name: name)

    def made(settings):
        found = make_release(fake)
        found.settings = settings
        return found

    monkeypatch.setattr(handle, "attach", made)

    def replace(argv):
        raise ReplacedError(shlex.join(argv))

    monkeypatch.setattr(handover, "replace", replace)

    def run(line):
        monkeypatch.setattr("sys.argv", ["kitctl", *shlex.split(line)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


@pytest.fixture
def there(fake):
    add_release(fake)


@pytest.mark.parametrize("command", ["status", "credentials", "open", "logs", "exec", "doctor"])
def test_help_ends_with_an_example_and_shows_the_twins(kitctl, command):
    code, out, _ = kitctl(f"{command} --help")
    assert code == 0
    assert f"Example: kitctl {command}" in out.strip().splitlines()[-1]
    assert "KITCTL_RELEASE" in out.replace("\n", "").replace(" ", "")


def test_credentials(kitctl, there):
    how = {"auth_manager": "fab", "log_in": "with a name and a password"}
    wanted = {"url": "http://node:30809", **how, "username": "boss", "password": "p$%ä"}
    assert json.loads(kitctl("credentials -o json")[1]) == wanted
    assert yaml.safe_load(kitctl("credentials -o yaml")[1]) == wanted
    lines = [f"{key + ':':<13} {value}" for key, value in wanted.items()]
    assert kitctl("credentials") == (0, "\n".join([*lines, ""]), "")


def test_credentials_of_a_release_with_flower(kitctl, there, fake):
    add_flower(fake)
    found = json.loads(kitctl("credentials -o json")[1])
    assert list(found.items())[5:] == [("flower_username", "admin"), ("flower_password", "pf")]
    assert kitctl("credentials")[1].splitlines()[5:] == ["flower_username: admin", "flower_password: pf"]


def test_logs_and_exec_of_flower(kitctl, there, fake):
    add_flower(fake)
    with pytest.raises(ReplacedError, match="logs --tail=-1 airflow-flower-0 -c flower"):
        kitctl("logs flower")
    with pytest.raises(ReplacedError, match="exec -i airflow-flower-0 -c flower -- id"):
        kitctl("exec flower -- id")


def test_an_absent_release_as_json(kitctl):
    code, out, err = kitctl("credentials -o json")
    assert (code, err) == (6, "")
    assert json.loads(out)["error"]["id"] == "release-missing"


def test_status_in_all_formats(kitctl, there):
    code, out, _ = kitctl("status")
    assert code == 0
    assert "Release airflow in namespace airflow of context test: healthy" in out
    assert "scheduler      1/1    0" in out
    assert json.loads(kitctl("status -o json")[1])["healthy"] is True
    assert yaml.safe_load(kitctl("status -o yaml")[1])["dag_mode"] == "git"


def test_an_unhealthy_release_ends_with_6_and_still_reports(kitctl, there, fake, monkeypatch):
    add_workload(fake, "scheduler", ready=0)
    errors = [{"filename": "bad.py", "stack_trace": "ImportError: x"}]
    monkeypatch.setattr(FakeApi, "import_errors", lambda self: errors)
    code, out, _ = kitctl("status")
    assert code == 6
    assert "not healthy" in out
    assert "! scheduler: 0 of 1 ready" in out
    assert "bad.py" in out
    code, out, _ = kitctl("status -o json")
    assert (code, json.loads(out)["healthy"]) == (6, False)


def test_open_prints_the_address_and_opens_a_browser_unless_told(kitctl, there, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or True)
    monkeypatch.setenv("DISPLAY", ":0")
    assert kitctl("open --print") == (0, "http://node:30809\n", "")
    assert not opened
    assert kitctl("open ui")[:2] == (0, "http://node:30809\n")
    assert opened == ["http://node:30809"]
    assert kitctl("open nowhere")[0] == 2


def test_exec_hands_over_to_kubectl(kitctl, there):
    with pytest.raises(ReplacedError, match="exec -i airflow-scheduler-0 -c scheduler -- airflow dags list"):
        kitctl("exec scheduler -- airflow dags list")
    assert kitctl("exec scheduler --dry-run -- ls -la")[1].endswith("-c scheduler -- ls -la\n")
    assert kitctl("exec webserver")[0] == 2
    assert kitctl("exec")[0] == 2


def test_logs_hand_over_to_kubectl_with_f_for_follow(kitctl, there):
    with pytest.raises(ReplacedError, match="logs -f --tail=3 airflow-scheduler-0 -c scheduler"):
        kitctl("logs scheduler -f --tail 3")


def test_logs_of_a_task_come_line_by_line(kitctl, there, monkeypatch):
    seen = []
    monkeypatch.setattr(
        logs, "task_log", lambda release, wanted, write, note, form: (seen.append(wanted), write("a line"))
    )
    assert kitctl("logs --dag d --task t --run r --try 2 --map-index 0") == (0, "a line\n", "")
    assert (seen[0].run, seen[0].try_number, seen[0].map_index) == ("r", 2, 0)


EVENT = {"timestamp": "2026-01-01T00:00:00Z", "level": "info", "event": "a 'ü'", "dag_id": "d"}


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("json", json.dumps(EVENT, ensure_ascii=False) + '\n{"event": "raw"}\n'),
        ("yaml", "---\n" + yaml.safe_dump(EVENT, sort_keys=False, allow_unicode=True) + "---\nevent: raw\n"),
    ],
)
def test_logs_of_a_task_as_data_are_the_events_of_airflow(kitctl, there, monkeypatch, output, shown):
    def read(release, wanted, write, note, form):
        for event in (EVENT, "raw"):
            write(*form(event))

    monkeypatch.setattr(logs, "task_log", read)
    assert kitctl(f"logs --dag d --task t -o {output}") == (0, shown, "")


def test_logs_of_a_component_as_data_have_one_object_a_line(kitctl, there, monkeypatch):
    seen = []

    def relay(argv, write):
        seen.append(shlex.join(argv))
        write("[pod/airflow-scheduler-0/scheduler] a [x] b")
        return 7

    monkeypatch.setattr(handover, "relay", relay)
    line = '{"pod": "airflow-scheduler-0", "container": "scheduler", "line": "a [x] b"}\n'
    assert kitctl("logs scheduler -o json") == (7, line, "")
    assert seen[0].endswith("logs --tail=-1 --prefix airflow-scheduler-0 -c scheduler")


@pytest.mark.parametrize(
    "line", ["logs", "logs --dag d", "logs scheduler --try 1", "logs x --dag d --task t", "logs --try 0"]
)
def test_bad_questions_for_logs_are_usage_errors_without_a_traceback(kitctl, line):
    code, out, err = kitctl(line)
    assert (code, out) == (2, "")
    assert "Traceback" not in err


@pytest.fixture
def diagnosed(monkeypatch):
    """Let the doctor find this; returns what it was asked."""
    asked = []

    def set_to(*outcomes, stop=None, fixes=(), ignored=()):
        found = [finding(name, "host", one, ignored=name in ignored) for name, one in outcomes]
        ok = not stop and not any(f.level == "error" and not f.ignored for f in found)
        report = Report(ok, "node", "kitctl-node", "up", stop is not None, found, list(fixes))
        monkeypatch.setattr(doctor, "diagnose", lambda *more: asked.append(more) or Diagnosis(report, stop))
        return asked

    return set_to


BROKEN = ("context", refused(KitError("x", "down", "cause", "fix")))


def test_doctor_ends_with_0_where_there_are_only_warnings(kitctl, diagnosed):
    diagnosed(("memory", good("8 GiB")), ("swap", warning("on", "switch\nit off")), ("ports", absent("none needed")))
    code, out, _ = kitctl("doctor")
    assert code == 0
    assert "Ready for kitctl up." in out
    assert "warning  swap                on\n" + " " * 29 + "→ switch\n" + " " * 31 + "it off" in out
    assert "1 check does not apply (-v shows why)." in out
    assert "none needed" not in out
    assert "-        ports               none needed" in kitctl("doctor -v")[1]


def test_doctor_ends_with_3_when_something_is_in_the_way(kitctl, diagnosed):
    diagnosed(("memory", good("8 GiB")), ("disk", warning("small", "free some")), BROKEN)
    code, out, _ = kitctl("doctor")
    assert code == 3
    assert "error    context             down: cause" in out
    assert "Not ready for kitctl up: 1 error." in out
    code, out, _ = kitctl("doctor -o json")
    report = json.loads(out)
    assert (code, report["ok"], [c["ok"] for c in report["checks"]]) == (3, False, [True, False, False])
    assert report["checks"][2]["error"] == "x"


def test_doctor_shows_what_is_ignored_and_what_was_fixed(kitctl, diagnosed):
    fixes = (Fix("swap", "switches it off", done=True, message="off"), Fix("inotify", "raises it", done=False))
    failed = Fix("clock", "x", done=False, message="no right")
    asked = diagnosed(BROKEN, ("swap", error("on", "x")), ignored={"context", "swap"}, fixes=(*fixes, failed))
    code, out, _ = kitctl("doctor --ignore context --ignore swap --fix --for build")
    assert code == 0
    assert "ignored  context             down: cause" in out
    assert "fixed swap: off\n--fix inotify: raises it\nnot fixed clock: no right" in out
    wish = asked[0][1]
    assert (wish.purpose, wish.ignore, wish.fix) == ("build", ("context", "swap"), True)


def test_doctor_that_is_interrupted_prints_what_it_has(kitctl, diagnosed):
    diagnosed(("memory", good("8 GiB")), stop=KeyboardInterrupt())
    code, out, err = kitctl("doctor")
    assert code == 130
    assert "Interrupted: not all checks had an answer." in out
    assert "Interrupted" in err
    code, out, _ = kitctl("doctor -o json")
    assert (code, json.loads(out)["interrupted"]) == (130, True)


@pytest.mark.parametrize("line", ["doctor --for everything", "doctor --ignore nothing"])
def test_what_doctor_does_not_know_is_a_usage_error(kitctl, line):
    assert kitctl(line)[0] == 2


def test_status_shows_tasks_that_kubernetes_ended_with_the_start_of_the_reason(kitctl, there, monkeypatch):
    ids = {"dag_id": "d", "run_id": "r", "map_index": 0, "try_number": 1, "when": "2026-01-01T00:00:00.5Z"}
    rows = [
        {**ids, "task_id": f"t{n}", "event": "state mismatch", "extra": "x Extra info: forbidden " * 20}
        for n in range(12)
    ]
    rows[0] |= {"extra": "no more is known"}
    monkeypatch.setattr(FakeApi, "event_logs", lambda self, events, **query: rows)
    out = kitctl("status")[1]
    assert "KILLED OR NOT STARTED" in out.upper()
    assert "kitctl logs --dag d --task t0" in out
    assert "t1[0]" in out
    assert "… and 2 more" in out


def test_what_ended_a_task_goes_to_stderr_behind_its_log(kitctl, there, monkeypatch):
    monkeypatch.setattr(logs, "task_log", lambda release, wanted, write, note, form: (write("a"), note("Evicted")))
    assert kitctl("logs --dag d --task t") == (0, "a\n", "Evicted\n")
