"""Several seeds: one run each, nothing trained twice, and their mean and spread."""

import json
import os
import shutil
import signal
import sys
import time
from dataclasses import replace
from functools import partial

import click
import numpy as np
import pytest
from conftest import WordClassifier

from emotion_core import DataError, RunError, load_dataset
from emotion_core.data.dataset import Dataset, Split
from emotion_core.evaluation.evaluate import evaluate, measure_predictions
from emotion_core.runs.folder import METRICS_FILE, read_json, verify_run
from emotion_core.runs.metrics import Score
from emotion_core.runs.typed_json import to_json
from emotion_core.runs.writer import RunWriter
from emotion_core.training.progress import TrainingProgress
from emotion_core.training.seeds import (
    SUMMARY_FILE,
    SeedRuns,
    seed_folder,
    summarize_scores,
    summarize_seeds,
    train_seeds,
)
from terminal import on_terminal

ROWS = 120
PATIENCE_SECONDS = 300
DEFINITION = {"settings": {"rows": ROWS}}


def train_words(output, seed, *, rows=ROWS, force=False):
    """Train a small real classifier on as many texts as said, which the seed chooses, into a run folder."""
    sample = load_dataset("sample")
    texts = sample.split("train").frame().sample(rows, random_state=seed)
    with RunWriter(output, "train", force=force) as run:
        run.record = replace(
            run.record,
            package="emotion-words",
            model="words",
            seed=seed,
            hyperparameters={"rows": rows},
            definition={"settings": {"rows": rows}, "seed": seed},
        )
        metrics, *_ = evaluate(WordClassifier.fit(texts["text"], texts["label"]), sample, "validation", speed=False)
        run.write_json(METRICS_FILE, to_json(metrics))
    return metrics


def train_or_die(mark, output, seed):
    """Train as `train_words`, but let the process of seed 2 be killed the first time, as when memory runs out."""
    if seed == 2 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return train_words(output, seed)


def fail_or_train(marks, output, seed):
    """Note the start; seed 1 fails as soon as seed 2 has begun, and seed 2 ends only when that was told."""
    (marks / f"began-{seed}").touch()
    if seed == 1:
        wait_for(marks / "began-2")
        raise DataError("seed 1 cannot be trained")
    wait_for(marks / "told")
    return train_words(output, seed)


SUMMARIZED = ("accuracy", "macro_f1", "weighted_f1", "log_loss")


def wait_for(mark):
    """Return when a file is there."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not mark.exists():
        assert time.monotonic() < end
        time.sleep(0.01)


def scores(value):
    """The metrics of a run whose figures are all the same."""
    labels = np.arange(6)
    dataset = Dataset("sample", {"validation": Split(["a"] * 6, labels)})
    measured = measure_predictions(dataset, "validation", np.eye(6), 1.0)
    score = Score(value, value, value)
    return replace(measured, **dict.fromkeys(SUMMARIZED, score))


def run_files(output):
    """When each file of the run folders was last changed."""
    return {file: file.stat().st_mtime_ns for file in output.glob("seed-*/**/*")}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder and the summary of seeds 1 and 2, trained one after the other."""
    output = tmp_path_factory.mktemp("seeds") / "words"
    return output, train_seeds(train_words, output, (1, 2), definition=DEFINITION, how=SeedRuns(quiet=True))


def test_each_seed_is_trained_into_a_run_folder_of_its_own(trained):
    """seed-1 and seed-2 are complete runs of their seeds, with other texts and so other figures."""
    output, summary = trained
    for seed in (1, 2):
        assert verify_run(seed_folder(output, seed)) == []
        assert read_json(output / f"seed-{seed}", "run.json")["seed"] == seed
    assert summary.log_loss.values["1"] != summary.log_loss.values["2"]


def test_the_summary_holds_the_figures_of_the_runs_and_is_written(trained):
    """The values of each seed are those of its metrics.json, and seeds.json is what was returned."""
    output, summary = trained
    for name in SUMMARIZED:
        recorded = {str(seed): read_json(output / f"seed-{seed}", METRICS_FILE)[name]["value"] for seed in (1, 2)}
        assert getattr(summary, name).values == recorded
    assert summary.seeds == [1, 2]
    assert summary.data.split == "validation"
    assert read_json(output, SUMMARY_FILE) == to_json(summary)


