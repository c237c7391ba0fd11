"""The API of the tasks, version by version; lazy_api_versions.py hooks this into Cadwyn when the image is built.

Airflow serves this API in each version that a task SDK ever spoke. Cadwyn makes all of them at the first request, which
takes 40 MiB and three CPU-seconds of the API server while its first probe waits. Tasks of the same image speak the
newest version. So the newest is made at the first request, and an older one when somebody asks for it, after the newer.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import ItemsView, Iterator, ValuesView
from copy import copy
from typing import Any

import cadwyn.route_generation as cadwyn
from fastapi.routing import APIRoute

KNOWN = "0ec7e2494ac625e4fab913cb5464788d4df00fa0792cebafdf9470e6446fa7ac"
"""SHA-256 of the source of the method of Cadwyn whose work `_steps` does, one version at a time."""


def known() -> bool:
    """Return whether Cadwyn is one that this file was written for."""
    source = inspect.getsource(cadwyn._EndpointTransformer.transform)
    return hashlib.sha256(source.encode()).hexdigest() == KNOWN


def initialize(app: Any) -> None:
    """Do what `Cadwyn._cadwyn_initialize` does, with the older versions left for later."""
    app.router.versioned_routers = Versions(app)
    app._cadwyn_initialized = True


class Versions(dict[str, Any]):
    """Version → router of an app; to read one makes it, and the newer ones before it."""

    def __init__(self, app: Any) -> None:
        """Begin with the app's empty routers, of which only that of the newest version is filled."""
        super().__init__(app.router.versioned_routers)
        self._waiting = [str(version.value) for version in app.versions]
        self._app, self._steps = app, _steps(app)
        self._error: Exception | None = None
        self._reach(self._waiting[0])

    def _reach(self, version: str) -> None:
        while version in self._waiting:
            if self._error:
                raise self._error
            try:
                router, webhooks = next(self._steps)
            except Exception as exc:
                self._error = exc
                raise
            made = self._waiting.pop(0)
            self._app._add_versioned_routers(router, version=made)
            self._app._versioned_webhook_routers[made] = webhooks

    def _reach_all(self) -> None:
        if self._waiting:
            self._reach(self._waiting[-1])

    def __getitem__(self, version: str) -> Any:
        self._reach(version)
        return super().__getitem__(version)

    def get(self, version: str, default: Any = None) -> Any:
        """Return the router of a version, or the default."""
        try:
            return self[version]
        except KeyError:
            return default

    def values(self) -> ValuesView[Any]:
        """Return the routers of all versions."""
        self._reach_all()
        return super().values()

    def items(self) -> ItemsView[str, Any]:
        """Return all versions and their routers."""
        self._reach_all()
        return super().items()


def _steps(app: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the routers of endpoints and of webhooks for each version, the newest first.

    Raises:
        RouterGenerationError: as Cadwyn raises it.
    """
    head = app._latest_version_router
    work = cadwyn._EndpointTransformer(
        head, app.versions, app.webhooks, app.api_version_parameter_name, app._api_version_location
    )
    router, webhooks = cadwyn.copy_router(head), cadwyn.copy_router(app.webhooks)
    dependants: dict[int, Any] = {}
    left = len(list(app.versions))
    for version in app.versions:
        migrate = work.schema_generators[str(version.value)].annotation_transformer.migrate_router_to_version
        migrate(router)
        migrate(webhooks)
        work._attach_routes_to_data_converters(router, head, version)
        # The next version starts from this one as it is now: what follows belongs to this one alone.
        older, older_webhooks = cadwyn.copy_router(router), cadwyn.copy_router(webhooks)
        work._apply_endpoint_changes_to_router(older.routes + older_webhooks.routes, version)
        left -= 1
        if not left and work.routes_that_never_existed:
            raise cadwyn.RouterGenerationError(f"Routes that no version has: {work.routes_that_never_existed}")
        for index, (route, head_route) in enumerate(zip(router.routes, head.routes, strict=True)):
            if isinstance(head_route, APIRoute):
                if index not in dependants:
                    cadwyn._add_request_and_response_params(head_route)
                    dependants[index] = copy(head_route.dependant)
                _migrate_data(route, head_route, dependants[index], app.versions)
        for made in (router, webhooks):
            made.routes = [route for route in made.routes if not _is_deleted(route)]
        yield router, webhooks
        router, webhooks = older, older_webhooks


def _migrate_data(route: Any, head_route: Any, dependant: Any, versions: Any) -> None:
    """Let a route of a version take and answer what this version knows."""
    body = route.body_field
    model = None
    if body is not None and cadwyn._route_has_a_simple_body_schema(route):
        model = getattr(body.field_info.annotation, "__cadwyn_original_model__", body.field_info.annotation)
    name = body.alias if body is not None else None
    cadwyn._add_data_migrations_to_route(route, head_route, model, name, dependant, versions)


def _is_deleted(route: Any) -> bool:
    return isinstance(route, APIRoute) and cadwyn._DELETED_ROUTE_TAG in route.tags
