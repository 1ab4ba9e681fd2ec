"""Searches with real worker processes on tiny models: nothing is lost, nothing is trained twice, and the report."""

from __future__ import annotations

import csv
import dataclasses
import itertools
import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import optuna
import pytest
from click.testing import CliRunner, Result
from conftest import TINY
from optuna.trial import FrozenTrial, TrialState
from searches_for_tests import (
    PATIENCE_SECONDS,
    finished_points,
    kill_all,
    start_search,
    trials_of,
    wait_for_end,
    wait_for_states,
    wait_for_trials,
)

from emotion_core.data.dataset import Dataset, Split
from emotion_core.errors import RunError
from emotion_core.runs.folder import read_json, verify_run
from emotion_core.runs.typed_json import to_json
from emotion_rnn.architectures import PHASES
from emotion_rnn.cli.main import main
from emotion_rnn.network.options import Computing, VectorOptions
from emotion_rnn.plan import Phase, Point
from emotion_rnn.search.folder import embedded_storage
from emotion_rnn.search.job import Job, open_study
from emotion_rnn.search.points import (
    ERROR,
    POINT,
    RESULT,
    WORKER,
    PointResult,
    add_missing,
    claim,
    ended_points,
    release,
)
from emotion_rnn.search.progress import SearchProgress
from emotion_rnn.search.report import ranked
from emotion_rnn.search.run import run_search
from emotion_rnn.search.worker import PrunableProgress, run_point, suggest
from emotion_rnn.training.texts import prepare

pytestmark = pytest.mark.xdist_group("search")

GRID = {"units": (2, 8), "dropout": (0.1, 0.5)}
PHASE = Phase("grid", "Tiny", dataclasses.replace(TINY, epochs=1, batch_size=32, learning_rate=0.05), GRID)
LONG = dataclasses.replace(PHASE, settings=dataclasses.replace(TINY, epochs=400, patience=400), grid={"units": (2, 3)})


def job_in(folder: Path, data: Dataset, phase: Phase = PHASE) -> Job:
    """The search of a phase, with its storage in a folder."""
    folder.mkdir(exist_ok=True)
    return Job("gru", phase, data, None, Computing(threads=1), 7, embedded_storage(folder))


def worker_of_search() -> BaseProcess:
    """The one worker of the search that runs in this process, where a pool of joblib's may have processes, too."""
    (worker,) = (child for child in multiprocessing.active_children() if child.name.startswith("search-"))
    return worker


def result(macro_f1: float, **others: Any) -> dict[str, Any]:
    """What a trial keeps of a training that gave this."""
    told = {"accuracy": macro_f1, "val_loss": 1.0, "epochs": 1, "seconds": 1.0, "settings": {}}
    return to_json(PointResult(macro_f1, **(told | others)))


