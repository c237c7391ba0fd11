"""What it means when an external broker cannot be used: one error for each cause that a user can mend."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kitctl.errors import ExitCode, KitError
from kitctl.release.preflight.broker_answer import Answer
from kitctl.release.preflight.source import Source

_ANYWAY = "To deploy without this check: --no-check-broker"
_NAMES = {"redis": "Redis or Valkey", "amqp": "RabbitMQ", "http": "a web server"}
"""Protocol of a server → its name for people."""
_PACKAGE = re.compile(r"No module named '([\w.]+)'")
_CERTIFICATE = re.compile(
    r"CERTIFICATE_VERIFY_FAILED|alert (certificate|unknown ca|bad certificate)|certificate required", re.IGNORECASE
)
_FILE = re.compile(r"FileNotFoundError|No such file or directory")
_AMQP_TLS = re.compile(r"unexpected keyword argument '(ssl_\w+)'")
_LOGIN = re.compile(
    r"AuthenticationError|Authentication required|WRONGPASS|NOAUTH|Login was refused|without any password configured",
    re.IGNORECASE,
)
_DATABASE = re.compile(r"DB index is out of range|vhost .* not found|invalid DB index", re.IGNORECASE)
_RIGHTS = re.compile(r"NoPermission|NOPERM|no permissions|ACCESS_REFUSED|access to vhost .* refused", re.IGNORECASE)
_DIFFERS = re.compile(r"PRECONDITION_FAILED", re.IGNORECASE)
_CLUSTER = re.compile(r"MovedError|\bMOVED\b|CROSSSLOT|SELECT is not allowed in cluster", re.IGNORECASE)


def refusal(report: Mapping[str, Any], sources: Mapping[str, Source], namespace: str) -> KitError | None:
    """Return the error of one look, or None when the broker can be used.

    Args:
        report: What docker/broker/ask.py printed.
        sources: The files that its pod was to have, and what each comes from.
        namespace: Namespace of the release.
    """
    if report.get("missing"):
        return _missing(sources[report["missing"][0]], namespace)
    if not report["step"]:
        return None
    secret = sources.get("broker-url") or sources.get("broker-password")
    address, server = report.get("address") or {}, report.get("server") or {}
    answer = Answer(report["said"], address, server, secret, "broker-url" in sources, namespace)
    if report["step"] in _STEPS:
        return _STEPS[report["step"]](answer)
    if wrong := _other_server(answer):
        return wrong
    return next((cause(answer) for words, cause in _CAUSES if words.search(answer.said)), _unusable(answer))


def of_release(problem: KitError, namespace: str) -> KitError:
    """Return the error of a broker that is part of the release: its address and its password are the kit's."""
    fix = "kitctl status    # does it run?"
    if problem.id == "broker-login-refused":
        # It takes the password when it starts, and so do the scheduler and the workers.
        fix = (
            f"kubectl -n {namespace} delete pod -l 'app.kubernetes.io/component in (redis,rabbitmq)'"
            "    # it starts again with the password of the Secret"
        )
    elif problem.id == "broker-secret-incomplete":
        fix = "kitctl up    # adds what the Secret lacks"
    return replace(problem, fix=fix)


def _error(error_id: str, answer: Answer, message: str, fix: str, cause: str = "") -> KitError:
    """Make an error; without a cause, the words of the client or the server are the cause."""
    return KitError(error_id, message, cause=cause or answer.said, fix=f"{fix}\n{_ANYWAY}", code=ExitCode.PREFLIGHT)


def _missing(source: Source, namespace: str) -> KitError:
    return KitError(
        "broker-secret-incomplete",
        source.absent(namespace),
        cause="broker.external reads it; the scheduler and the workers would wait for it forever",
        fix=f"kubectl create namespace {namespace}    # if it does not exist yet\n{source.made_by(namespace)}",
        code=ExitCode.PREFLIGHT,
    )


