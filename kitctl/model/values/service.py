"""Values of the Services that people reach: the API server's and Flower's."""

from __future__ import annotations

from typing import Literal

from kitctl.model.values._base import knob
from kitctl.model.values.kube import Annotations, Labels
from kitctl.model.values.types import Network, NodePort, OptionalAddress, Port, Unspaced
from kitctl.model.values.workload import ServiceFamilies


class Service(ServiceFamilies):
    """A Service; the chart refuses fields that do not fit its type."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = knob(
        "ClusterIP", "Type of the Service. With ClusterIP, only pods of the cluster reach it."
    )
    port: Port = knob(8080, "Port of the Service.")
    node_port: NodePort | None = knob(
        None, "Port on the nodes (30000-32767) for type NodePort; empty lets Kubernetes choose one."
    )
    annotations: Annotations = knob(
        {}, "Annotations of the Service, for example to configure the load balancer of a cloud."
    )
    labels: Labels = knob({}, "More labels of the Service. Labels that the chart sets itself cannot be replaced.")
    cluster_ip: OptionalAddress = knob(
        "",
        "Address of the Service inside the cluster; empty lets Kubernetes choose one.",
        alias="clusterIP",
        why="Kubernetes refuses to change it later: the Service has to be deleted first.",
    )
    load_balancer_class: Unspaced = knob(
        "",
        "Which load balancer serves a Service of type LoadBalancer, such as `service.k8s.aws/nlb`; empty means the "
        "cluster's default.",
        why="Kubernetes refuses to change it later: the Service has to be deleted first.",
    )
    load_balancer_ip: OptionalAddress = knob(
        "",
        "Address that the load balancer shall have. Not every load balancer reads this field; some read an annotation.",
        alias="loadBalancerIP",
    )
    load_balancer_source_ranges: list[Network] = knob(
        [], "Networks (CIDR) whose clients the load balancer admits; empty means everyone."
    )
    external_traffic_policy: Literal["", "Cluster", "Local"] = knob(
        "",
        "`Local` keeps the addresses of clients, for types NodePort and LoadBalancer: requests reach only nodes that "
        "run a pod of the Service. Empty means `Cluster`.",
    )
    internal_traffic_policy: Literal["", "Cluster", "Local"] = knob(
        "",
        "`Local` lets pods of the cluster reach only pods on their own node. Empty means `Cluster`.",
        why="With Local, tasks cannot report from a node without a pod of the API server.",
    )
    session_affinity: Literal["", "None", "ClientIP"] = knob(
        "",
        "`ClientIP` sends all requests of one address to the same pod. Empty means `None`.",
        why="Airflow does not need it: sessions are cookies, which every pod can read.",
    )
