"""Runs in an environment with the drivers: connects by the scripts of the chart, as the waits and Airflow's engines do.

Arguments: the folder of the scripts, the folder of the secrets. JSON on stdout: what each connection says of itself.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
SECRETS = Path(sys.argv[2])
ASKED = (
    "SELECT concat_ws(' ', usename, ssl, client_dn) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)"
    " WHERE pid = pg_backend_pid()"
)


def wait() -> Any:
    from database import connect  # type: ignore[import-not-found]  # noqa: PLC0415

    with connect(SECRETS) as connection, connection.cursor() as cursor:
        cursor.execute(ASKED)
        return cursor.fetchone()[0]


def engine() -> Any:
    from database_url import url  # type: ignore[import-not-found]  # noqa: PLC0415
    from sqlalchemy import create_engine, text  # type: ignore[import-not-found]  # noqa: PLC0415

    with create_engine(url(use_async=False, secrets=SECRETS)).connect() as connection:
        return connection.execute(text(ASKED)).scalar()


async def _async_engine() -> Any:
    from database_url import url  # noqa: PLC0415
    from sqlalchemy import text  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # type: ignore[import-not-found]  # noqa: PLC0415

    async with create_async_engine(url(use_async=True, secrets=SECRETS)).connect() as connection:
        return (await connection.execute(text(ASKED))).scalar()


def async_engine() -> Any:
    return asyncio.run(_async_engine())


def said(way: Callable[[], Any]) -> str:
    try:
        return str(way())
    except Exception as error:  # noqa: BLE001 - each driver has errors of its own
        return f"refused: {error}"


json.dump({way.__name__: said(way) for way in (wait, engine, async_engine)}, sys.stdout)
