"""The REST client against a stand-in that answers as Airflow 3.3.2 was seen to answer."""

import json

import httpx
import pytest

from kitctl.errors import ExitCode, KitError
from kitctl.model.objects.rules import Call
from kitctl.tools.airflow.api import AirflowApi, part
from tests.unit.fake_operation import Clock


class Server:
    """A small Airflow: `routes` maps "METHOD path" to answers, taken in turn; the last one stays."""

    def __init__(self, **routes):
        self.routes, self.seen, self.tokens = dict(routes), [], 0
        self.clock = Clock()

    def __call__(self, request):
        self.seen.append(request)
        key = f"{request.method} {request.url.raw_path.decode().split('?')[0]}"
        if key == "POST /auth/token" and key not in self.routes:
            self.tokens += 1
            return httpx.Response(201, json={"access_token": f"t{self.tokens}"})
        answers = self.routes[key]
        answer = answers.pop(0) if isinstance(answers, list) and len(answers) > 1 else answers
        answer = answer[0] if isinstance(answer, list) else answer
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def api(self, base="http://af", **more):
        return AirflowApi(
            base, "u", lambda: "p", transport=httpx.MockTransport(self), within=self.clock.deadline, **more
        )

    def bodies(self, method):
        return [json.loads(r.content) for r in self.seen if r.method == method and "auth" not in r.url.path]


def ok(**body):
    return httpx.Response(200, json=body)


HEALTH = "GET /api/v2/monitor/health"
HEALTHY = {HEALTH: ok(metadatabase={"status": "healthy"})}
REFUSED = httpx.Response(401, json={"detail": "Invalid credentials"})
TOKEN = httpx.Response(201, json={"access_token": "t"})


def away():
    """Return Airflow's health without its database, as 3.3.2 answers it."""
    return ok(metadatabase={"status": "unhealthy"}, scheduler={"status": "unhealthy"})


def test_it_logs_in_once_and_sends_the_token():
    server = Server(**{"GET /api/v2/dags/a": ok(dag_id="a")})
    api = server.api()
    assert api.dag("a") == {"dag_id": "a"}
    api.dag("a")
    assert server.tokens == 1
    assert json.loads(server.seen[0].content) == {"username": "u", "password": "p"}
    assert server.seen[1].headers["authorization"] == "Bearer t1"


def test_a_client_of_keycloak_logs_in_by_its_own_grant():
    server = Server(**{"GET /api/v2/dags/a": ok(dag_id="a")})
    server.api(grant="client_credentials").dag("a")
    wanted = {"grant_type": "client_credentials", "client_id": "u", "client_secret": "p"}
    assert json.loads(server.seen[0].content) == wanted
    refused = Server(**{"POST /auth/token": httpx.Response(403, json={"detail": "no"}), **HEALTHY})
    with pytest.raises(KitError) as caught:
        refused.api(grant="client_credentials").dag("a")
    assert (caught.value.id, caught.value.cause) == ("api-login-refused", "no")
    assert "Service accounts roles" in caught.value.fix


def test_an_expired_token_is_renewed_once():
    server = Server(**{"GET /api/v2/dags/a": [httpx.Response(401), ok(dag_id="a")]})
    assert server.api().dag("a") == {"dag_id": "a"}
    assert server.tokens == 2


def test_a_wrong_password_is_told_with_the_user_and_never_with_the_password():
    server = Server(**{"POST /auth/token": httpx.Response(401, json={"detail": "Invalid credentials"}), **HEALTHY})
    with pytest.raises(KitError) as caught:
        server.api().dags()
    assert caught.value.id == "api-login-refused"
    assert "'u'" in caught.value.message
    assert caught.value.cause == "Invalid credentials"


def test_health_and_version_need_no_login_and_a_part_that_never_ran_has_no_status():
    server = Server(
        **{
            "GET /api/v2/monitor/health": ok(scheduler={"status": "healthy"}, dag_processor=None),
            "GET /api/v2/version": ok(version="3.3.2"),
        }
    )
    api = server.api()
    assert api.health() == {"scheduler": {"status": "healthy"}, "dag_processor": {"status": None}}
    assert api.version() == "3.3.2"
    assert server.tokens == 0


def test_a_path_prefix_of_the_address_is_kept():
    server = Server(**{"GET /prefix/api/v2/version": ok(version="3.3.2")})
    assert server.api("http://af/prefix/").version() == "3.3.2"


def test_a_dag_that_is_not_parsed_yet_is_none():
    assert Server(**{"GET /api/v2/dags/a": httpx.Response(404, json={"detail": "x"})}).api().dag("a") is None


