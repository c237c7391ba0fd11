"""The cluster policies of the chart as files, where the pods of a role have them."""

from __future__ import annotations

from pathlib import Path

from tests.chart.release import Pod, Release


def place(home: Path, release: Release, role: str) -> dict[str, str]:
    """Write the policies into Airflow's home, and return the variables that the role has for them.

    Args:
        home: The folder that stands for /opt/airflow.
        release: The render that has the policies.
        role: Component whose pods mount them.
    """
    pod: Pod = release.pod(role)
    data = next(c for c in release.all("ConfigMap") if c.metadata.name.endswith("-config")).data
    source = next(v for v in pod.spec.volumes if v.name == "airflow-kit-policy").config_map
    for mount in pod.spec.containers[0].volume_mounts:
        if mount.name == "airflow-kit-policy":
            folder = home / Path(mount.mount_path).relative_to("/opt/airflow")
            folder.mkdir(parents=True)
            for item in source.items:
                if item.path.startswith(f"{mount.sub_path}/"):
                    (folder / Path(item.path).name).write_text(data[item.key])
    return {e.name: e.value for e in pod.spec.containers[0].env if e.name.startswith("AIRFLOW_KIT_")}
