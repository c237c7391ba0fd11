"""Settings of asyncpg behind a pool of transactions, for `[database] sql_alchemy_connect_args_async`.

A prepared statement belongs to one connection of the server, and the next transaction may have another one. So nothing
is prepared under a name, and nothing is kept: each statement is prepared anew, inside of its transaction. PgBouncer can
follow names (since 1.21), but keeps a statement that a migration has made invalid, and other pools cannot.
"""

NO_NAME = ""
CONNECT_ARGS = {
    "statement_cache_size": 0,
    "prepared_statement_cache_size": 0,
    "prepared_statement_name_func": lambda: NO_NAME,
}
