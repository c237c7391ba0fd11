"""Print the URL of the broker of Celery workers.

Airflow runs it by `[celery] broker_url_cmd`, so the password stands in no environment and no configuration. It is
percent-encoded: any character works. Only the standard library (`python3 -IS`), as it runs in every start.
"""

import os
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

SECRETS = Path("/opt/airflow/secrets")
# Where Debian, the base of both images, has the authorities that it trusts.
SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt"


def one_line(path: Path) -> str:
    """Return the text of a file of the Secret without the newline at its end, which editors and `echo` add.

    Raises:
        ValueError: when it has several lines: the broker and its clients would read different passwords.
    """
    text = path.read_text(encoding="utf-8").removesuffix("\n")
    if "\n" in text:
        raise ValueError(f"{path.name} has several lines; it must be one line")
    return text


def url(secrets: Path = SECRETS) -> str:
    """Compose the URL from the environment (KIT_BROKER_*) and the files of the Secret, or return the user's own.

    Args:
        secrets: Folder with `broker-url`, or with `broker-password` and `broker-ca.crt` where they are given.

    Returns:
        For example `redis://:password@host:6379/0`; with TLS `rediss://…?ssl_cert_reqs=required&ssl_ca_certs=…`.
        For RabbitMQ `amqp://user:password@host:5672/virtual-host`.
    """
    whole, password_file, authority = (secrets / name for name in ("broker-url", "broker-password", "broker-ca.crt"))
    if whole.exists():
        return one_line(whole)
    user = quote(os.environ.get("KIT_BROKER_USER", ""), safe="")
    password = quote(one_line(password_file), safe="") if password_file.exists() else ""
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    host = os.environ["KIT_BROKER_HOST"]
    host = f"[{host}]" if ":" in host else host
    database = quote(os.environ.get("KIT_BROKER_DATABASE", "0"), safe="")
    address = f"{login}{host}:{os.environ['KIT_BROKER_PORT']}/{database}"
    if os.environ.get("KIT_BROKER_PROTOCOL") == "amqp":
        return f"amqp://{address}"
    if os.environ.get("KIT_BROKER_TLS") != "true":
        return f"redis://{address}"
    files = str(authority) if authority.exists() else SYSTEM_CA
    # Verified by name, too: without the second one, any certificate of the same authority would do.
    query = {"ssl_cert_reqs": "required", "ssl_check_hostname": "true", "ssl_ca_certs": files}
    return f"rediss://{address}?{urlencode(query)}"


if __name__ == "__main__":
    # No newline at the end: Airflow takes the output as it is.
    sys.stdout.write(url())