def test_mean_deviation_and_range_are_those_of_the_values():
    """The standard deviation is that of a sample (n - 1), and the range is from the lowest to the highest value."""
    summary = summarize_scores({seed: scores(value) for seed, value in ((4, 0.5), (5, 0.8), (6, 0.6))})
    for name in SUMMARIZED:
        assert getattr(summary, name).mean == pytest.approx(1.9 / 3)
        assert getattr(summary, name).sd == pytest.approx((0.14 / 3 / 2) ** 0.5)
        assert (getattr(summary, name).low, getattr(summary, name).high) == (0.5, 0.8)


def test_one_seed_has_no_deviation():
    """A single value has a mean and no standard deviation, in the summary and in its line."""
    summary = summarize_scores({4: scores(0.5)})
    assert (summary.accuracy.mean, summary.accuracy.sd) == (0.5, None)
    assert "±" not in str(summary)


def test_the_line_tells_mean_deviation_and_range():
    """Seeds and split, then accuracy and macro-F1 with what they vary by."""
    summary = summarize_scores({1: scores(0.5), 2: scores(0.6)})
    assert str(summary) == (
        "2 seeds, validation: accuracy 0.5500 ± 0.0707 (0.5000 to 0.6000), macro-F1 0.5500 ± 0.0707 (0.5000 to 0.6000)"
    )


def test_complete_runs_are_taken_as_they_are(trained, tmp_path, capsys):
    """A further seed is trained, and the runs that are there are said to be so, not touched, and in the summary."""
    folder, first = trained
    output = shutil.copytree(folder, tmp_path / "words")
    before = run_files(output)
    summary = train_seeds(train_words, output, (1, 2, 3), definition=DEFINITION)
    told = capsys.readouterr().err.splitlines()
    assert told == [*(f"{output / f'seed-{seed}'}: complete already" for seed in (1, 2)), "Seed 3 (1 of 1)"]
    after = run_files(output)
    assert {file: after[file] for file in before} == before
    assert summary.seeds == [1, 2, 3]
    assert {seed: summary.log_loss.values[seed] for seed in ("1", "2")} == first.log_loss.values


def test_a_run_of_other_settings_is_refused_before_anything_is_trained(tmp_path):
    """The setting is named with what was found and wanted, the run stays, and no other seed is trained."""
    train_words(seed_folder(tmp_path, 2), 2, rows=60)
    before = run_files(tmp_path)
    with pytest.raises(RunError, match=r"seed-2: .*settings\.rows: found 60, wanted 120.*--force"):
        train_seeds(train_words, tmp_path, (1, 2), definition=DEFINITION, how=SeedRuns(quiet=True))
    assert run_files(tmp_path) == before


def test_a_run_of_other_settings_is_trained_anew_where_it_may_be_replaced(tmp_path):
    """What fits is kept, and the mean is over runs of the settings that are asked for alone."""
    train_words(seed_folder(tmp_path, 1), 1)
    train_words(seed_folder(tmp_path, 2), 2, rows=60)
    before = run_files(seed_folder(tmp_path, 1))
    train_one = partial(train_words, force=True)
    train_seeds(train_one, tmp_path, (1, 2), definition=DEFINITION, how=SeedRuns(replace=True, quiet=True))
    assert read_json(tmp_path / "seed-2", "run.json")["hyperparameters"] == {"rows": ROWS}
    assert run_files(seed_folder(tmp_path, 1)) == before


def test_nothing_is_kept_unless_asked(tmp_path):
    """Without keep a complete run is trained anew, too."""
    train_words(seed_folder(tmp_path, 1), 1)
    before = read_json(tmp_path / "seed-1", "run.json")["wall_time_s"], (tmp_path / "seed-1").stat().st_ino
    train_seeds(
        partial(train_words, force=True), tmp_path, (1,), definition=DEFINITION, how=SeedRuns(keep=False, quiet=True)
    )
    assert (read_json(tmp_path / "seed-1", "run.json")["wall_time_s"], (tmp_path / "seed-1").stat().st_ino) != before


def test_a_missing_run_is_told(trained):
    """A seed that was not trained is named with its folder."""
    with pytest.raises(RunError, match=r"seed-9: is not a complete run"):
        summarize_seeds(trained[0], (1, 9))


