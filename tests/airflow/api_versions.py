"""Describe the tasks' API of this environment's Airflow in each of its versions, asked for in a given order, as JSON.

In: {"order": [version…]}, empty for Airflow's own. Out: {"versions", "made" (after the first request), "apis" (version
→ OpenAPI document), "answers" (version → that of /health), "unknown" (status of versions that do not exist), "changes"
(change of a version → route → functions that translate)}.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from airflow.api_fastapi.execution_api.app import create_task_execution_api_app
from fastapi.testclient import TestClient

app: Any = create_task_execution_api_app()
order = json.load(sys.stdin)["order"]
versions = [version.value for version in app.versions]
result: dict[str, Any] = {"versions": versions, "apis": {}, "answers": {}}
with TestClient(app) as client:
    client.get("/health").raise_for_status()
    held = dict.items(app.router.versioned_routers)
    result["made"] = [version for version, router in held if len(router.routes) > 1]
    for version in order or versions:
        answer = client.get("/health", headers={"Airflow-API-Version": version})
        result["answers"][version] = [answer.status_code, answer.headers.get("Airflow-API-Version"), answer.json()]
        result["apis"][version] = client.get("/openapi.json", params={"version": version}).json()
    result["unknown"] = [
        client.get("/health", headers={"Airflow-API-Version": version}).status_code
        for version in ("2025-05-01", "1999-01-01")
    ]

routes = {id(route): f"{sorted(route.methods)} {route.path}" for route in app._latest_version_router.routes}
result["changes"] = {
    f"{version.value} {change.__name__} {kind}": {
        routes[route]: sorted(made.transformer.__name__ for made in found)
        for route, found in getattr(change, f"_route_to_{kind}_migration_mapping").items()
    }
    for version in app.versions
    for change in version.changes
    for kind in ("request", "response")
}
json.dump(result, sys.stdout)