def test_lists_are_read_to_their_last_page():
    def page(request):
        offset = int(request.url.params["offset"])
        return ok(dags=[{"dag_id": str(i)} for i in range(offset, min(offset + 100, 230))], total_entries=230)

    server = Server(**{"GET /api/v2/dags": page})
    assert len({d["dag_id"] for d in server.api().dags(paused=True)}) == 230
    assert server.seen[-1].url.params["paused"] == "true"


def test_a_list_that_shrinks_while_it_is_read_ends():
    server = Server(
        **{"GET /api/v2/importErrors": [ok(import_errors=[{}], total_entries=2), ok(import_errors=[], total_entries=2)]}
    )
    assert server.api().import_errors() == [{}]


def test_the_event_log_is_asked_for_the_newest_rows_of_some_events():
    server = Server(**{"GET /api/v2/eventLogs": ok(event_logs=[{"event": "state mismatch"}], total_entries=900)})
    assert server.api().event_logs(["a", "b c"], dag_id="d", map_index=-1) == [{"event": "state mismatch"}]
    (asked,) = [str(request.url) for request in server.seen if "eventLogs" in str(request.url)]
    for words in ("included_events=a&included_events=b", "order_by=-event_log_id", "dag_id=d", "map_index=-1"):
        assert words in asked


def test_trigger_sends_a_logical_date_of_null_and_quotes_names():
    server = Server(**{"POST /api/v2/dags/a%2Fb/dagRuns": ok(dag_run_id="r")})
    server.api().trigger("a/b", conf={"x": 1}, run_id="r")
    assert server.bodies("POST") == [{"logical_date": None, "conf": {"x": 1}, "dag_run_id": "r"}]
    assert part("kit+1:2") == "kit%2B1%3A2"
    assert part("~") == "~"


def test_a_run_that_is_there_already_is_taken():
    path = "/api/v2/dags/a/dagRuns"
    server = Server(
        **{f"POST {path}": httpx.Response(409, json={"detail": "there"}), f"GET {path}/r": ok(state="running")}
    )
    assert server.api().trigger("a", run_id="r") == {"state": "running"}


def test_a_refusal_carries_the_words_of_the_server():
    server = Server(**{"PATCH /api/v2/dags/a": httpx.Response(422, json={"detail": [{"msg": "Extra inputs"}]})})
    with pytest.raises(KitError) as caught:
        server.api().unpause("a")
    assert caught.value.id == "api-refused"
    assert "Extra inputs" in caught.value.cause


def test_a_run_is_missing_only_where_airflow_says_so():
    path = "GET /api/v2/dags/a/dagRuns/r"
    assert Server(**{path: ok(state="queued")}).api().find_run("a", "r") == {"state": "queued"}
    assert Server(**{path: httpx.Response(404, json={"detail": "no"})}).api().find_run("a", "r") is None
    with pytest.raises(KitError) as caught:
        Server(**{path: httpx.Response(403, json={"detail": "Forbidden"})}).api().find_run("a", "r")
    assert caught.value.id == "api-refused"


def test_wait_run_ends_with_the_run_and_with_the_time():
    states = [ok(state="queued"), ok(state="running"), ok(state="success")]
    server = Server(**{"GET /api/v2/dags/a/dagRuns/r": states})
    seen = []
    assert (
        server.api().wait_run("a", "r", server.clock.deadline(60), lambda run: seen.append(run["state"]))["state"]
        == "success"
    )
    assert seen == ["queued", "running", "success"]
    stuck = Server(**{"GET /api/v2/dags/a/dagRuns/r": ok(state="running")})
    assert stuck.api().wait_run("a", "r", stuck.clock.deadline(5))["state"] == "running"
    assert 5 <= stuck.clock.now < 7


def test_a_log_is_read_piece_by_piece():
    path = "GET /api/v2/dags/a/dagRuns/r/taskInstances/t/logs/2"
    server = Server(
        **{path: [ok(content=[{"event": "x"}], continuation_token="c"), ok(content=[], continuation_token=None)]}
    )
    api = server.api()
    assert api.task_log("a", "r", "t", 2, map_index=3) == ([{"event": "x"}], "c")
    assert api.task_log("a", "r", "t", 2, map_index=3, token="c") == ([], None)
    assert dict(server.seen[-1].url.params) == {"map_index": "3", "token": "c"}


def test_reading_outlives_a_restart_of_the_server():
    gaps = [httpx.ConnectError("refused"), httpx.ReadError("reset"), httpx.Response(503), ok(version="3.3.2")]
    assert Server(**{"GET /api/v2/version": gaps}).api().version() == "3.3.2"


def test_patience_has_an_end_and_the_error_says_what_was_seen():
    server = Server(**{"GET /api/v2/version": httpx.ConnectError("refused")})
    with pytest.raises(KitError) as caught:
        server.api(patience=9).version()
    assert caught.value.id == "api-unreachable"
    assert caught.value.code is ExitCode.UNREACHABLE
    assert caught.value.cause == "refused"
    assert server.clock.now <= 9


