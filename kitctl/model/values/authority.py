"""The certificate authority of a server outside of the release: the same section for each of them."""

from __future__ import annotations

from kitctl.model.values._base import Section, knob
from kitctl.model.values.types import ObjectName, SecretKey


class Authority(Section):
    """The certificate authority that signed the certificate of an external server."""

    config_map: ObjectName = knob("", "Name of an existing ConfigMap with the CA certificates (PEM).")
    secret: ObjectName = knob("", "Name of an existing Secret with them, instead of a ConfigMap.")
    key: SecretKey = knob("ca.crt", "Key of the CA certificates in that ConfigMap or Secret.")
