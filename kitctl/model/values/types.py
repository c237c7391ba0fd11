"""Types of single values: a pattern or range for Helm's schema, and a description for people.

Keywords that are not part of JSON Schema: `allowed` describes the accepted values in error messages, `called` names the
type in the reference, `unit` is the unit of a number, `kubernetes` names the Kubernetes type of a value that the chart
passes on.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue, WithJsonSchema

from kitctl.model.values import _patterns as p

_YEAR = 365 * 24 * 3600
_INT32 = 2**31 - 1


def _text(pattern: str, allowed: str, *, called: str = "string", longest: int | None = None, least: int = 0) -> Any:
    words: dict[str, JsonValue] = {"allowed": allowed, "called": called}
    return Field(pattern=pattern, min_length=least or None, max_length=longest, json_schema_extra=words)


def _number(least: int, most: int, unit: str = "") -> Any:
    # Kubernetes refuses more than a year or 32 bits, in some fields only after the release has begun to change.
    called = f"integer {least} to {most}" if most < _YEAR else f"integer ≥ {least}"
    return Field(ge=least, le=most, json_schema_extra={"called": called, **({"unit": unit} if unit else {})})


Port = Annotated[int, _number(1, 65535, "port")]
Ports = Annotated[
    list[Port], Field(min_length=1, json_schema_extra={"called": "list of integers 1 to 65535", "unit": "ports"})
]
NodePort = Annotated[
    int,
    Field(
        json_schema_extra={
            "unit": "port",
            "if": {"not": {"const": 0}},
            "then": {"minimum": 30000, "maximum": 32767},
            "allowed": "a port from 30000 to 32767 (the range for NodePorts); 0 or empty lets Kubernetes choose",
            "called": "integer 30000 to 32767",
        }
    ),
]
Seconds = Annotated[int, _number(1, _YEAR, "seconds")]
SecondsOrNone = Annotated[int, _number(0, _YEAR, "seconds")]
"""A duration that may be 0."""
Count = Annotated[int, _number(0, _INT32)]
Positive = Annotated[int, _number(1, _INT32)]
DatabaseNumber = Annotated[int, _number(0, 1023, "number")]
"""Number of a database of a server that speaks the protocol of Redis."""
CountOrEndless = Annotated[int, _number(-1, _INT32)]
"""A count where -1 means unlimited."""
Replicas = Annotated[int, _number(0, _INT32, "pods")]


def _pods(percent: str, called: str) -> Any:
    allowed = "a number of pods, or a percentage such as 25%"
    words: dict[str, JsonValue] = {"type": ["integer", "string"], "minimum": 0, "maximum": _INT32, "pattern": percent}
    return WithJsonSchema({**words, "allowed": allowed, "called": called, "unit": "pods"})


Pods = Annotated[int | str, _pods(p.PERCENT, "integer ≥ 0, or percentage")]
"""A number of pods, or the part of all that it is."""
OptionalPods = Annotated[int | str, _pods(f"^$|{p.PERCENT}", "integer ≥ 0, percentage, or empty")]

_SIZE_WORDS = "a size such as 5Gi or 500M (without a space and without B)"
Size = Annotated[
    str, Field(pattern=p.SIZE, json_schema_extra={"allowed": _SIZE_WORDS, "called": "quantity", "unit": "bytes"})
]
OptionalSize = Annotated[
    str,
    Field(
        pattern=p.OPTIONAL_SIZE,
        json_schema_extra={"allowed": f"{_SIZE_WORDS}, or empty", "called": "quantity", "unit": "bytes"},
    ),
]

NAME_WORDS = "a name such as my-name (lowercase letters, digits, dashes and dots, with a letter or digit at both ends)"
ObjectName = Annotated[str, _text(p.OPTIONAL_OBJECT, f"{NAME_WORDS}, or empty", called="name", longest=253)]
NamespaceName = Annotated[
    str,
    _text(
        p.NAMESPACE, f"{NAME_WORDS.replace(', dashes and dots', ' and dashes')}, or empty", called="name", longest=63
    ),
]
Domain = Annotated[str, _text(f"^{p.OBJECT}$", "a domain such as cluster.local", called="domain", longest=253)]
NamePrefix = Annotated[
    str,
    # The chart checks the whole name against the rules of Kubernetes (name-unfit).
    _text(r"^[-A-Za-z0-9._]*$", "a name such as my-airflow (letters, digits and dashes), or empty", called="name"),
]
_KEY_WORDS = "a key such as password (letters, digits, dashes, dots and underscores)"
SecretKey = Annotated[str, _text(p.DATA_KEY, _KEY_WORDS, longest=253)]
OptionalSecretKey = Annotated[str, _text(p.DATA_KEY.replace("+", "*"), f"{_KEY_WORDS}, or empty", longest=253)]

ImageName = Annotated[
    str,
    _text(p.IMAGE, "an image without tag, such as registry.example.com/team/airflow (lowercase)", called="image name"),
]
ImageReference = Annotated[
    str, _text(p.REFERENCE, "an image such as registry.example.com/team/task:1.2, or empty", called="image")
]
ImageTag = Annotated[
    str, _text(p.TAG, "a tag such as 1.2.3 (at most 128 letters, digits, dots, dashes and underscores)", called="tag")
]
Digest = Annotated[str, _text(p.DIGEST, "a digest such as sha256:… (with 64 hex digits), or empty", called="digest")]
LABEL_WORDS = "text such as team-a (at most 63 letters, digits, dots, dashes and underscores)"
Label = Annotated[str, _text(p.LABEL_VALUE, LABEL_WORDS)]

AbsolutePath = Annotated[
    str,
    _text(
        p.ABSOLUTE, "a path such as /opt/airflow/dags (it starts with /, without spaces, colons or ..)", called="path"
    ),
]
ClaimFolder = Annotated[
    str, _text(p.FOLDER_OF_CLAIM, "a relative path such as team/dags (without ..), or empty", called="path")
]
RepositoryFolder = Annotated[
    str,
    _text(
        p.FOLDER_OF_REPOSITORY, "a folder inside the repository such as team/dags (without ..), or empty", called="path"
    ),
]

Unspaced = Annotated[str, _text(p.NO_SPACE, "text without spaces, such as db.example.com or an address")]
Required = Annotated[
    str,
    Field(min_length=1, max_length=63, json_schema_extra={"allowed": "a name such as airflow (1 to 63 characters)"}),
]
FileStem = Annotated[
    str,
    _text(
        p.FILE_STEM, "a name such as gpu (letters, digits, dashes, dots and underscores)", called="name", longest=240
    ),
]
GroupName = Annotated[
    str,
    _text(
        r"^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$",
        "a name such as big (1 to 20 lowercase letters, digits and dashes)",
        called="name",
    ),
]
# `celery worker --queues` separates them by commas; glob characters would be patterns for the broker.
QueueName = Annotated[
    str,
    _text(r"^[A-Za-z0-9_][-A-Za-z0-9_.:]*$", "a queue such as big (letters, digits and ._:-)", called="name"),
]
# Airflow accepts any name, and creates a folder of that name.
BundleName = Annotated[
    str,
    _text(
        p.FOLDER_OF_CLAIM,
        "a name such as team-a (it does not start with / and does not contain ..)",
        called="name",
        longest=200,
    ),
]
GitRef = Annotated[
    str, _text(p.GIT_REF, "a branch, tag or commit such as main (without spaces, and not with - at the start)")
]
Pattern = Annotated[str, _text(r"^[^\n]+$", "a pattern such as /dags/ (one line that is not empty)")]
Host = Annotated[
    str,
    _text(
        p.HOST,
        "a host such as airflow.example.com (lowercase, without https://, port and path)",
        called="host",
        longest=253,
    ),
]
OptionalAddress = Annotated[
    str, _text(p.OPTIONAL_ADDRESS, "an IP address such as 10.0.0.7, or empty", called="address")
]
Network = Annotated[str, _text(p.NETWORK, "a network such as 10.0.0.0/8", called="network")]
HttpAddress = Annotated[
    str, _text(p.HTTP_ADDRESS, "an address such as https://example.com, or empty", called="address")
]
ConnectionId = Annotated[
    str, _text(p.CONNECTION, "an id such as aws_default (letters, digits and #!()-_.:/\\), or empty", longest=200)
]
AppId = Annotated[str, _text(p.APP_ID, "an id such as Iv1.12ab (letters, digits, dots and dashes), or empty")]
Digits = Annotated[str, _text(p.DIGITS, "digits such as 12345, in quotes, or empty")]
AuthManagerName = Annotated[
    str, _text(p.AUTH_MANAGER, "fab, simple, keycloak, or the path of a class such as my_package.auth.Manager")
]
Mail = Annotated[str, _text(p.MAIL, "a mail address such as admin@example.com", longest=256)]
Person = Annotated[str, Field(max_length=256, json_schema_extra={"allowed": "at most 256 characters"})]

Schedule = Annotated[
    str,
    _text(
        p.CRON,
        "a cron schedule such as 17 * * * * (minute, hour, day of month, month, day of week), @daily or @weekly",
        called="cron schedule",
    ),
]
TimeZone = Annotated[str, _text(p.TIME_ZONE, "a time zone such as Europe/Lisbon or UTC, or empty", called="time zone")]
TableName = Annotated[str, _text(p.TABLE, "a table of Airflow's database, such as dag_run", called="name")]
