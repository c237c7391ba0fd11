"""scripts/lib/packages.sh: the Debian packages that the kit needs, and the services that they must not start."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.unit.test_get_tools import ROOT, program

TEST_PACKAGES = ("gcc", "ldap-utils", "libc6-dev", "libldap-dev", "libsasl2-dev", "openssl", "pgbouncer", "postgresql")
TEST_PACKAGES += ("rabbitmq-server", "redis-server", "slapd")


@pytest.mark.parametrize(
    ("installed", "absent"),
    [
        ("", " ".join(TEST_PACKAGES)),
        ("\n".join(f"{name} installed" for name in TEST_PACKAGES if name != "slapd"), "slapd"),
        ("\n".join(f"{name} installed" for name in TEST_PACKAGES), ""),
    ],
)
def test_the_tests_get_the_programs_of_postgresql_but_no_server_of_the_machines_own(
    tmp_path: Path, installed: str, absent: str
) -> None:
    program(tmp_path, "dpkg-query", f"printf '%s\\n' '{installed}'")
    conf = tmp_path / "etc" / "createcluster.conf"
    script = f"""
        set -euo pipefail
        die() {{ echo "$@"; exit 3; }}
        . {ROOT}/scripts/lib/packages.sh
        createcluster_conf={conf}
        need_test_packages "${{test_packages[@]}}"
        echo "${{absent[*]}}"
    """
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], env=os.environ | path, capture_output=True, text=True, check=False)
    if absent and os.geteuid() != 0:
        assert (done.returncode, "packages-missing" in done.stdout) == (3, True)
        return
    assert (done.returncode, done.stdout.strip()) == (0, absent)
    assert conf.exists() is ("postgresql" in absent)


@pytest.mark.parametrize(
    ("before", "kept"),
    [(None, False), ("exit 0 # of the machine", True), ("exit 0 # of airflow-kit's get-tools", False)],
)
@pytest.mark.parametrize("status", [0, 7])
def test_packages_start_no_service_and_a_policy_of_the_machine_stays(
    tmp_path: Path, before: str | None, kept: bool, status: int
) -> None:
    policy = tmp_path / "policy-rc.d"
    if before:
        policy.write_text(f"#!/bin/sh\n{before}\n", encoding="utf-8")
        policy.chmod(0o755)
    script = f"""
        . {ROOT}/scripts/lib/packages.sh
        policy={policy}
        install() {{ {policy}; echo "answer $?"; return {status}; }}
        without_services install
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (status, "answer 0" if kept else "answer 101")
    assert policy.exists() is kept
