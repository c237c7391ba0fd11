"""Start-up hook of the image's interpreter: it makes short-lived worker pods cheaper, and two components smaller.

Only these take part: the process that supervises a task in a worker pod, whose imports are deferred until it has forked
the task (airflow_kit_deferral.py), and the scheduler and the triggerer, which fork processes that live as long as they.
Every other Python, those that a task starts among them, keeps Python's and Airflow's defaults.

AIRFLOW_KIT_DEFER_IMPORTS=False turns the first off, for a look at Airflow as it was released.
"""

import os
import sys

_words = sys.orig_argv[1:6]

if "-m" in _words and "airflow.sdk.execution_time.execute_workload" in _words[_words.index("-m") + 1 :][:1]:
    _off = os.environ.get("AIRFLOW_KIT_DEFER_IMPORTS", "True").lower() == "false"
    if os.environ.get("AIRFLOW_IS_K8S_EXECUTOR_POD") == "True" and not _off:
        try:
            import airflow_kit_deferral
        except ImportError:  # another environment than the image's own
            pass
        else:
            airflow_kit_deferral.start()

elif [word.rpartition("/")[2] for word in _words[:2]] in (["airflow", "scheduler"], ["airflow", "triggerer"]):
    import gc

    # The long-lived ones. The LocalExecutor goes on forking, and what is frozen is never collected.
    _first_forks = iter(range(8))
    _component = os.getpid()

    def _freeze() -> None:
        """Leave what was imported to parent and child alike: a collection writes to each object that it looks at.

        Each process (health server, the executor's watcher and queues; log server, runner of triggers) would soon hold
        its own copy of it. What runs in them, such as a user's triggers, has Python's own collector if it forks.
        """
        if os.getpid() == _component and next(_first_forks, None) is not None:
            gc.collect()
            gc.freeze()

    os.register_at_fork(before=_freeze)
