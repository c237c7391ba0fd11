"""Values of the message broker between the scheduler and Celery workers."""

from __future__ import annotations

from enum import StrEnum

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from kitctl.model.values._base import Section, knob, requests
from kitctl.model.values.image import Image
from kitctl.model.values.kube import Resources, ServerSettings
from kitctl.model.values.objects import Authority, Claim
from kitctl.model.values.types import (
    DatabaseNumber,
    ObjectName,
    OptionalSecretKey,
    Port,
    SecondsOrNone,
    SecretKey,
    Size,
    Unspaced,
)
from kitctl.model.values.workload import OwnPod, ServiceFamilies
from kitctl.model.versions import pin


class BrokerKind(StrEnum):
    """Brokers that the chart supports; each is a file of chart/templates/broker."""

    REDIS = "redis"
    RABBITMQ = "rabbitmq"
    EXTERNAL = "external"

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Accept any word in the schema: the chart refuses it and lists those that it supports."""
        return {"type": "string"}


class RedisStorage(Claim):
    """The volume of the chart's own broker."""

    size: Size = knob(
        "1Gi",
        "Size of the claim.",
        why="It holds queued tasks, a few kilobytes each, and the log of changes, which is rewritten at 64 MB.",
    )


class Redis(OwnPod):
    """The chart's own broker, which speaks the protocol of Redis."""

    image: Image = knob(
        Image(repository=pin("images.redis"), tag=pin("images.redis_tag")),
        "Image of the broker: Valkey or Redis, whose images have the same contract.",
        why="Valkey has an open-source license (BSD) and the protocol and commands of Redis.",
    )
    storage: RedisStorage = knob(
        RedisStorage(), "Claim of the queued tasks. It is kept when the release is uninstalled."
    )
    service: ServiceFamilies = knob(ServiceFamilies(), "Service of the broker.")
    settings: ServerSettings = knob(
        {"appendonly": "yes", "appendfsync": "always", "save": '""'},
        "Settings of the server, as lines of its configuration file.",
        why="A queued task is on disk before the scheduler is told so: a broker that is killed loses none.",
    )
    resources: Resources = knob(requests("50m", "64Mi"), "CPU and memory of the broker.")
    termination_grace_period_seconds: SecondsOrNone = knob(
        30, "Time that the server has to shut down cleanly before it is killed."
    )


class RabbitmqStorage(Claim):
    """The volume of the chart's own RabbitMQ."""

    size: Size = knob(
        "1Gi",
        "Size of the claim.",
        why="It holds queued tasks, a few kilobytes each. RabbitMQ takes none while less than 50 MB are free.",
    )


class Rabbitmq(OwnPod):
    """The chart's own RabbitMQ."""

    image: Image = knob(
        Image(repository=pin("images.rabbitmq"), tag=pin("images.rabbitmq_tag")),
        "Image of the broker: the official image of RabbitMQ, or one with its contract. No plugin is switched on.",
    )
    storage: RabbitmqStorage = knob(
        RabbitmqStorage(), "Claim of the queued tasks. It is kept when the release is uninstalled."
    )
    service: ServiceFamilies = knob(ServiceFamilies(), "Service of the broker.")
    settings: ServerSettings = knob(
        {"consumer_timeout": "2592000000"},
        "Settings of the server, as lines of `rabbitmq.conf`.",
        why="By default, RabbitMQ takes tasks back from workers after 30 minutes; with this value (ms) after 30 days.",
    )
    resources: Resources = knob(
        requests("100m", "256Mi"),
        "CPU and memory of the broker.",
        why="It takes no tasks while it uses more than 60% of its limit, or of the node's memory if it has none.",
    )
    termination_grace_period_seconds: SecondsOrNone = knob(
        60, "Time that the server has to shut down cleanly before it is killed."
    )


class BrokerSecret(Section):
    """The Secret with the password of an external broker."""

    name: ObjectName = knob("", "Name of an existing Secret; empty means the keys Secret.")
    key: SecretKey = knob("broker-password", "Key of the password; it may contain any character but a line break.")


class BrokerUrl(Section):
    """A Secret that holds the whole URL of an external broker."""

    name: ObjectName = knob("", "Name of an existing Secret; empty means that the URL is made from the parts.")
    key: OptionalSecretKey = knob(
        "url", "Key of the URL in that Secret, such as `rediss://:password@host:6379/0` or `amqp://…`, percent-encoded."
    )


class ExternalBroker(Section):
    """A broker of yours: by its parts one that speaks the protocol of Redis, by a URL RabbitMQ, too."""

    host: Unspaced = knob("", "Host of the broker.")
    port: Port = knob(6379, "Port of the broker. With a URL from a Secret, only NetworkPolicies use it.")
    database: DatabaseNumber = knob(0, "Number of the database; releases that share a broker need different ones.")
    user: Unspaced = knob("", "Name of the user; empty means the default user.")
    password: bool = knob(True, "Log in with a password. With false, no pod mounts one.")
    password_secret: BrokerSecret = knob(BrokerSecret(), "Secret that holds the password.")
    tls: bool = knob(False, "Connect by TLS and verify the server's certificate.")
    ca: Authority = knob(Authority(), "CA of the server's certificate; without one, the CAs of the image verify it.")
    url_secret: BrokerUrl = knob(BrokerUrl(), "Secret with the whole URL, instead of all the parts above.")


class Broker(Section):
    """The broker, which exists only with the CeleryExecutor."""

    kind: BrokerKind = knob(
        BrokerKind.REDIS,
        "`redis` and `rabbitmq` run a broker in the release, `external` uses one of yours (`broker.external`).",
    )
    redis: Redis = knob(Redis(), "The chart's own broker by the protocol of Redis (`kind: redis`).")
    rabbitmq: Rabbitmq = knob(Rabbitmq(), "The chart's own RabbitMQ (`kind: rabbitmq`).")
    external: ExternalBroker = knob(ExternalBroker(), "A broker of yours (`kind: external`).")