def test_a_write_whose_answer_was_lost_is_not_sent_again():
    server = Server(**{"POST /api/v2/dags/a/dagRuns": httpx.ReadError("reset")})
    with pytest.raises(KitError, match="does not answer"):
        server.api().trigger("a")
    assert len(server.bodies("POST")) == 1


def test_a_write_that_found_no_connection_is_sent_again():
    server = Server(**{"PATCH /api/v2/dags/a": [httpx.ConnectError("refused"), ok()]})
    server.api().unpause("a")


@pytest.mark.parametrize("body", ["<html>UI</html>", ""])
def test_another_program_on_the_port_is_told_apart(body):
    server = Server(**{"GET /api/v2/version": httpx.Response(200, text=body)})
    with pytest.raises(KitError) as caught:
        server.api().version()
    assert caught.value.id == "api-not-airflow"


def test_an_error_page_without_json_is_quoted():
    server = Server(**{"GET /api/v2/version": httpx.Response(500, text="Internal Server Error"), **HEALTHY})
    with pytest.raises(KitError, match="500") as caught:
        server.api().version()
    assert caught.value.cause == "Internal Server Error"


@pytest.mark.parametrize("health", [away(), httpx.ConnectError("refused"), httpx.Response(503), ok()])
def test_a_login_refused_while_the_database_is_away_is_tried_again_and_no_password_is_blamed(health):
    server = Server(
        **{
            "POST /auth/token": [REFUSED, REFUSED, REFUSED, TOKEN],
            HEALTH: [health, away(), *HEALTHY.values()],
            "GET /api/v2/dags/a": ok(dag_id="a"),
        }
    )
    assert server.api().dag("a") == {"dag_id": "a"}


def test_a_database_that_comes_back_between_the_refusal_and_the_look_at_it_blames_no_password():
    server = Server(**{"POST /auth/token": [REFUSED, TOKEN], **HEALTHY, "GET /api/v2/dags/a": ok(dag_id="a")})
    assert server.api().dag("a") == {"dag_id": "a"}
    assert server.clock.now == 0


def test_a_database_that_stays_away_has_an_error_of_its_own():
    server = Server(**{"POST /auth/token": REFUSED, HEALTH: away()})
    with pytest.raises(KitError) as caught:
        server.api(patience=9).dags()
    assert caught.value.id == "api-database-away"
    assert caught.value.code is ExitCode.UNHEALTHY
    assert "unhealthy" in caught.value.cause
    assert 5 < server.clock.now <= 9


def test_a_proxy_that_refuses_the_health_page_too_is_told_in_its_own_words():
    server = Server(**{"POST /auth/token": REFUSED, HEALTH: httpx.Response(401)})
    with pytest.raises(KitError) as caught:
        server.api().dags()
    assert caught.value.id == "api-login-refused"


def test_reading_outlives_a_restart_of_the_database():
    broken = httpx.Response(500, text="Internal Server Error")
    server = Server(**{"GET /api/v2/dags/a": [broken, broken, ok(dag_id="a")], HEALTH: away()})
    assert server.api().dag("a") == {"dag_id": "a"}


def test_a_run_with_an_id_is_asked_for_again_after_the_database_was_away_and_one_without_is_not():
    path = "POST /api/v2/dags/a/dagRuns"
    broken = httpx.Response(500, text="Internal Server Error")
    server = Server(**{path: [broken, ok(dag_run_id="r")], HEALTH: away()})
    assert server.api().trigger("a", run_id="r") == {"dag_run_id": "r"}
    nameless = Server(**{path: broken, HEALTH: away()})
    with pytest.raises(KitError) as caught:
        nameless.api().trigger("a")
    assert caught.value.id == "api-database-away"
    assert len(nameless.bodies("POST")) == 1


def test_a_proxy_of_the_environment_is_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    api = AirflowApi("http://127.0.0.1:1", "u", lambda: "p", patience=0)
    with pytest.raises(KitError) as caught:
        api.version()
    assert "refused" in caught.value.cause.lower()
    assert not api._wire.http.trust_env


def test_a_deletion_has_no_body_and_is_sent_again():
    """A second one does no harm: what is gone stays gone."""
    gone = httpx.Response(404, json={"detail": "not found"})
    server = Server(**HEALTHY, **{"DELETE /api/v2/variables/a%2Fb": [httpx.ReadError("cut"), gone]})
    assert server.api().write(Call("DELETE", "/api/v2/variables/a%2Fb", {})) == "404: not found"
    deletions = [request for request in server.seen if request.method == "DELETE"]
    assert [request.content for request in deletions] == [b"", b""]