def read_table(folder: Path) -> list[dict[str, str]]:
    """The rows of trials.csv."""
    with (folder / "trials.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figures_by_point(job: Job) -> dict[int, dict[str, float]]:
    """What was measured at each point that has a result."""
    results = {trial.user_attrs[POINT]: trial.user_attrs[RESULT] for trial in completed(job).values()}
    return {point: {name: result[name] for name in ("macro_f1", "val_loss")} for point, result in results.items()}


def completed(job: Job) -> dict[int, FrozenTrial]:
    """The trials that ended with a result, by number."""
    return {trial.number: trial for trial in trials_of(job) if trial.state == TrialState.COMPLETE}


@pytest.fixture(scope="session")
def finished(small_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Job, Path]:
    """A search of four points with two workers that nothing disturbed, and its folder."""
    folder = tmp_path_factory.mktemp("searches") / "finished"
    job = job_in(folder, small_data)
    wait_for_end(start_search(job, folder, n_workers=2, report=True))
    return job, folder


@pytest.mark.acceptance
def test_two_workers_train_every_point_exactly_once(finished: tuple[Job, Path]) -> None:
    """After a search with two workers there is one trial with a result for each point, and no other."""
    job, _ = finished
    assert finished_points(job) == [0, 1, 2, 3]
    assert len(trials_of(job)) == 4


@pytest.mark.acceptance
def test_the_table_is_ranked_and_agrees_with_the_storage(finished: tuple[Job, Path]) -> None:
    """trials.csv has the best macro-F1 first, and the values and figures of each point as the storage holds them."""
    job, folder = finished
    rows = read_table(folder)
    scores = [float(row["macro_f1"]) for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4  # else the order would mean nothing
    assert [int(row["rank"]) for row in rows] == [1, 2, 3, 4]
    points = job.points()
    assert [{"units": int(row["units"]), "dropout": float(row["dropout"])} for row in rows] == [
        points[int(row["point"])] for row in rows
    ]
    measured = figures_by_point(job)
    assert {
        int(row["point"]): {name: float(row[name]) for name in ("macro_f1", "val_loss")} for row in rows
    } == measured


@pytest.mark.acceptance
def test_the_json_report_agrees_with_the_table(finished: tuple[Job, Path]) -> None:
    """search.json has the rows of trials.csv in the same order, the definition and the name of the search."""
    job, folder = finished
    report = read_json(folder, "search.json")
    as_text = [{name: "" if cell is None else str(cell) for name, cell in row.items()} for row in report["trials"]]
    assert as_text == read_table(folder)
    assert report["definition"] == json.loads(json.dumps(job.definition()))
    assert (report["study"], report["trials_run"]) == (job.study_name(), 4)


@pytest.mark.acceptance
def test_the_heat_map_is_a_picture(finished: tuple[Job, Path]) -> None:
    """heat_map.png is a PNG file."""
    assert (finished[1] / "heat_map.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.acceptance
def test_the_winner_is_a_run_folder_that_reproduces_its_trial(finished: tuple[Job, Path]) -> None:
    """best/ is a run of the first row's hyperparameters, and trained again it has that row's figures."""
    job, folder = finished
    best = read_json(folder, "search.json")["trials"][0]
    assert verify_run(folder / "best") == []
    point = {name: best[name] for name in GRID}
    record = read_json(folder / "best", "run.json")
    assert record["hyperparameters"] == dataclasses.asdict(PHASE.at(point))
    assert record["seed"] == job.seed
    metrics = read_json(folder / "best", "metrics.json")
    assert metrics["macro_f1"]["value"] == pytest.approx(best["macro_f1"], abs=1e-12)
    assert metrics["accuracy"]["value"] == pytest.approx(best["accuracy"], abs=1e-12)


@pytest.mark.acceptance
def test_a_finished_search_that_goes_on_trains_nothing(finished: tuple[Job, Path]) -> None:
    """A second run in the folder of a finished search adds no trial, and leaves the winner's run folder as it is."""
    job, folder = finished
    before, winner = trials_of(job), (folder / "best" / "run.json").stat().st_mtime_ns
    wait_for_end(start_search(job, folder, n_workers=1, report=True))
    assert trials_of(job) == before
    assert (folder / "best" / "run.json").stat().st_mtime_ns == winner


@pytest.mark.acceptance
def test_the_point_of_a_killed_worker_is_trained_by_another(small_data: Dataset, tmp_path: Path) -> None:
    """When a worker is killed in the middle of a point, the search goes on and trains every point once."""
    phase = dataclasses.replace(PHASE, grid={"units": (2, 3)})
    job = job_in(tmp_path / "search", small_data, phase)
    open_study(job, job.study_name())  # so that the storage can be watched from the beginning
    with ThreadPoolExecutor(1) as pool:
        search = pool.submit(run_search, job, 1, quiet=True)
        wait_for_states(job, TrialState.RUNNING)
        worker = worker_of_search()
        worker.kill()
        search.result()
    assert finished_points(job) == [0, 1]
    failed = [trial for trial in trials_of(job) if trial.state == TrialState.FAIL]
    assert [ERROR in trial.user_attrs for trial in failed] == [False]


@pytest.mark.acceptance
def test_a_worker_that_slept_too_long_goes_on_with_another_point(small_data: Dataset, tmp_path: Path) -> None:
    """A worker whose point was trained elsewhere while it was stopped drops its result, and takes the next point."""
    job = job_in(tmp_path / "search", small_data, dataclasses.replace(PHASE, grid={"units": (2, 3)}))
    study, storage = open_study(job, job.study_name())
    with ThreadPoolExecutor(1) as pool:
        search = pool.submit(run_search, job, 1, quiet=True)
        wait_for_trials(job, lambda trials: any(trial.params for trial in trials))
        worker = worker_of_search()
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGSTOP)
        try:
            slept = trials_of(job)[0].user_attrs[WORKER]
            release(study, storage, slept, job.points())
            second, first = (claim(study, storage, "other", job.points()) for _ in range(2))
            assert first is not None
            assert second is not None
            study.tell(first, 0.9)
            release(study, storage, "other", job.points())  # the second point is free again
        finally:
            os.kill(worker.pid, signal.SIGCONT)
        search.result()
    assert finished_points(job) == [0, 1]
    ended = {trial.user_attrs[POINT]: trial for trial in completed(job).values()}
    assert ended[0].value == 0.9
    assert ended[1].user_attrs[WORKER] == slept


@pytest.fixture(scope="session")
def interrupted(
    small_data: Dataset, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Job, dict[int, FrozenTrial], list[FrozenTrial]]:
    """The undisturbed search's points, killed with all processes in the middle and run again.

    Returns:
        The search, what had a result when it was killed, and what was running then.
    """
    folder = tmp_path_factory.mktemp("searches") / "interrupted"
    job = job_in(folder, small_data)
    program = start_search(job, folder, n_workers=1)
    wait_for_states(job, TrialState.COMPLETE, TrialState.RUNNING)
    kill_all(program)
    done = completed(job)
    running = [trial for trial in trials_of(job) if trial.state == TrialState.RUNNING]
    wait_for_end(start_search(job, folder, n_workers=1))
    return job, done, running


@pytest.mark.acceptance
def test_a_search_that_was_killed_goes_on(
    interrupted: tuple[Job, dict[int, FrozenTrial], list[FrozenTrial]],
) -> None:
    """Killed with all its workers and run again, a search keeps the results it had and trains the others once."""
    job, done, running = interrupted
    assert done
    assert len(done) < 4
    assert running
    assert finished_points(job) == [0, 1, 2, 3]
    assert {number: completed(job)[number] for number in done} == done
    lost = {trial.number for trial in running}
    assert {trial.state for trial in trials_of(job) if trial.number in lost} == {TrialState.FAIL}


@pytest.mark.acceptance
def test_the_same_search_has_the_same_figures(
    finished: tuple[Job, Path], interrupted: tuple[Job, dict[int, FrozenTrial], list[FrozenTrial]]
) -> None:
    """Two searches of one definition measure the same at each point, whoever trains it and in which order."""
    assert interrupted[0].study_name() == finished[0].study_name()
    assert figures_by_point(interrupted[0]) == figures_by_point(finished[0])


@pytest.mark.acceptance
def test_workers_leave_when_their_search_is_killed(small_data: Dataset, tmp_path: Path) -> None:
    """A worker whose parent was killed ends in the middle of its point, and puts the point back."""
    job = job_in(tmp_path / "search", small_data, LONG)
    program = start_search(job, tmp_path / "search", n_workers=1)
    wait_for_trials(job, lambda trials: any(WORKER in trial.user_attrs for trial in trials))
    os.kill(program.pid, signal.SIGKILL)
    program.communicate(timeout=PATIENCE_SECONDS)  # ends when the worker, which has the same output, has ended
    assert finished_points(job) == []
    assert TrialState.RUNNING not in {trial.state for trial in trials_of(job)}


def change_text(job: Job) -> Job:
    """The search with another training text."""
    train = job.dataset.splits["train"]
    train = Split(["another", *train.texts[1:]], train.labels)
    return dataclasses.replace(
        job, dataset=dataclasses.replace(job.dataset, splits=job.dataset.splits | {"train": train})
    )


CHANGES: dict[str, Callable[[Job], Job]] = {
    "architecture": lambda job: dataclasses.replace(job, architecture="lstm"),
    "settings": lambda job: dataclasses.replace(job, phase=dataclasses.replace(job.phase, settings=TINY)),
    "grid": lambda job: dataclasses.replace(job, phase=dataclasses.replace(job.phase, grid=GRID | {"units": (2, 4)})),
    "data": change_text,
    "vectors": lambda job: dataclasses.replace(job, vectors=None),
    "unknown words": lambda job: dataclasses.replace(job, vectors=VectorOptions(job.vectors.glove, "zeros")),
    "precision": lambda job: dataclasses.replace(job, computing=Computing(precision="mixed_bfloat16")),
    "seed": lambda job: dataclasses.replace(job, seed=8),
    "sampler": lambda job: dataclasses.replace(job, sampler="tpe"),
    "pruner": lambda job: dataclasses.replace(job, pruner="median"),
}


@pytest.fixture
def glove_job(small_data: Dataset, tmp_path: Path) -> Job:
    """A search on vectors from a file."""
    (tmp_path / "glove.txt").write_text("day 1 2 3\n", encoding="utf-8")
    job = job_in(tmp_path / "search", small_data)
    return dataclasses.replace(job, vectors=VectorOptions(tmp_path / "glove.txt"))


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_searches_whose_points_would_differ_have_different_names(change: Callable[[Job], Job], glove_job: Job) -> None:
    """Whatever changes the result of a point changes the name, so that the storage keeps the two searches apart."""
    assert change(glove_job).study_name() != glove_job.study_name()


def test_a_search_on_other_vectors_has_another_name(glove_job: Job, tmp_path: Path) -> None:
    """A GloVe file of the same name and other content makes another search."""
    name = glove_job.study_name()
    (tmp_path / "glove.txt").write_text("day 1 2 4\n", encoding="utf-8")
    assert glove_job.study_name() != name


def test_where_and_how_far_a_search_runs_is_not_in_its_name(glove_job: Job, tmp_path: Path) -> None:
    """Other machines, with another path of the storage and the vectors, other threads and fewer points, share it."""
    copied = shutil.copy(tmp_path / "glove.txt", tmp_path / "copied.txt")
    elsewhere = dataclasses.replace(
        glove_job,
        storage="sqlite:///elsewhere.db",
        vectors=VectorOptions(copied),
        computing=Computing(device="cpu", threads=2),
        max_trials=2,
    )
    assert elsewhere.study_name() == glove_job.study_name()


def points_of(job: Job, max_trials: int | None) -> dict[int, Point]:
    """The points of a search of the GRU's grid of 50."""
    return dataclasses.replace(job, phase=PHASES["grid"], max_trials=max_trials).points()


def test_part_of_the_grid_is_drawn_from_all_of_it(glove_job: Job) -> None:
    """Twenty of fifty points have every number of units, of which the first twenty had two."""
    drawn = points_of(glove_job, 20)
    assert len(drawn) == 20
    assert {point["units"] for point in drawn.values()} == set(PHASES["grid"].grid["units"])


def test_a_larger_part_of_the_grid_contains_a_smaller_one(glove_job: Job) -> None:
    """What a search has trained stays part of it when it goes on with more points."""
    parts = [points_of(glove_job, size).items() for size in (1, 7, 20, 49, 50, 60)]
    assert all(smaller <= larger for smaller, larger in itertools.pairwise(parts))


def test_the_seed_decides_which_part_of_the_grid_is_searched(glove_job: Job) -> None:
    """Each search of a seed has the same points, now and with later versions, and another seed has others."""
    assert list(points_of(glove_job, 5)) == [3, 22, 32, 40, 44]
    assert points_of(dataclasses.replace(glove_job, seed=8), 5) != points_of(glove_job, 5)


def test_a_point_has_the_number_of_its_place_in_the_whole_grid(glove_job: Job) -> None:
    """Storages keep that number, so a part of the grid names its points as the whole grid does."""
    whole = dict(enumerate(PHASES["grid"].points()))
    assert points_of(glove_job, None) == whole
    assert points_of(glove_job, 20).items() <= whole.items()


@pytest.mark.acceptance
def test_what_an_older_search_did_is_taken_where_it_is_among_the_drawn_points(
    small_data: Dataset, tmp_path: Path
) -> None:
    """A storage that holds the first points of the grid gets the missing drawn ones, and the others are left out."""
    phase = dataclasses.replace(PHASE, grid={"units": (2, 3, 4), "dropout": (0.1, 0.2)})
    job = dataclasses.replace(job_in(tmp_path / "search", small_data, phase), max_trials=3)
    study, storage = open_study(job, job.study_name())
    first = dict(enumerate(phase.points()[:3]))
    add_missing(study, first)
    while (trial := claim(study, storage, "worker", first)) is not None:
        suggest(job, trial)
        trial.set_user_attr(RESULT, result(0.9, settings=trial.params))
        study.tell(trial, 0.9)
    kept = first.keys() & job.points().keys()
    assert 0 < len(kept) < 3  # else the test would show nothing
    rows = ranked(run_search(job, 1, quiet=True), phase, job.points())
    assert {row.point: row.settings for row in rows} == job.points()
    assert {row.point for row in rows if row.macro_f1 == 0.9} == kept


def test_the_best_of_other_points_is_not_the_best_of_a_search(
    small_data: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The progress of a part of a grid tells the best of that part, not of what else the storage holds."""
    job = job_in(tmp_path / "search", small_data)
    study, storage = open_study(job, job.study_name())
    add_missing(study, job.points())
    with SearchProgress("Search", study, range(1, 2), quiet=False) as progress:
        for score in (0.9, 0.5):
            trial = claim(study, storage, "worker", job.points())
            assert trial is not None
            trial.set_user_attr(RESULT, result(score))
            study.tell(trial, score)
        progress.update()
    assert "best macro-F1 0.5000" in capsys.readouterr().err


def call(*arguments: object) -> Result:
    """Run the command line in this process."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def search_command(small_data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[object, ...]:
    """The arguments of a search on small data files, without GloVe, in which half of the grid has no units."""
    folder = tmp_path / "data"
    folder.mkdir()
    for name, split in small_data.splits.items():
        split.frame().to_csv(folder / f"{name}.csv", index=False)
    frozen = dataclasses.replace(PHASE.settings, freeze_embedding=True)
    monkeypatch.setitem(PHASES, "grid", dataclasses.replace(PHASE, settings=frozen, grid={"units": (0, 2)}))
    return ("search", "gru", "--data", folder, "--train-embedding", "--output", tmp_path / "search", "--quiet")


@pytest.mark.acceptance
def test_a_point_that_fails_is_kept_with_its_error_and_retried_on_request(
    search_command: tuple[object, ...], tmp_path: Path
) -> None:
    """A training that raises fails its point alone, with the error in the table; --retry-failed trains it again."""
    told = call(*search_command)
    assert told.exit_code == 1, told.output
    assert "1 points failed" in told.stderr
    assert "--retry-failed" in told.stderr
    good, bad = read_table(tmp_path / "search")
    assert (good["units"], good["state"], good["error"]) == ("2", "complete", "")
    assert (bad["units"], bad["state"], bad["macro_f1"]) == ("0", "fail", "")
    assert "ModelError" in bad["error"]
    assert "units" in bad["error"]
    retried = call(*search_command, "--retry-failed")
    assert retried.exit_code == 1, retried.output
    assert read_table(tmp_path / "search") == [good, bad]
    assert read_json(tmp_path / "search", "search.json")["trials_run"] == 3


@pytest.mark.acceptance
def test_a_search_without_glove_trains_the_word_vectors(search_command: tuple[object, ...], tmp_path: Path) -> None:
    """With --train-embedding a phase with frozen vectors runs without GloVe, and its winner was not frozen."""
    call(*search_command)
    assert read_json(tmp_path / "search" / "best", "run.json")["hyperparameters"]["freeze_embedding"] is False


def test_a_search_folder_is_refused_without_resume(search_command: tuple[object, ...], tmp_path: Path) -> None:
    """A folder that holds something is not searched in unless --resume says so, and stays as it is."""
    (tmp_path / "search").mkdir()
    (tmp_path / "search" / "notes.txt").write_text("mine", encoding="utf-8")
    refused = call(*search_command)
    assert refused.exit_code == 2
    assert "--resume" in refused.stderr
    assert [file.name for file in (tmp_path / "search").iterdir()] == ["notes.txt"]


@pytest.mark.acceptance
def test_a_folder_that_holds_another_search_is_refused(search_command: tuple[object, ...], tmp_path: Path) -> None:
    """Going on with another seed names what differs, and leaves the results as they are."""
    call(*search_command)
    before = {path: path.read_bytes() for path in (tmp_path / "search").rglob("*") if path.is_file()}
    refused = call(*search_command, "--resume", "--seed", "43")
    assert refused.exit_code == 2
    assert "holds another search (seed: found 42, wanted 43)" in refused.stderr
    assert {path: path.read_bytes() for path in (tmp_path / "search").rglob("*") if path.is_file()} == before


@pytest.mark.acceptance
def test_workers_that_cannot_begin_end_the_search_with_their_message(small_data: Dataset, tmp_path: Path) -> None:
    """What is wrong with the vectors, which the workers read, is the one error of the search, and none stays."""
    glove = tmp_path / "glove.txt"
    glove.write_text("no numbers here\n", encoding="utf-8")
    job = dataclasses.replace(job_in(tmp_path / "search", small_data), vectors=VectorOptions(glove))
    with pytest.raises(RunError, match=r"glove\.txt"):
        run_search(job, 1, quiet=True)
    assert not any(child.name.startswith("search-") for child in multiprocessing.active_children())


@pytest.mark.acceptance
def test_tpe_chooses_points_within_the_bounds_of_the_grid(small_data: Dataset, tmp_path: Path) -> None:
    """TPE trains as many points as asked for, each between the lowest and highest values of the grid."""
    phase = dataclasses.replace(PHASE, grid={"units": (2, 6), "dropout": (0.1, 0.2, 0.5)})
    job = dataclasses.replace(job_in(tmp_path / "search", small_data, phase), sampler="tpe", max_trials=2)
    rows = ranked(run_search(job, 1, quiet=True), phase, range(2))
    assert [row.state for row in rows] == ["complete"] * 2
    assert all(isinstance(row.settings["units"], int) and 2 <= row.settings["units"] <= 6 for row in rows)
    assert all(0.1 <= row.settings["dropout"] <= 0.5 for row in rows)
    assert len({row.settings["dropout"] for row in rows} - set(phase.grid["dropout"])) == 2


@pytest.mark.acceptance
def test_tpe_that_goes_on_chooses_other_points(small_data: Dataset, tmp_path: Path) -> None:
    """A search by TPE that goes on for more points does not draw those again with which it began."""
    phase = dataclasses.replace(PHASE, grid={"units": (2, 3), "dropout": (0.1, 0.2, 0.5)})
    job = dataclasses.replace(job_in(tmp_path / "search", small_data, phase), sampler="tpe", max_trials=2)
    run_search(job, 1, quiet=True)
    rows = ranked(run_search(dataclasses.replace(job, max_trials=4), 1, quiet=True), phase, range(4))
    assert len({row.settings["dropout"] for row in rows}) == 4


def test_all_figures_of_a_point_are_of_the_epoch_that_is_kept(
    small_data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen epoch with a lower validation loss than any after the thaw is not kept, and its loss is not told."""
    thawed = {"learning_rate": 1e-4, "fine_tune_learning_rate": 5.0}  # which makes the loss far larger
    settings = dataclasses.replace(TINY, epochs=3, frozen_epochs=2, **thawed)
    job = job_in(tmp_path, small_data, Phase("grid", "Thaw", settings, {"units": (2,)}))
    losses: list[float] = []
    end_epoch = PrunableProgress.end_epoch

    def note(self: PrunableProgress, epoch: int, metrics: dict[str, float]) -> None:
        losses.append(metrics["val_loss"])
        end_epoch(self, epoch, metrics)

    monkeypatch.setattr(PrunableProgress, "end_epoch", note)
    study, storage = open_study(job, job.study_name())
    add_missing(study, job.points())
    trial = claim(study, storage, "worker", job.points())
    assert trial is not None
    run_point(job, prepare(job.dataset, settings, None, job.seed, quiet=True), study, trial)
    told = PointResult.of(study.get_trials()[0])
    assert told is not None
    assert losses[2] > min(losses) + 1
    assert told.val_loss == pytest.approx(losses[2], rel=1e-4)


def test_a_point_that_got_nothing_right_ranks_before_one_without_a_result(small_data: Dataset, tmp_path: Path) -> None:
    """A macro-F1 of 0 is a result: its point stands before one that failed, though that has the lower number."""
    job = job_in(tmp_path / "search", small_data, dataclasses.replace(PHASE, grid={"units": (2, 3)}))
    study, storage = open_study(job, job.study_name())
    add_missing(study, job.points())
    failed, zero = (claim(study, storage, "worker", job.points()) for _ in range(2))
    assert failed is not None
    assert zero is not None
    failed.set_user_attr(ERROR, "ValueError: units")
    study.tell(failed, state=TrialState.FAIL)
    zero.set_user_attr(RESULT, result(0.0))
    study.tell(zero, 0.0)
    assert [row.point for row in ranked(study, job.phase, range(2))] == [1, 0]


@pytest.fixture
def hopeless(small_data: Dataset, tmp_path: Path) -> tuple[Job, optuna.Study, optuna.Trial]:
    """A search with the median pruner, and a claimed point of it that cannot be as good as the five before."""
    phase = dataclasses.replace(PHASE, grid={"units": (2, 3, 4, 5, 6, 7)})
    job = dataclasses.replace(job_in(tmp_path / "search", small_data, phase), pruner="median")
    study, storage = open_study(job, job.study_name())
    add_missing(study, job.points())
    for _ in range(5):
        better = claim(study, storage, "worker", job.points())
        assert better is not None
        better.report(1.0, 1)
        study.tell(better, 1.0)
    trial = claim(study, storage, "worker", job.points())
    assert trial is not None
    return job, study, trial


def test_a_hopeless_point_is_stopped_and_done(
    hopeless: tuple[Job, optuna.Study, optuna.Trial], small_data: Dataset
) -> None:
    """A training that the pruner ends leaves its point done, without a figure, and without an error."""
    job, study, trial = hopeless
    run_point(job, prepare(small_data, job.phase.settings, None, job.seed, quiet=True), study, trial)
    assert set(ended_points(study, range(6))) == set(range(6))
    row = ranked(study, job.phase, range(6))[-1]
    assert (row.settings["units"], row.state, row.macro_f1, row.error) == (7, "pruned", None, None)


def test_the_pruner_is_told_of_the_validation_accuracy_of_each_epoch(
    hopeless: tuple[Job, optuna.Study, optuna.Trial],
) -> None:
    """A training that is as good as those before goes on, and its validation accuracy is in the storage."""
    _, study, trial = hopeless
    progress = PrunableProgress(2, trial)
    progress.start_epoch(1, None)
    progress.end_epoch(1, {"loss": 1.0, "val_accuracy": 1.0})
    assert study.get_trials()[trial.number].intermediate_values == {1: 1.0}


def test_each_point_that_ends_is_told_once(
    small_data: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was done before is told at the beginning, then each point with its figures or its error, and not again."""
    job = job_in(tmp_path / "search", small_data)
    study, storage = open_study(job, job.study_name())
    add_missing(study, job.points())
    first, second, third = (claim(study, storage, "worker", job.points()) for _ in range(3))
    for trial in (first, second, third):
        assert trial is not None
        suggest(job, trial)
    study.tell(first, state=TrialState.PRUNED)
    with SearchProgress("Search", study, range(4), quiet=False) as progress:
        second.set_user_attr(RESULT, result(0.5, accuracy=0.25, epochs=3, seconds=12.3))
        study.tell(second, 0.5)
        third.set_user_attr(ERROR, "ValueError: units")
        study.tell(third, state=TrialState.FAIL)
        for _ in range(2):
            progress.update()
    before, good, bad = capsys.readouterr().err.splitlines()
    assert before == "Search: 1 of 4 points are done already."
    scores = "macro-F1 0.5000, accuracy 0.2500  3 epochs, 12 s"
    assert good.startswith(f"2/4  units 2, dropout 0.5  {scores}  best macro-F1 0.5000  0:0")
    assert bad.startswith("3/4  units 8, dropout 0.1  ValueError: units  best macro-F1 0.5000  0:0")
    assert good.endswith(" left")
