"""The typed model of every knob of the chart."""

from kitctl.model.values.dags import DAG_MODE_ALIASES, DagMode
from kitctl.model.values.root import Executor, Values

__all__ = ["DAG_MODE_ALIASES", "DagMode", "Executor", "Values"]
