"""The storage of a search: a SQLite file, or a database server that several machines reach."""

from __future__ import annotations

import logging
import time
import warnings
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
import sqlalchemy

from emotion_core.errors import RunError, short_reason
from emotion_core.imports import import_message
from emotion_core.reporting.search_table import TABLE_FILE
from emotion_rnn.classifier import PACKAGE
from emotion_rnn.search.patience import (
    OUTAGE_SECONDS,
    PAUSE_SECONDS,
    STORAGE_FAULTS,
    PatientStorage,
    driver_error,
    is_outage,
)

HEARTBEAT_SECONDS, GRACE_SECONDS = 10, 60
"""A worker says this often that it lives; the point of one that was silent for the longer time is taken up again."""
EXAMPLE = "postgresql://USER:PASSWORD@HOST/DATABASE, or no --storage for a file in the output folder"
LOCK_SECONDS = 60
"""How long a process waits for its turn at a SQLite file."""
OPENING_ATTEMPTS, OPENING_PAUSE_SECONDS = 20, 0.25
"""Processes that open a new storage at once all try to make its tables; those that come second try again."""


SERVER_OPTIONS = {"connect_timeout": 10, "keepalives_idle": 30, "tcp_user_timeout": 30_000}
"""What PostgreSQL's library is told, so that a server that vanished is noticed: two times in seconds, one in ms."""


def open_storage(url: str, *, patient: bool = False) -> PatientStorage:
    """Open the storage of a search, and make its tables where there are none.

    Args:
        url: as SQLAlchemy takes it, e.g. ``sqlite:///search.db`` or ``postgresql://user:password@host/database``.
        patient: wait for a server that is away, since it was there before.

    Raises:
        RunError: the storage cannot be opened; the message hides the password.
    """
    address = storage_address(url)
    sqlite = address.get_backend_name() == "sqlite"
    end = time.monotonic() + (OUTAGE_SECONDS if patient and not sqlite else 0)
    attempt = 0
    while True:
        attempt += 1
        try:
            with warnings.catch_warnings():  # the heartbeat is experimental, and has kept its form for years
                warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
                storage = PatientStorage(
                    address.render_as_string(hide_password=False),
                    engine_kwargs=_engine_options(address),
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
            if is_outage(error) and time.monotonic() < end:
                time.sleep(PAUSE_SECONDS)
                continue
            raise RunError(_message(error, address)) from error
    if sqlite:
        _one_at_a_time(storage)
    else:
        storage.patience_seconds = OUTAGE_SECONDS
        weakref.finalize(storage, storage.engine.dispose)  # closes the connections, which SQLAlchemy keeps for reuse
    return storage


def _engine_options(address: sqlalchemy.URL) -> dict[str, Any]:
    """What SQLAlchemy is told of a database; what stands in the address takes precedence."""
    kind = address.get_backend_name()
    if kind == "sqlite":
        return {"connect_args": {"timeout": LOCK_SECONDS}}
    own = SERVER_OPTIONS if kind == "postgresql" else {}
    return {
        "pool_pre_ping": True,
        "connect_args": {name: value for name, value in own.items() if name not in address.query},
    }


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
        address = storage_address(url)
        if is_outage(error) and address.get_backend_name() != "sqlite":
            raise RunError(
                f"{address.render_as_string()}: has not answered for {OUTAGE_SECONDS / 60:.0f} minutes "
                f"({short_reason(driver_error(error) or error)}). What is done is kept there. "
                "Start the server, or mend the way to it, then go on with --resume."
            ) from error
        raise RunError(f"{_message(error, address)} Then go on with --resume.") from error


def _message(error: Exception, address: sqlalchemy.URL) -> str:
    """What is wrong with a storage, and what helps; without the password."""
    driver = driver_error(error)
    reason = short_reason(driver or error.__cause__ or error)
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


def _one_at_a_time(storage: PatientStorage) -> None:
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
