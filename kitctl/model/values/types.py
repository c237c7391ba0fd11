"""Types of single values: a pattern or range for Helm's schema, and a description for people.

Keywords that are not part of JSON Schema: `allowed` describes the accepted values in error messages, `called` names the
type in the reference, `unit` is the unit of a number, `kubernetes` names the Kubernetes type of a value that the chart
passes on.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue

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
CountOrEndless = Annotated[int, _number(-1, _INT32)]
"""A count where -1 means unlimited."""
Replicas = Annotated[int, _number(0, _INT32, "pods")]

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

_NAME_WORDS = "a name of lowercase letters, digits, dashes and dots that starts and ends with a letter or digit"
ObjectName = Annotated[str, _text(p.OPTIONAL_OBJECT, f"{_NAME_WORDS}, or empty", called="name", longest=253)]
NamespaceName = Annotated[
    str,
    _text(
        p.NAMESPACE, f"{_NAME_WORDS.replace(', dashes and dots', ' and dashes')}, or empty", called="name", longest=63
    ),
]
Domain = Annotated[str, _text(f"^{p.OBJECT}$", "a domain such as cluster.local", called="domain", longest=253)]
NamePrefix = Annotated[
    str,
    # The chart checks the whole name against the rules of Kubernetes (name-unfit).
    _text(r"^[-A-Za-z0-9._]*$", "letters, digits and dashes, or empty", called="name"),
]
SecretKey = Annotated[str, _text(p.DATA_KEY, "letters, digits, dashes, dots and underscores", longest=253)]
OptionalSecretKey = Annotated[
    str, _text(p.DATA_KEY.replace("+", "*"), "letters, digits, dashes, dots and underscores, or empty", longest=253)
]

ImageName = Annotated[
    str,
    _text(p.IMAGE, "an image without tag, such as registry.example.com/team/airflow (lowercase)", called="image name"),
]
ImageReference = Annotated[
    str, _text(p.REFERENCE, "an image such as registry.example.com/team/task:1.2, or empty", called="image")
]
ImageTag = Annotated[
    str, _text(p.TAG, "a tag of letters, digits, dots, dashes and underscores, at most 128", called="tag")
]
Digest = Annotated[str, _text(p.DIGEST, "sha256: followed by 64 hex digits, or empty", called="digest")]
Label = Annotated[str, _text(p.LABEL_VALUE, "at most 63 letters, digits, dots, dashes and underscores")]

AbsolutePath = Annotated[
    str, _text(p.ABSOLUTE, "a path that starts with /, without spaces, colons or ..", called="path")
]
ClaimFolder = Annotated[str, _text(p.FOLDER_OF_CLAIM, "a relative path without .., or empty", called="path")]
RepositoryFolder = Annotated[
    str, _text(p.FOLDER_OF_REPOSITORY, "a folder inside the repository, without .., or empty", called="path")
]

Unspaced = Annotated[str, _text(p.NO_SPACE, "text without spaces")]
Required = Annotated[str, Field(min_length=1, max_length=63, json_schema_extra={"allowed": "1 to 63 characters"})]
FileStem = Annotated[
    str, _text(p.FILE_STEM, "letters, digits, dashes, dots and underscores", called="name", longest=240)
]
# Airflow accepts any name, and creates a folder of that name.
BundleName = Annotated[
    str,
    _text(p.FOLDER_OF_CLAIM, "a name that does not start with / and does not contain ..", called="name", longest=200),
]
GitRef = Annotated[str, _text(p.GIT_REF, "a branch, tag or commit, without spaces, that does not start with -")]
Pattern = Annotated[str, _text(r"^[^\n]+$", "one line that is not empty")]
HttpAddress = Annotated[str, _text(p.HTTP_ADDRESS, "an address with http:// or https://, or empty", called="address")]
ConnectionId = Annotated[str, _text(p.CONNECTION, "an id of letters, digits and #!()-_.:/\\, or empty", longest=200)]
AppId = Annotated[str, _text(p.APP_ID, "an id of letters, digits, dots and dashes, or empty")]
Digits = Annotated[str, _text(p.DIGITS, "digits, in quotes, or empty")]
Mail = Annotated[str, _text(p.MAIL, "a mail address such as admin@example.com", longest=256)]
Person = Annotated[str, Field(max_length=256, json_schema_extra={"allowed": "at most 256 characters"})]
