"""Run a search: start the workers, show what they do, replace those that die."""

from __future__ import annotations

import multiprocessing
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from multiprocessing.queues import SimpleQueue
from typing import TYPE_CHECKING

from emotion_core.errors import RunError
from emotion_core.system.workers import NOT_STARTED, end_processes, run_worker, unheard_by_workers
from emotion_rnn.search.job import Job, open_study
from emotion_rnn.search.patience import STORAGE_FAULTS
from emotion_rnn.search.points import (
    MAX_DEATHS,
    ended_points,
    release,
    retry_failed,
    take_back_stale,
)
from emotion_rnn.search.progress import SearchProgress
from emotion_rnn.search.storage import quiet_libraries, telling_faults
from emotion_rnn.search.worker import work

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial

    from emotion_rnn.search.patience import PatientStorage

POLL_SECONDS = 0.5


def run_search(job: Job, n_workers: int, *, retry: bool = False, quiet: bool = False) -> optuna.Study:
    """Train every point of a search that is not done yet, with several processes.

    Workers are processes made afresh, so a script that calls this needs the usual ``if __name__ == "__main__":``.

    Args:
        job: the search.
        n_workers: processes on this machine; others may work on the same storage.
        retry: train the points again that failed with an error.
        quiet: show nothing.

    Returns:
        The study, in which every point is done or failed.

    Raises:
        RunError: the storage cannot be used, or the workers die without doing anything.
    """
    with quiet_libraries(), telling_faults(job.storage):
        return _run(job, n_workers, retry=retry, quiet=quiet)


def _run(job: Job, n_workers: int, *, retry: bool, quiet: bool) -> optuna.Study:
    name = job.study_name()
    study, storage = open_study(job, name)
    points = job.points()
    take_back_stale(study, points)
    if retry:
        retry_failed(study, points)
    crew = _Crew(job, name, study, storage)
    with SearchProgress(f"Search {job.architecture} {job.phase.name}", study, points, quiet=quiet) as progress:
        try:
            for number in range(n_workers):
                crew.start(number)
            while crew.workers:
                time.sleep(POLL_SECONDS)
                progress.update()
                crew.replace_dead()
            progress.update()
        finally:
            crew.stop()
    return study


@dataclass
class _Crew:
    """The worker processes of this machine."""

    job: Job
    study_name: str
    study: optuna.Study
    storage: PatientStorage
    workers: dict[str, tuple[int, BaseProcess]] = field(default_factory=dict)
    deaths: int = 0
    ended: int = 0

    def __post_init__(self) -> None:
        self._context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
        self._problems: SimpleQueue[str] = self._context.SimpleQueue()
        self._began = self._context.Event()

    def start(self, number: int) -> None:
        worker = uuid.uuid4().hex
        arguments = (self._began, work, self.job, self.study_name, number, worker, self._problems)
        process = self._context.Process(target=run_worker, args=arguments, name=f"search-{number}")
        with unheard_by_workers():
            process.start()
        self.workers[worker] = (number, process)

    def replace_dead(self) -> None:
        """Put back what dead workers have left, and start others in their place."""
        if not self._problems.empty():
            raise RunError(self._problems.get())
        for worker, (number, process) in list(self.workers.items()):
            if process.is_alive():
                continue
            del self.workers[worker]
            if process.exitcode != 0 and not self._began.is_set():
                raise RunError(NOT_STARTED)
            if process.exitcode != 0:
                release(self.study, self.storage, worker, self.job.points())
                self._count_death(process.exitcode)
            if len(self._ended()) < len(self.job.points()):
                self.start(number)

    def _count_death(self, code: int | None) -> None:
        ended = len(self._ended())
        self.deaths = self.deaths + 1 if ended == self.ended else 1
        self.ended = ended
        if self.deaths > MAX_DEATHS * (1 + len(self.workers)):
            raise RunError(f"The workers end again and again (exit code {code}). Try one with --workers 1.")

    def _ended(self) -> dict[int, FrozenTrial]:
        return ended_points(self.study, self.job.points())

    def stop(self) -> None:
        """End the workers that are left, and put back their points."""
        self.storage.patience_seconds = 0.0
        end_processes(process for _, process in self.workers.values())
        for worker in self.workers:
            with suppress(*STORAGE_FAULTS):  # out of reach: the points come back without a heartbeat
                release(self.study, self.storage, worker, self.job.points())
