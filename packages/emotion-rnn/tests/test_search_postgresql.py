"""Searches that two machines share through a real PostgreSQL, which is started for these tests and thrown away."""

from __future__ import annotations

import csv
import dataclasses
import time
from pathlib import Path

import pytest
from conftest import TINY
from optuna.trial import FrozenTrial, TrialState
from postgresql_for_tests import Server
from searches_for_tests import (
    MANY_POINTS,
    PATIENCE_SECONDS,
    claimed_by_two_processes,
    finished_points,
    kill_all,
    open_points,
    opened_by_processes,
    start_search,
    trials_of,
    wait_for_end,
    wait_for_trials,
)

from emotion_core.data.dataset import Dataset
from emotion_core.errors import RunError
from emotion_rnn.network.options import Computing
from emotion_rnn.plan import Phase
from emotion_rnn.search.job import Job
from emotion_rnn.search.points import ERROR, SURPLUS, WORKER, add_missing
from emotion_rnn.search.storage import telling_faults

pytestmark = pytest.mark.acceptance

PHASE = Phase(
    "grid",
    "Tiny",
    dataclasses.replace(TINY, epochs=1, batch_size=32, learning_rate=0.05),
    {"units": (2, 8), "dropout": (0.1, 0.5)},
)


@pytest.fixture
def machines(small_data: Dataset, database: str, tmp_path: Path) -> tuple[Job, tuple[Path, Path]]:
    """A search in a database, and the folders of two machines that take part in it."""
    folders = (tmp_path / "first", tmp_path / "second")
    for folder in folders:
        folder.mkdir()
    return Job("gru", PHASE, small_data, None, Computing(threads=1), 7, database), folders


def ranked_points(folder: Path) -> list[tuple[str, str]]:
    """Point and macro-F1 of each row of trials.csv."""
    with (folder / "trials.csv").open(encoding="utf-8", newline="") as file:
        return [(row["point"], row["macro_f1"]) for row in csv.DictReader(file)]


def running_worker(trial: FrozenTrial) -> str | None:
    """Who runs a trial; None when nobody does."""
    return trial.user_attrs.get(WORKER) if trial.state == TrialState.RUNNING else None


def test_processes_that_open_a_new_database_at_once_all_can(database: str) -> None:
    """Of processes that find an empty database at the same moment, each ends with an open storage."""
    assert opened_by_processes(database, 6) == ["opened"] * 6


@pytest.mark.parametrize("adds", [False, True])
def test_two_processes_never_run_the_same_point(database: str, adds: bool) -> None:
    """Processes that claim as fast as they can run each point once, also when both have added all points."""
    study, _ = open_points(database)
    if not adds:
        add_missing(study, MANY_POINTS)
    first, second = claimed_by_two_processes(database, adds=adds)
    assert sorted(first + second) == list(range(len(MANY_POINTS)))


def test_two_machines_share_a_grid(machines: tuple[Job, tuple[Path, Path]]) -> None:
    """Two searches on one storage train every point once between them, and both report all points."""
    job, folders = machines
    programs = [start_search(job, folder, n_workers=1, report=True) for folder in folders]
    for program in programs:
        wait_for_end(program)
    assert finished_points(job) == [0, 1, 2, 3]
    assert len(ranked_points(folders[0])) == 4
    assert ranked_points(folders[0]) == ranked_points(folders[1])


def test_the_points_of_a_lost_machine_are_trained_by_the_other(machines: tuple[Job, tuple[Path, Path]]) -> None:
    """When one of two machines is lost in the middle of a point, the other trains every point once to its end."""
    job, folders = machines

    lost, other = (start_search(job, folder, n_workers=1) for folder in folders)
    wait_for_trials(job, lambda trials: len({running_worker(trial) for trial in trials} - {None}) == 2)
    kill_all(lost)
    wait_for_end(other)
    assert finished_points(job) == [0, 1, 2, 3]
    # Both machines may add the same points when they start together; the second of a pair is never trained.
    trained = [trial for trial in trials_of(job) if SURPLUS not in trial.user_attrs]
    failed = [trial for trial in trained if trial.state == TrialState.FAIL]
    assert [ERROR in trial.user_attrs for trial in failed] == [False]


def test_a_search_outlasts_a_server_that_goes_away(own_server: Server, small_data: Dataset, tmp_path: Path) -> None:
    """When the server stops in the middle of a point and comes back, every point is trained once, and the user told."""
    phase = dataclasses.replace(PHASE, settings=dataclasses.replace(PHASE.settings, epochs=40, patience=40))
    job = Job("gru", phase, small_data, None, Computing(threads=1), 7, own_server.address)
    program = start_search(job, tmp_path, n_workers=1)
    wait_for_trials(job, lambda trials: any(trial.intermediate_values for trial in trials))
    own_server.stop()
    time.sleep(5)
    own_server.start()
    said, _ = program.communicate(timeout=PATIENCE_SECONDS)
    assert program.returncode == 0, said
    assert "does not answer" in said
    assert "answers again" in said
    assert finished_points(job) == [0, 1, 2, 3]
    assert len(trials_of(job)) == 4


def test_a_server_that_stays_away_is_told_without_the_password(own_server: Server) -> None:
    """After the stated time there is one message, which says what is kept and how to go on."""
    address = own_server.address.replace("emotion@", "emotion:secret@")
    study, opened = open_points(address)
    opened.patience_seconds = 0.01
    own_server.stop()
    message = r"has not answered for 5 minutes \(.*kept there.*--resume"
    with pytest.raises(RunError, match=message) as caught, telling_faults(address):
        study.get_trials()
    assert "secret" not in str(caught.value)
