"""What the user's own values say, as Helm merged them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from kitctl.model.values.dags import DagMode


@dataclass(frozen=True)
class UserValues:
    """The user's values files and --set options as one document. The chart's defaults are not in it.

    Attributes:
        document: What Helm made of them. A key that the user set to null is there, with None.
        mode: How DAGs arrive: --set, --dag-mode, the files, or the chart's default, in this order.
    """

    document: Mapping[str, Any] = field(default_factory=dict)
    mode: DagMode = DagMode.IMAGE

    def find(self, *path: str) -> Any:
        """Return the value at a path, or None where nothing is set."""
        node: Any = self.document
        for key in path:
            node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def mention(self, key: str) -> bool:
        """Whether the user sets anything at or below a top-level key."""
        return bool(self.document.get(key))

    def import_env(self) -> dict[str, str]:
        """Return the plain variables of the release: what its DAG files can read and import depends on them."""
        plain = [e for e in self.find("env") or () if isinstance(e, Mapping) and "name" in e and "value" in e]
        # Airflow puts this folder on the path.
        plugins = self.find("config", "core", "plugins_folder") or self._plugins()
        found = {"AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins)} if plugins else {}
        # A task may name an executor of the release; Airflow refuses the file if it does not know that one.
        listed = self.find("executors")
        names = listed if isinstance(listed, list) and listed else ["KubernetesExecutor"]
        found["AIRFLOW__CORE__EXECUTOR"] = ",".join(str(name) for name in names)
        return found | {str(e["name"]): str(e["value"]) for e in plain}

    def _plugins(self) -> str:
        """Return the folder that dags.plugins means in the pods (chart/templates/dags/_plugins.tpl), or ""."""
        folder, top = (
            str(self.find("dags", "plugins") or "").strip("/"),
            self.find("dags", "path") or "/opt/airflow/dags",
        )
        source = f"{str(top).rstrip('/')}/repo" if self.mode is DagMode.GIT else str(top).rstrip("/")
        return f"{source}/{folder}" if folder else ""

    def nulls(self) -> list[tuple[str, ...]]:
        """Return the paths of the keys that are null."""
        return list(_nulls(self.document))

    def hidden_by(self, flags: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that flags would hide, by dotted key.

        Helm drops a text or a list where a later document has a mapping.
        """
        return dict(_hidden(self.document, flags))


def _nulls(node: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in node.items():
        if value is None:
            yield (*above, str(key))
        elif isinstance(value, Mapping):
            yield from _nulls(value, (*above, str(key)))


def _hidden(node: Mapping[str, Any], flags: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in flags.items():
        mine = node.get(key)
        if mine is None or not isinstance(value, Mapping):
            continue
        if isinstance(mine, Mapping):
            yield from _hidden(mine, value, f"{above}{key}.")
        else:
            yield f"{above}{key}", mine
