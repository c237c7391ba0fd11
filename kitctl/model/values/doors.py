"""Values of the ways from outside to the UI and to Flower: Ingress, and HTTPRoute of the Gateway API."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import Section, knob
from kitctl.model.values.kube import Annotations, Labels, ParentReference, RouteFilter
from kitctl.model.values.types import Host, ObjectName, Unspaced

_PATH = (
    "Path of {what}, for example `{example}`; its pages, log-in and links are below it. Empty means {empty}, or `/` if "
    "that is empty as well."
)
_UI_PATH = _PATH.format(what="the UI", example="/airflow", empty="the path of `apiServer.baseUrl`")
_FLOWER_PATH = _PATH.format(what="Flower", example="/airflow/flower", empty="`flower.urlPrefix`")
_NO_REWRITE = "Do not let the controller rewrite the path: Airflow answers below it by itself."


class IngressTls(Section):
    """A certificate of an Ingress."""

    secret_name: ObjectName = knob(
        "", "Secret of type kubernetes.io/tls; cert-manager creates it. Empty means the controller's own certificate."
    )
    hosts: list[Host] = knob([], "Hosts of the certificate; empty means all hosts of the Ingress.")


class Ingress(Section):
    """One Ingress."""

    enabled: bool = knob(False, "Create the Ingress.")
    class_name: ObjectName = knob(
        "", "IngressClass, which selects the controller; empty means the cluster's default class."
    )
    annotations: Annotations = knob(
        {}, "Annotations of the Ingress, for the controller or for cert-manager (`cert-manager.io/cluster-issuer`)."
    )
    labels: Labels = knob({}, "More labels of the Ingress. Labels that the chart sets itself cannot be replaced.")
    hosts: list[Host] = knob(
        [],
        "Host names. The first one becomes the public address of the UI if `apiServer.baseUrl` is empty; the host of "
        "`apiServer.baseUrl` is used if this list is empty.",
    )
    path: Unspaced = knob("", _UI_PATH, why=_NO_REWRITE)
    path_type: Literal["Prefix", "ImplementationSpecific"] = knob(
        "Prefix", "How the controller compares paths. `Prefix` means the same for every controller."
    )
    tls: list[IngressTls] = knob(
        [], "Certificates. If one covers the first host, the public address of the UI begins with https."
    )


class FlowerIngress(Ingress):
    """The Ingress of Flower."""

    hosts: list[Host] = knob([], "Host names; the hosts of `ingress.ui` if this list is empty.")
    path: Unspaced = knob("", _FLOWER_PATH, why="Flower answers below it by itself, so nothing may rewrite it.")
    tls: list[IngressTls] = knob([], "Certificates.")


class Ingresses(Section):
    """Ingresses of the release."""

    ui: Ingress = knob(Ingress(), "Ingress of the UI and the REST API.")
    flower: FlowerIngress = knob(FlowerIngress(), "Ingress of Flower.")


class HttpRoute(Section):
    """One HTTPRoute."""

    enabled: bool = knob(False, "Create the HTTPRoute. The cluster needs the CRDs of the Gateway API (v1).")
    annotations: Annotations = knob({}, "Annotations of the HTTPRoute.")
    labels: Labels = knob({}, "More labels of the HTTPRoute. Labels that the chart sets itself cannot be replaced.")
    parent_refs: list[ParentReference] = knob(
        [], "Gateways that serve the route, for example `{name: public, namespace: gateways, sectionName: https}`."
    )
    hostnames: list[Host] = knob([], "Host names.")
    path: Unspaced = knob("", "Path of the page.")
    filters: list[RouteFilter] = knob(
        [], "Filters of the rule (list of HTTPRouteFilter), for example to set headers of the response."
    )


class UiRoute(HttpRoute):
    """The HTTPRoute of the UI."""

    hostnames: list[Host] = knob(
        [],
        "Host names. The first one becomes the public address of the UI if `apiServer.baseUrl` and `ingress.ui` do not "
        "tell one; the host of `apiServer.baseUrl` is used if this list is empty.",
    )
    https: bool = knob(
        True,
        "Whether the listener of the Gateway ends TLS, so that the public address of the UI begins with https.",
        why="The Gateway decides it, which the chart cannot see.",
    )
    path: Unspaced = knob("", _UI_PATH, why=_NO_REWRITE)


class FlowerRoute(HttpRoute):
    """The HTTPRoute of Flower."""

    hostnames: list[Host] = knob([], "Host names; those of `httpRoute.ui` if this list is empty.")
    path: Unspaced = knob("", _FLOWER_PATH, why="Flower answers below it by itself, so nothing may rewrite it.")


class HttpRoutes(Section):
    """HTTPRoutes of the release."""

    ui: UiRoute = knob(UiRoute(), "HTTPRoute of the UI and the REST API.")
    flower: FlowerRoute = knob(FlowerRoute(), "HTTPRoute of Flower.")
