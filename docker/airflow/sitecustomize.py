"""Start-up hook of the image's interpreter: it makes short-lived worker pods cheaper, and the scheduler smaller.

A task pod imports about a thousand modules, runs one task and ends; lazy_imports.py does the rest of it at build time.
The scheduler forks helpers that live as long as it does. The other components keep Python's and Airflow's defaults.
"""

import os
import sys

if os.environ.get("AIRFLOW_IS_K8S_EXECUTOR_POD") == "True":
    import atexit
    import gc
    import signal

    # With Python's thresholds the cyclic collector walks the growing heap hundreds of times during the imports and
    # finds nothing. The first number is allocations minus deallocations between two young collections (2000 in 3.13).
    gc.set_threshold(100_000, 50, 100)
    # The interpreter's last collections walk everything once more (0.2 CPU-seconds). What is frozen they leave alone,
    # and the operating system takes it back. Registered first, so that it runs after everybody else's.
    atexit.register(gc.freeze)

    # Airflow's DAG reader gives SIGSEGV a handler and leaves it there. Python runs handlers between two instructions,
    # and the one that crashed is repeated instead: the task would burn a core for ever while its supervisor, who knows
    # what to say of a crash, reports that it lives.
    _register = signal.signal

    def _leave_crashes(signalnum: int, handler: "signal._HANDLER") -> "signal._HANDLER":
        """Register a handler, but none for a crash that Python cannot handle."""
        return signal.getsignal(signalnum) if signalnum == signal.SIGSEGV else _register(signalnum, handler)

    signal.signal = _leave_crashes

    if "airflow.sdk.execution_time.execute_workload" in sys.orig_argv[1:5]:
        # The supervisor of a task holds no database, and yet `import airflow` would set up one's engine. Airflow spares
        # this step in a process that it started anew for a task; the mark goes before the task's own process starts,
        # which looks for it to tell whether `run_as_user` was dealt with.
        os.environ["_AIRFLOW__REEXECUTED_PROCESS"] = "1"
        os.register_at_fork(before=lambda: os.environ.pop("_AIRFLOW__REEXECUTED_PROCESS", None))

elif "scheduler" in sys.orig_argv[1:]:
    import gc

    # The helpers. The LocalExecutor goes on forking, and what is frozen is never collected.
    _first_forks = iter(range(8))

    def _freeze() -> None:
        """Leave what was imported to parent and child alike: a collection writes to each object that it looks at.

        Each of the helpers (health server, the executor's watcher and queues) would soon hold its own copy of it.
        """
        if next(_first_forks, None) is not None:
            gc.collect()
            gc.freeze()

    os.register_at_fork(before=_freeze)
