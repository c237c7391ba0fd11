"""TLS to an API server, as a kubeconfig describes it."""

from __future__ import annotations

import base64
import os
import ssl
import tempfile
from pathlib import Path
from typing import Any


class NamedContext(ssl.SSLContext):
    """Asks for, and verifies, the certificate of one name, whatever host the connection goes to.

    It is for `tls-server-name`: clusters behind a tunnel or a bare address, whose certificate has another name. HTTP
    libraries pass the host of the URL; doing it here also holds for a connection through a proxy.

    Attributes:
        name: The server's name; "" means the host of the URL.
    """

    name = ""

    def wrap_socket(self, *args: Any, **more: Any) -> ssl.SSLSocket:
        """Begin TLS on a socket."""
        return super().wrap_socket(*args, **self._named(more))

    def wrap_bio(self, *args: Any, **more: Any) -> ssl.SSLObject:
        """Begin TLS on buffers; TLS inside the TLS of a proxy needs it."""
        return super().wrap_bio(*args, **self._named(more))

    def _named(self, more: dict[str, Any]) -> dict[str, Any]:
        return {**more, "server_hostname": self.name or more.get("server_hostname")}


def tls(cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
    """Return the TLS context of a kubeconfig's cluster (CA, name, whether it is verified) and user (certificate)."""
    context = NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.name = str(cluster.get("tls-server-name") or "")
    if cluster.get("certificate-authority-data"):
        # Nobody else vouches for this server: the system's CAs are left out, as kubectl does.
        context.load_verify_locations(cadata=base64.b64decode(cluster["certificate-authority-data"]).decode())
        # Many clusters' CAs lack the extension that Python's strict mode (3.13) asks for; kubectl accepts them.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    else:
        context.load_default_certs()
    if cluster.get("insecure-skip-tls-verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if user.get("client-certificate-data") and user.get("client-key-data"):
        pem = base64.b64decode(user["client-certificate-data"]) + b"\n" + base64.b64decode(user["client-key-data"])
        # OpenSSL reads client certificates from files only. mkstemp makes it 0600, and it is removed at once.
        handle, name = tempfile.mkstemp(prefix="kitctl-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(pem)
            context.load_cert_chain(name)
        finally:
            Path(name).unlink()
    return context
