"""Debian's OpenLDAP with TLS on this machine: a directory with two users and the group of administrators."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from tests.airflow.postgres_server import certificates, free_port
from tests.e2e.kit import wait_for

BIND_PASSWORD = "b1nd $HOME ü"
PASSWORDS = {"jane": "j, $PATH:ü", "joe": "joe's"}
SUFFIX = "dc=example,dc=com"
ROOT = ("-D", f"cn=root,{SUFFIX}", "-w", "root")
CONFIG = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
pidfile FOLDER/pid
TLSCACertificateFile FOLDER/ca.crt
TLSCertificateFile FOLDER/server.crt
TLSCertificateKeyFile FOLDER/server.key
database mdb
suffix dc=example,dc=com
rootdn cn=root,dc=example,dc=com
rootpw root
directory FOLDER/data
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=airflow,ou=services,dc=example,dc=com" read by self read by * none
"""


def entries() -> str:
    """Return the directory as LDIF; memberOf is kept by the server."""
    found = [f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: example\ndc: example"]
    found += [
        f"dn: ou={name},{SUFFIX}\nobjectClass: organizationalUnit\nou: {name}"
        for name in ("people", "groups", "services")
    ]
    found.append(
        f"dn: cn=airflow,ou=services,{SUFFIX}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n"
        f"cn: airflow\nuserPassword: {BIND_PASSWORD}"
    )
    found += [
        f"dn: uid={name},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {name}\ncn: {name}\nsn: Doe\n"
        f"givenName: {name.title()}\nmail: {name}@example.com\nuserPassword: {password}"
        for name, password in PASSWORDS.items()
    ]
    found.append(
        f"dn: cn=airflow-admins,ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: airflow-admins\n"
        f"member: uid=jane,ou=people,{SUFFIX}"
    )
    return "\n\n".join(found) + "\n"


@contextmanager
def running() -> Iterator[tuple[str, Path]]:
    """Run the server; give its address, and the certificate of its CA."""
    program = shutil.which("slapd", path="/usr/sbin:/usr/bin")
    assert program, "slapd is missing: install OpenLDAP's server (slapd, ldap-utils)"
    folder = Path(mkdtemp(prefix="kit-ldap-"))
    # Not localhost: OpenLDAP's client compares the certificate with the machine's own name then.
    certificates(folder, "localhost,IP:127.0.0.1", "unused")
    (folder / "data").mkdir()
    (folder / "slapd.conf").write_text(CONFIG.replace("FOLDER", str(folder)), encoding="utf-8")
    port = free_port()
    address = f"ldaps://127.0.0.1:{port}"
    argv = [program, "-h", address, "-f", str(folder / "slapd.conf"), "-d", "0"]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for("the LDAP server", lambda: _listens(port), timeout=30)
            env = {"LDAPTLS_CACERT": str(folder / "ca.crt"), "PATH": "/usr/bin"}
            subprocess.run(["ldapadd", "-x", "-H", address, *ROOT], input=entries(), text=True, env=env, check=True)
            yield address, folder / "ca.crt"
        finally:
            server.terminate()
    shutil.rmtree(folder)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