def _url(answer: Answer) -> KitError:
    if package := _PACKAGE.search(answer.said):
        return _error(
            "broker-client-missing",
            answer,
            f"The image has no {package[1]}, which the URL of the broker needs",
            "Add its package to the requirements: kitctl up --requirements requirements.txt\n"
            "or use a broker whose client the image has: redis://, rediss://, amqp:// or amqps://",
        )
    return _error(
        "broker-url-invalid",
        answer,
        "Celery cannot read the address of the broker",
        f"Correct {answer.place}, for example rediss://:PASSWORD@HOST:6379/0 or amqp://USER:PASSWORD@HOST:5672/VHOST,\n"
        "in which the password is percent-encoded",
    )


def _no_name(answer: Answer) -> KitError:
    return _error(
        "broker-host-unknown",
        answer,
        f"Pods of this cluster do not find the host of the broker {answer.where}",
        f"Correct the host in {answer.place}; a Service of another namespace is named SERVICE.NAMESPACE",
    )


def _away(answer: Answer) -> KitError:
    return _error(
        "broker-unreachable",
        answer,
        f"Pods of this cluster cannot reach the broker {answer.where}",
        f"Check the port in {answer.place}, whether the broker runs, firewalls and NetworkPolicies",
    )


def _other_server(answer: Answer) -> KitError | None:
    """Return the error of a server that speaks another protocol, or has or lacks TLS."""
    found, wanted = str(answer.server.get("protocol") or ""), answer.protocol
    if not wanted or not found:
        return None
    name = _NAMES[found]
    if found != wanted:
        url = {"redis": "redis://", "amqp": "amqp://"}.get(found, "")
        fix = f"Correct {answer.place}" + (f": the URL of {name} begins with {url}" if url else ": host or port")
        if found == "amqp" and not answer.by_url:
            fix = "Name RabbitMQ by its URL: broker.external.urlSecret"
        return _error(
            "broker-kind-differs",
            answer,
            f"{answer.where} is not {_NAMES[wanted]} but {name}",
            fix,
            f"The address begins with {answer.scheme}://, and the server answers in the protocol of {name}",
        )
    tls = bool(answer.server.get("tls"))
    if tls and not answer.plain:
        new = {"redis": "rediss", "amqp": "amqps"}[wanted]
        fix = f"Begin {answer.place} with {new}://" if answer.by_url else "broker: {external: {tls: true}}"
        return _error("broker-wants-tls", answer, f"The broker {answer.where} takes connections by TLS only", fix)
    if not tls and answer.plain:
        fix = "Use the port at which the broker speaks TLS, or do without: "
        fix += f"{answer.plain}://…" if answer.by_url else "broker: {external: {tls: false}}"
        return _error("broker-without-tls", answer, f"The broker does not speak TLS at {answer.where}", fix)
    return None


def _certificate(answer: Answer) -> KitError:
    if answer.scheme == "amqps":
        fix = (
            "With RabbitMQ the CA is named by Airflow's options, on a volume of yours (pods.extraVolumes):\n"
            'config: {celery: {ssl_active: "True", ssl_mutual_tls: "False", ssl_cacert: /FOLDER/ca.crt}}'
        )
    elif answer.by_url:
        fix = "Name the CA in the URL, on a volume of yours (pods.extraVolumes): ?ssl_ca_certs=/FOLDER/ca.crt"
    else:
        fix = (
            f"kubectl -n {answer.namespace} create configmap broker-ca --from-file=ca.crt=ca.pem    # then\n"
            "broker: {external: {ca: {configMap: broker-ca}}}\n"
            "The certificate must also be for the name in broker.external.host"
        )
    return _error("broker-certificate-refused", answer, f"The certificate of the broker {answer.where} is refused", fix)


def _no_file(answer: Answer) -> KitError:
    return _error(
        "broker-file-missing",
        answer,
        "A file that the connection to the broker needs is not in the pods",
        f"Correct its path in {answer.place} or in config.celery, and mount it: pods.extraVolumes and "
        "pods.extraVolumeMounts, from a Secret or ConfigMap that exists",
    )


