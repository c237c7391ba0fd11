"""Try whether Airflow starts with the packages of this environment: `try_start.py VERSION`.

The build runs it for versions of Airflow without a lock. It makes the app of the API server, which needs no database.
Otherwise it prints `KITCTL-ERROR {json}` with the last line of the error, and ends with 1.
"""

import json
import sys
import traceback


def main(version: str) -> int:
    """Return 0 if the API server could start."""
    try:
        from airflow.api_fastapi.execution_api.app import create_task_execution_api_app  # noqa: PLC0415

        create_task_execution_api_app()
    except Exception as error:  # noqa: BLE001 - whatever stops it is the answer
        traceback.print_exc()
        last = traceback.format_exception_only(error)[0].strip()
        report = {"id": "airflow-does-not-start", "version": version, "cause": last}
        sys.stdout.write(f"KITCTL-ERROR {json.dumps(report)}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
