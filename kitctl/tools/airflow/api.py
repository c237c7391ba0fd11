"""Airflow's REST API (3.2 or later) as methods; session.py logs in, http.py sends the requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from kitctl.model.objects.rules import Call, Section, refusal
from kitctl.tools.airflow.http import HEALTH, LOGIN
from kitctl.tools.airflow.session import AirflowSession
from kitctl.tools.deadline import Deadline

FINISHED = frozenset({"success", "failed"})
"""States of a DAG run that does not change any more."""


def part(*names: str) -> str:
    """Join names to a path, each percent-encoded: run ids hold `+` and `:`, DAG ids may hold anything."""
    return "/".join(quote(name, safe="~") for name in names)


class AirflowApi(AirflowSession):
    """The calls that kitctl makes; AirflowSession tells about login, retries and errors."""

    # What needs no login.
    def health(self) -> dict[str, dict[str, Any]]:
        """Return /monitor/health: {"metadatabase": {"status": ...}, "scheduler": ..., "triggerer": ..., ...}."""
        body = self.get(HEALTH, login=False)
        return {name: dict(value or {"status": None}) for name, value in body.items()}

    def version(self) -> str:
        """Return Airflow's version; works without its database."""
        return str(self.get("/api/v2/version", login=False)["version"])

    # DAGs and their runs.
    def dags(self, **query: Any) -> list[dict[str, Any]]:
        """Return all DAGs; `query` narrows them, e.g. dag_id_pattern, paused, bundle_name."""
        return self.all("/api/v2/dags", "dags", query)

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        """Return one DAG, or None until it has been parsed."""
        return self.get_or_none(f"/api/v2/dags/{part(dag_id)}")

    def unpause(self, dag_id: str) -> None:
        """Let a DAG's runs start."""
        self.call("PATCH", f"/api/v2/dags/{part(dag_id)}", repeatable=True, json={"is_paused": False})

    def trigger(self, dag_id: str, conf: Mapping[str, Any] | None = None, run_id: str | None = None) -> dict[str, Any]:
        """Start a run without a logical date. With a `run_id` the call is safe to repeat: a run of that id is kept.

        Raises:
            KitError: `api-refused` when the DAG is absent or does not import.
        """
        body: dict[str, Any] = {"logical_date": None, "conf": dict(conf or {})}
        if run_id:
            body["dag_run_id"] = run_id
        path = f"/api/v2/dags/{part(dag_id)}/dagRuns"
        answer = self.send("POST", path, repeatable=bool(run_id), json=body)
        if answer.status_code == 409 and run_id:  # noqa: PLR2004
            return self.run(dag_id, run_id)
        return dict(self.checked("POST", path, answer))

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Return one DAG run."""
        return dict(self.get(f"/api/v2/dags/{part(dag_id)}/dagRuns/{part(run_id)}"))

    def find_run(self, dag_id: str, run_id: str) -> dict[str, Any] | None:
        """Return one DAG run, or None if Airflow says that there is none (404)."""
        return self.get_or_none(f"/api/v2/dags/{part(dag_id)}/dagRuns/{part(run_id)}")

    def runs(self, dag_id: str, limit: int = 1) -> list[dict[str, Any]]:
        """Return the newest runs of a DAG, newest first."""
        query = {"limit": limit, "order_by": "-run_after"}
        return list(self.get(f"/api/v2/dags/{part(dag_id)}/dagRuns", params=query)["dag_runs"])

    def failed_runs(self, limit: int) -> list[dict[str, Any]]:
        """Return the newest runs of all DAGs that failed, newest first."""
        query: dict[str, Any] = {"limit": limit, "order_by": "-run_after", "state": ["failed"]}
        return list(self.get("/api/v2/dags/~/dagRuns", params=query)["dag_runs"])

    def active_runs(self) -> list[dict[str, Any]]:
        """Return the runs of all DAGs that have not ended."""
        return self.all("/api/v2/dags/~/dagRuns", "dag_runs", {"state": ["queued", "running"]})

    def wait_run(
        self, dag_id: str, run_id: str, deadline: Deadline, seen: Callable[[dict[str, Any]], None] = lambda run: None
    ) -> dict[str, Any]:
        """Wait until a run has ended.

        Args:
            dag_id: Its DAG.
            run_id: Its id.
            deadline: How long to wait.
            seen: Called with the run after each look.

        Returns:
            The run; its state is still queued or running when the time is over.
        """
        run: dict[str, Any] = {}

        def ended() -> bool | None:
            nonlocal run
            run = self.run(dag_id, run_id)
            seen(run)
            return run["state"] in FINISHED or None

        deadline.until(ended, every=1.0)
        return run

    # Tasks.
    def task_instances(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return all task instances of a run, mapped ones one by one. `~` stands for any DAG or run."""
        return self.all(f"/api/v2/dags/{part(dag_id)}/dagRuns/{part(run_id)}/taskInstances", "task_instances", {})

    def task_log(
        self, dag_id: str, run_id: str, task_id: str, try_number: int, map_index: int = -1, token: str | None = None
    ) -> tuple[list[Any], str | None]:
        """Return a piece of a task's log.

        Args:
            dag_id: DAG.
            run_id: Run.
            task_id: Task.
            try_number: Which try, from 1.
            map_index: Which mapped instance; -1 for a task that is not mapped.
            token: What the call before returned, to go on behind it.

        Returns:
            Its events ({"timestamp", "event", "level", ...}, or plain strings), and a token while more may come.
        """
        path = f"/api/v2/dags/{part(dag_id)}/dagRuns/{part(run_id)}/taskInstances/{part(task_id)}/logs/{try_number}"
        query: dict[str, Any] = {"map_index": map_index, **({"token": token} if token else {})}
        body = self.get(path, params=query, headers={"Accept": "application/json"})
        return list(body["content"]), body.get("continuation_token")

    def import_errors(self) -> list[dict[str, Any]]:
        """Return the files that do not import: filename, bundle_name, stack_trace, timestamp."""
        return self.all("/api/v2/importErrors", "import_errors", {})

    def event_logs(self, events: Sequence[str], **query: Any) -> list[dict[str, Any]]:
        """Return the newest 100 rows of Airflow's event log, newest first.

        Args:
            events: Names of the events that are wanted.
            query: Narrows them: dag_id, task_id, run_id, map_index, try_number, after (RFC 3339).

        Returns:
            {"event", "when", "dag_id", "task_id", "run_id", "map_index", "try_number", "extra", ...} each.
        """
        wanted = {"included_events": list(events), "order_by": "-event_log_id", "limit": 100, **query}
        return list(self.get("/api/v2/eventLogs", params=wanted)["event_logs"])

    # Connections, variables, pools, roles and users.
    def object(self, section: Section, name: str) -> dict[str, Any] | None:
        """Return an object of a section; None if there is none of that name."""
        return self.get_or_none(f"{section.path}/{part(name)}")

    def objects(self, section: Section) -> list[dict[str, Any]]:
        """Return all objects of a section, sorted by name."""
        return self.all(section.path, section.name, {"order_by": section.id})

    def takes_password(self, name: str, password: str) -> bool | None:
        """Whether a user logs in with this password; None if the answer does not tell."""
        answer = self.send("POST", LOGIN, login=False, json={"username": name, "password": password})
        return True if answer.is_success else False if answer.status_code == 401 else None  # noqa: PLR2004

    def write(self, call: Call) -> str:
        """Send a request that writes or deletes an object; return why Airflow refused it, or ""."""
        again = call.method == "DELETE"  # what is gone stays gone
        body = dict(call.body) or None
        answer = self.send(call.method, call.path, repeatable=again, json=body, params=dict(call.query))
        if answer.is_success:
            return ""
        try:
            body = answer.json()
        except ValueError:
            body = None
        return f"{answer.status_code}: {refusal(body)}"
