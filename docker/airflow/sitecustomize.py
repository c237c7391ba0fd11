"""Start-up hook of the image's interpreter: it makes short-lived worker pods import cheaper.

A task pod imports about 1,300 modules, runs one task and ends. With Python's default thresholds the cyclic garbage
collector walks the growing heap hundreds of times during these imports and finds nothing. Long-lived components keep
Python's defaults.
"""

import os

if os.environ.get("AIRFLOW_IS_K8S_EXECUTOR_POD") == "True":
    import gc

    # The first number is allocations minus deallocations between two young collections (default 2000 in Python 3.13).
    gc.set_threshold(100_000, 50, 100)