def test_several_workers_give_the_same_as_one(trained, tmp_path):
    """Two processes side by side write the same metrics as one after the other."""
    output, _ = trained
    summary = train_seeds(
        train_words, tmp_path / "words", (1, 2), definition=DEFINITION, how=SeedRuns(workers=2, quiet=True)
    )
    for seed in (1, 2):
        assert verify_run(tmp_path / "words" / f"seed-{seed}") == []
        metrics = read_json(tmp_path / "words" / f"seed-{seed}", METRICS_FILE)
        assert metrics == read_json(output / f"seed-{seed}", METRICS_FILE)
    assert summary == summarize_seeds(output, (1, 2))


@pytest.mark.acceptance
def test_a_killed_training_is_told_and_the_command_goes_on(tmp_path):
    """When a process is killed the message says so; run again, only what is missing is trained."""
    output = tmp_path / "words"
    train_one = partial(train_or_die, tmp_path / "mark")
    train_one(seed_folder(output, 1), 1)
    before = run_files(output)
    with pytest.raises(RunError, match=r"a training process was killed.*run the command again"):
        train_seeds(train_one, output, (1, 2, 3), definition=DEFINITION, how=SeedRuns(workers=2, quiet=True))
    assert not (output / "seed-2").exists()
    summary = train_seeds(train_one, output, (1, 2, 3), definition=DEFINITION, how=SeedRuns(workers=2, quiet=True))
    assert json.loads((output / SUMMARY_FILE).read_text(encoding="utf-8")) == to_json(summary)
    assert {file: time for file, time in run_files(output).items() if file in before} == before


def train_and_show(output, seed):
    """Train as `train_words`, and show an epoch as the model packages do; something is printed, too."""
    display = TrainingProgress(1, quiet=False)
    display.start_epoch(1, 2)
    display.end_epoch(1, {"loss": 1.5, "val_loss": 1.25, "val_accuracy": 0.5})
    display.stop()
    click.echo(f"a result of {seed}")
    sys.stderr.write("ends without a new line")
    return train_words(output, seed)


@pytest.mark.acceptance
@pytest.mark.parametrize("columns", [80, 40])
def test_lines_of_seeds_side_by_side_begin_with_the_seed(tmp_path, columns, capfd):
    """Each stands in a line of its own above the bar, fitted to the terminal; results go to standard output."""
    with on_terminal(columns) as terminal:
        train_seeds(train_and_show, tmp_path / "words", (1, 2, 3), definition=DEFINITION, how=SeedRuns(workers=2))
    shown = "Epoch 1/1  loss 1.5000  val_loss 1.2500  val_accuracy 0.5000  0.0 s"
    shown = shown if columns == 80 else "Epoch 1/1 loss 1.5000"
    lines = [f"Seed {seed}  {shown}" for seed in (1, 2, 3)]
    lines += [f"Seed {seed}  ends without a new line" for seed in (1, 2, 3)]
    assert sorted(terminal.lines()) == sorted(lines)
    assert [line for line in terminal.seen if line.startswith("Seeds") and line.split()[-1].endswith("/3")]
    assert sorted(capfd.readouterr().out.splitlines()) == [f"a result of {seed}" for seed in (1, 2, 3)]


@pytest.mark.acceptance
def test_the_first_failure_is_told_at_once_and_nothing_further_is_started(tmp_path, monkeypatch):
    """While one seed still trains the other's error is told; that one's run is kept, and queued seeds never begin."""
    told = []

    def note(message, **_):
        told.append(message)
        (tmp_path / "told").touch()

    monkeypatch.setattr(click, "echo", note)
    train_one = partial(fail_or_train, tmp_path)
    with pytest.raises(DataError, match="seed 1 cannot be trained"):
        train_seeds(
            train_one, tmp_path / "words", (1, 2, 3, 4), definition=DEFINITION, how=SeedRuns(workers=2, quiet=True)
        )
    assert [message for message in told if "seed-1: failed (seed 1 cannot be trained)" in message]
    assert verify_run(tmp_path / "words" / "seed-2") == []
    assert sorted(path.name for path in tmp_path.glob("began-*")) == ["began-1", "began-2"]
