"""The storage of a search: a SQLite file, or a database server that several machines reach."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy
from optuna.storages import RDBStorage

from emotion_core.errors import RunError, short_reason
from emotion_core.imports import import_message
from emotion_core.reporting.search_table import TABLE_FILE
from emotion_rnn.classifier import PACKAGE

STORAGE_FAULTS = (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError)
"""What a storage raises that fails: SQLAlchemy when it is opened, Optuna in most transactions after that."""
HEARTBEAT_SECONDS, GRACE_SECONDS = 10, 60
"""A worker says this often that it lives; the point of one that was silent for the longer time is taken up again."""
EXAMPLE = "postgresql://USER:PASSWORD@HOST/DATABASE, or no --storage for a file in the output folder"
LOCK_SECONDS = 60
"""How long a process waits for its turn at a SQLite file."""
OPENING_ATTEMPTS, OPENING_PAUSE_SECONDS = 20, 0.25
"""Processes that open a new storage at once all try to make its tables; those that come second try again."""


def open_storage(url: str) -> RDBStorage:
    """Open the storage of a search, and make its tables where there are none.

    Args:
        url: as SQLAlchemy takes it, e.g. ``sqlite:///search.db`` or ``postgresql://user:password@host/database``.

    Raises:
        RunError: the storage cannot be opened; the message hides the password.
    """
    address = storage_address(url)
    sqlite = address.get_backend_name() == "sqlite"
    arguments: dict[str, object] = {"connect_args": {"timeout": LOCK_SECONDS}} if sqlite else {"pool_pre_ping": True}
    for attempt in range(1, OPENING_ATTEMPTS + 1):
        try:
            with warnings.catch_warnings():  # the heartbeat is experimental, and has kept its form for years
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                storage = optuna.storages.RDBStorage(
                    address.render_as_string(hide_password=False),
                    engine_kwargs=arguments,
                    heartbeat_interval=HEARTBEAT_SECONDS,
                    grace_period=GRACE_SECONDS,
                )
            break
        except (*STORAGE_FAULTS, ImportError, RuntimeError) as error:
            if isinstance(error, ImportError) and address.get_backend_name() == "postgresql":
                raise RunError(import_message(error, address.render_as_string(), PACKAGE, "postgresql")) from error
            if _made_meanwhile(error) and attempt < OPENING_ATTEMPTS:
                time.sleep(OPENING_PAUSE_SECONDS)
                continue
            raise RunError(_message(error, address)) from error
    if sqlite:
        _one_at_a_time(storage)
    return storage


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Hear no remarks of Optuna and SQLAlchemy within the block: a failed point is shown by the search itself."""
    verbosity, pool = optuna.logging.get_verbosity(), logging.getLogger("sqlalchemy.pool")
    level = pool.level
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pool.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)
        pool.setLevel(level)


@contextmanager
def telling_faults(url: str) -> Iterator[None]:
    """Raise a RunError that says what helps when the storage at an address fails within the block."""
    try:
        yield
    except STORAGE_FAULTS as error:
        raise RunError(f"{_message(error, storage_address(url))} Then go on with --resume.") from error


def _message(error: Exception, address: sqlalchemy.URL) -> str:
    """What is wrong with a storage, and what helps; without the password."""
    cause = error.__cause__ if isinstance(error, optuna.exceptions.StorageInternalError) else error
    driver = cause.orig if isinstance(cause, sqlalchemy.exc.DBAPIError) else None
    reason = short_reason(driver or cause or error)
    if address.get_backend_name() != "sqlite":
        return f"{address.render_as_string()}: the storage cannot be used ({reason}). Expected {EXAMPLE}."
    path, code = Path(address.database or ""), str(getattr(driver, "sqlite_errorname", ""))
    if code.startswith("SQLITE_BUSY"):
        return f"{path}: another process has locked it for {LOCK_SECONDS} seconds. Wait until that has ended."
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        table = path.with_name(TABLE_FILE)
        kept = f" What was ranked is in {table}." if table.is_file() else ""
        return f"{path}: is damaged ({reason}).{kept} Put a copy in its place, or search anew into another --output."
    return f"{path}: the storage cannot be used ({reason}). Check the file, its folder and the room on the disk."


def _made_meanwhile(error: Exception) -> bool:
    """Whether another process made a table, or its first row, between the look for it and its making."""
    if isinstance(error, sqlalchemy.exc.IntegrityError):
        return True
    return isinstance(error, sqlalchemy.exc.DBAPIError) and "already exists" in str(error.orig)


def storage_address(url: str) -> sqlalchemy.URL:
    """The address of a storage, PostgreSQL with the driver that the extra ``postgresql`` brings.

    Raises:
        RunError: it is not an address.
    """
    try:
        address = sqlalchemy.make_url(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise RunError(f"--storage: found no address of a database, expected {EXAMPLE}.") from error
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return address


def _one_at_a_time(storage: RDBStorage) -> None:
    """Let every transaction on SQLite lock the file when it begins.

    SQLite ignores SELECT ... FOR UPDATE, with which two processes are kept from taking the same trial elsewhere.
    """

    @sqlalchemy.event.listens_for(storage.engine, "connect")
    def no_implicit_begin(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @sqlalchemy.event.listens_for(storage.engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    storage.engine.dispose()  # connections that were made before would go on as they were
