"""What the tests of searches share: processes that claim points, and a search as a program that can be killed.

The workers of that program give a sign of life every second, and are missed sooner than others, so that no test waits
for a minute.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState

from emotion_rnn.plan import Point
from emotion_rnn.search import storage
from emotion_rnn.search.job import Job, open_study
from emotion_rnn.search.patience import PatientStorage
from emotion_rnn.search.points import add_missing, claim

PATIENCE_SECONDS = 300
"""After this long something hangs, and waiting for it ends with an error."""

MANY_POINTS: dict[int, Point] = {number: {"units": number + 1} for number in range(30)}

Opened = tuple[optuna.Study, PatientStorage]


def open_points(address: str) -> Opened:
    """A study in the storage at an address, as one more process would open it."""
    opened = storage.open_storage(address)
    study = optuna.create_study(storage=opened, study_name="points", direction="maximize", load_if_exists=True)
    return study, opened


def claim_and_finish(address: str, worker: str, adds: bool, start: Barrier, claimed: SimpleQueue[list[int]]) -> None:
    """Claim and finish `MANY_POINTS` as fast as possible, together with another process, until none is left."""
    study, opened = open_points(address)
    start.wait(PATIENCE_SECONDS)
    if adds:
        add_missing(study, MANY_POINTS)
    mine: list[int] = []
    while (trial := claim(study, opened, worker, MANY_POINTS)) is not None:
        mine.append(trial.user_attrs["point"])
        study.tell(trial, 0.5)
        if len(mine) == 1:  # on a busy machine one process could claim all before the other comes to its first
            start.wait(PATIENCE_SECONDS)
    claimed.put(mine)


def claimed_by_two_processes(address: str, *, adds: bool) -> list[list[int]]:
    """The points that each of two processes ran that began at the same moment.

    Args:
        address: of a storage that was opened before.
        adds: each process first adds the points, instead of finding them there.
    """
    spawn = multiprocessing.get_context("spawn")
    start, claimed = spawn.Barrier(2), spawn.SimpleQueue()
    processes = [
        spawn.Process(target=claim_and_finish, args=(address, name, adds, start, claimed)) for name in ("a", "b")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE_SECONDS)
    assert [process.exitcode for process in processes] == [0, 0]
    return [claimed.get() for _ in processes]


def open_at_once(address: str, start: Barrier, told: SimpleQueue[str]) -> None:
    """Open a storage when all others do."""
    start.wait(PATIENCE_SECONDS)
    try:
        storage.open_storage(address)
    except Exception as error:  # of whatever kind: the test shows it
        told.put(repr(error))
    else:
        told.put("opened")


def opened_by_processes(address: str, n_processes: int) -> list[str]:
    """What some processes say that open a storage at the same moment."""
    spawn = multiprocessing.get_context("spawn")
    start, told = spawn.Barrier(n_processes), spawn.SimpleQueue()
    processes = [spawn.Process(target=open_at_once, args=(address, start, told)) for _ in range(n_processes)]
    for process in processes:
        process.start()
    said = [told.get() for _ in processes]
    for process in processes:
        process.join(PATIENCE_SECONDS)
    return said


def start_search(job: Job, folder: Path, n_workers: int, *, report: bool = False) -> subprocess.Popen[str]:
    """Start a search, or go on with it, in a process group of its own; its output closes when the last process ends.

    Args:
        job: the search.
        folder: where the program finds it.
        n_workers: processes.
        report: write the report and the winner's run into the folder, too.
    """
    told = folder / "job.pickle"
    told.write_bytes(pickle.dumps(job))
    open_study(job, job.study_name())  # so that a test can watch the storage from the beginning
    command = [sys.executable, __file__, str(told), str(n_workers), *(["--report"] if report else [])]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", start_new_session=True
    )


def wait_for_end(program: subprocess.Popen[str]) -> None:
    """Wait for a search that was started; it must end well."""
    said, _ = program.communicate(timeout=PATIENCE_SECONDS)
    assert program.returncode == 0, said


def kill_all(program: subprocess.Popen[str]) -> None:
    """End a search and all its workers at once, as a power failure would."""
    os.killpg(program.pid, signal.SIGKILL)
    program.communicate(timeout=PATIENCE_SECONDS)


def trials_of(job: Job) -> list[FrozenTrial]:
    """All trials in the storage of a search."""
    study, _ = open_study(job, job.study_name())
    return study.get_trials()


def finished_points(job: Job) -> list[int]:
    """The points of the trials that ended with a result; a point that was trained twice stands there twice."""
    return sorted(trial.user_attrs["point"] for trial in trials_of(job) if trial.state == TrialState.COMPLETE)


def wait_for_states(job: Job, *states: TrialState) -> None:
    """Wait until there is a trial in each of some states at once."""
    wait_for_trials(job, lambda trials: set(states) <= {trial.state for trial in trials})


def wait_for_trials(job: Job, condition: Callable[[list[FrozenTrial]], bool]) -> None:
    """Wait until the trials in the storage of a search are as they should be."""
    study, _ = open_study(job, job.study_name())
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition(trials := study.get_trials()):
        if time.monotonic() > end:
            raise TimeoutError(f"the trials are {[(trial.number, trial.state.name) for trial in trials]}")
        time.sleep(0.2)


if __name__ in ("__main__", "__mp_main__"):  # the program, and its workers, which read this file anew
    storage.HEARTBEAT_SECONDS, storage.GRACE_SECONDS = 1, 10

if __name__ == "__main__":
    from emotion_rnn.search.folder import search_folder
    from emotion_rnn.search.job import Running
    from emotion_rnn.search.run import run_search

    path, workers, *extra = sys.argv[1:]
    told_job = pickle.loads(Path(path).read_bytes())
    if extra:
        search_folder(told_job, Path(path).parent, Running(int(workers), quiet=True))
    else:
        run_search(told_job, int(workers), quiet=True)