def _amqp_tls(answer: Answer) -> KitError:
    return _error(
        "broker-url-invalid",
        answer,
        f"The client of RabbitMQ takes no {_found(_AMQP_TLS, answer.said)} in the URL",
        f"Remove it from {answer.place}, and set Airflow's options instead:\n"
        'config: {celery: {ssl_active: "True", ssl_mutual_tls: "False", ssl_cacert: /FOLDER/ca.crt}}',
    )


def _login(answer: Answer) -> KitError:
    user = str(answer.address.get("user") or "")
    who = f"the user {user}" if user else "the default user"
    look = ""
    if answer.secret:
        name, key = answer.secret.name, answer.secret.key
        text = f'{{"stringData": {{"{key}": "…"}}}}'
        look = f"kubectl -n {answer.namespace} patch secret {name} -p '{text}'\n"
    elif not answer.by_url:
        look = "broker: {external: {password: true, passwordSecret: {name: NAME, key: password}}}\n"
    return _error(
        "broker-login-refused",
        answer,
        f"The broker {answer.where} refuses the log-in of {who}",
        f"{look}Correct the user or the password in {answer.place}",
    )


def _no_database(answer: Answer) -> KitError:
    name = str(answer.address.get("database") or "")
    what, fix = "database", f"Name another one in {answer.place}"
    if answer.protocol == "amqp":
        what = "virtual host"
        fix = f"rabbitmqctl add_vhost {name}    # on the broker, and set_permissions for the user\n"
        fix += f"or name another one at the end of {answer.place}"
    return _error("broker-database-missing", answer, f"The broker {answer.where} has no {what} {name}", fix)


def _rights(answer: Answer) -> KitError:
    user, database = (str(answer.address.get(key) or "") for key in ("user", "database"))
    fix = f"rabbitmqctl set_permissions -p {database} {user} '.*' '.*' '.*'    # on the broker"
    if answer.protocol != "amqp":
        fix = f"ACL SETUSER {user or 'default'} ~* &* +@all    # on the broker"
    return _error(
        "broker-rights-missing",
        answer,
        f"The user {user or 'default'} of the broker {answer.where} may not declare, fill and read queues",
        fix,
    )


def _differs(answer: Answer) -> KitError:
    return _error(
        "broker-queue-differs",
        answer,
        f"The broker {answer.where} has a queue of the release, but with other properties than Celery's",
        "Delete that queue on the broker, use other names for queues (config.operators.default_queue,\n"
        "workers.celery.groups), or give the release a virtual host of its own",
    )


def _cluster(answer: Answer) -> KitError:
    return _error(
        "broker-is-cluster",
        answer,
        f"The broker {answer.where} is a Redis Cluster, which Celery cannot use",
        "Use a Redis or Valkey without cluster mode",
    )


def _unusable(answer: Answer) -> KitError:
    return _error(
        "broker-unusable", answer, f"Celery cannot use the broker {answer.where}", f"Correct {answer.place} accordingly"
    )


def _found(words: re.Pattern[str], text: str) -> str:
    match = words.search(text)
    return match[1] if match else ""


_STEPS: dict[str, Callable[[Answer], KitError]] = {"url": _url, "name": _no_name, "connect": _away}
"""Steps that fail for one reason only."""
_CAUSES: tuple[tuple[re.Pattern[str], Callable[[Answer], KitError]], ...] = (
    (_CERTIFICATE, _certificate),
    (_AMQP_TLS, _amqp_tls),
    (_FILE, _no_file),
    (_LOGIN, _login),
    (_DATABASE, _no_database),
    (_CLUSTER, _cluster),
    (_RIGHTS, _rights),
    (_DIFFERS, _differs),
)
"""Words of the client or the server, the more telling ones first."""
