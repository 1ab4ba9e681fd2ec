"""The storage of a search on a server, which waits for the server when it is away, and then goes on."""

from __future__ import annotations

import functools
import multiprocessing
import time
from collections.abc import Callable
from typing import Any

import click
import optuna
import sqlalchemy
from optuna.storages import BaseStorage, RDBStorage

from emotion_core.errors import short_reason

STORAGE_FAULTS = (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.StorageInternalError)
"""What a storage raises that fails: SQLAlchemy when it is opened, Optuna in most transactions after that."""
OUTAGE_SECONDS, PAUSE_SECONDS = 300.0, 2.0
"""How long a server may be away, and how long a process waits between its attempts to reach it."""


def _origin(error: BaseException) -> BaseException | None:
    """The error of SQLAlchemy that a transaction failed with first."""
    cause = error.__cause__ if isinstance(error, optuna.exceptions.StorageInternalError) else error
    # Optuna answers some faults with another query in the transaction that the lost connection has ended already.
    return cause.__context__ if isinstance(cause, sqlalchemy.exc.PendingRollbackError) else cause


def driver_error(error: BaseException) -> BaseException | None:
    """What the driver of the database said, which SQLAlchemy wraps, and Optuna once more; None if it was not asked."""
    cause = _origin(error)
    return cause.orig if isinstance(cause, sqlalchemy.exc.DBAPIError) else None


def is_outage(error: BaseException) -> bool:
    """Whether a database did not answer, stopped while it did, or has no room for another connection just now."""
    cause = _origin(error)
    if isinstance(cause, sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError):
        return True
    return isinstance(cause, sqlalchemy.exc.DBAPIError) and cause.connection_invalidated


class PatientStorage(RDBStorage):
    """Optuna's storage, each call of which is made again until the server answers.

    A call whose answer was lost is made twice. No harm is done: of two trials of one point only the older is run, a
    trial that nobody runs comes back without a heartbeat, and what is finished stays as it is
    (`emotion_rnn.search.points`).

    Attributes:
        patience_seconds: how long a call may take; 0 for one attempt.
        last_outage: when the server was last found away, on the clock of ``time.monotonic``.
    """

    patience_seconds = 0.0
    last_outage = float("-inf")

    def outlast(self, call: Callable[[], Any]) -> Any:
        """Make a call until the server answers or the patience is at its end, which raises what the call raised."""
        end, told = time.monotonic() + self.patience_seconds, False
        while True:
            try:
                result = call()
            except STORAGE_FAULTS as error:
                if not is_outage(error) or time.monotonic() >= end:
                    raise
                self.last_outage = time.monotonic()
                told = told or self._tell(error)
                time.sleep(PAUSE_SECONDS)
            else:
                if told and _speaks():
                    click.echo(f"{self.engine.url}: answers again.", err=True)
                return result

    def was_away(self, seconds: float) -> bool:
        """Whether the server was away so short a time ago that living workers may still be silent."""
        return time.monotonic() - self.last_outage < seconds

    def beat(self, trial_id: int) -> None:
        """Record a heartbeat without patience."""
        RDBStorage.record_heartbeat(self, trial_id)

    def _tell(self, error: Exception) -> bool:
        if _speaks():
            reason = short_reason(driver_error(error) or error)
            how_long = f"{self.patience_seconds / 60:.0f} minutes"
            click.echo(f"{self.engine.url}: does not answer ({reason}). Trying again for {how_long}.", err=True)
        return True


def _speaks() -> bool:
    """Whether this is the process that the user started; its workers say nothing."""
    return multiprocessing.parent_process() is None


def _patient(name: str) -> Callable[..., Any]:
    call = getattr(RDBStorage, name)

    @functools.wraps(call)
    def patient(self: PatientStorage, *arguments: Any, **named: Any) -> Any:
        return self.outlast(lambda: call(self, *arguments, **named))

    return patient


OF_THE_CACHE = ("_create_new_trial", "_get_stale_trial_ids", "_get_trials", "_set_trial_param")
"""What Optuna's cache calls besides the public methods of a storage."""

for _name in (*vars(BaseStorage), "record_heartbeat", *OF_THE_CACHE):
    if not _name.startswith("__") and callable(vars(RDBStorage).get(_name)):
        setattr(PatientStorage, _name, _patient(_name))
