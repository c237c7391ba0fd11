"""Runs in an environment with the drivers: a pod of Airflow behind PgBouncer, which has fewer connections than clients.

Arguments: the folder of the scripts, the folder of the secrets, "named" to prepare statements as asyncpg does without
the kit. JSON on stdout: what each way says of itself.
"""

from __future__ import annotations

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
SECRETS = Path(sys.argv[2])
CLIENTS, STATEMENTS = 10, 30
# Airflow's own arguments, `airflow.settings._configure_async_session`.
POOL: dict[str, Any] = {"pool_size": CLIENTS, "pool_recycle": 1800, "pool_pre_ping": True, "max_overflow": 10}
FACTS = "concat_ws(' ', current_user, current_database(), ssl)"
ASKED = f"SELECT {FACTS} FROM pg_stat_ssl WHERE pid = pg_backend_pid()"  # noqa: S608 - no input


def wait() -> Any:
    from database import connect  # type: ignore[import-not-found]  # noqa: PLC0415

    with connect(SECRETS) as connection, connection.cursor() as cursor:
        cursor.execute(ASKED)
        return cursor.fetchone()[0]


def engine() -> Any:
    from database_url import url  # type: ignore[import-not-found]  # noqa: PLC0415
    from sqlalchemy import create_engine, text  # type: ignore[import-not-found]  # noqa: PLC0415

    made = create_engine(url(use_async=False, secrets=SECRETS), **POOL)

    def client(number: int) -> int:
        total = 0
        for step in range(STATEMENTS):
            with made.begin() as connection:
                total += connection.execute(text("SELECT :a + :b"), {"a": number, "b": step}).scalar()
        return total

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(client, range(CLIENTS)))


async def _async_engine() -> int:
    from airflow_kit_pooler import CONNECT_ARGS  # type: ignore[import-not-found]  # noqa: PLC0415
    from database_url import url  # noqa: PLC0415
    from sqlalchemy import text  # noqa: PLC0415
    from sqlalchemy.ext.asyncio import create_async_engine  # type: ignore[import-not-found]  # noqa: PLC0415

    args = {} if "named" in sys.argv[3:] else CONNECT_ARGS
    made = create_async_engine(url(use_async=True, secrets=SECRETS), connect_args=args, **POOL)

    async def client(number: int) -> int:
        total = 0
        for step in range(STATEMENTS):
            async with made.begin() as connection:
                # Several texts, some of them by all clients: names of prepared statements meet on one server.
                words = text(f"SELECT CAST(:a AS int) + CAST(:b AS int) /* {step % 7} */")
                total += (await connection.execute(words, {"a": number, "b": step})).scalar()
                found = await connection.execute(
                    text("SELECT ARRAY[CAST(:a AS text)], '{}'::jsonb"), {"a": str(number)}
                )
                assert found.one()[0] == [str(number)]
        return total

    try:
        return sum(await asyncio.gather(*map(client, range(CLIENTS))))
    finally:
        await made.dispose()


def async_engine() -> Any:
    return asyncio.run(_async_engine())


def said(way: Any) -> Any:
    try:
        return way()
    except Exception as error:  # noqa: BLE001 - each driver has errors of its own
        return f"refused: {error}"


json.dump({way.__name__: said(way) for way in (wait, engine, async_engine)}, sys.stdout)
