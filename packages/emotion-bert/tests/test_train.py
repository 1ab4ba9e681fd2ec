"""Fine-tuning: what the run holds, which epoch is kept, and that seeds repeat."""

from __future__ import annotations

import csv
import dataclasses
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TINY

import emotion_bert
from emotion_bert.finetuning.train import train
from emotion_bert.machine.computing import TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint
from emotion_core.data.dataset import Dataset, Split
from emotion_core.errors import ModelError
from emotion_core.runs.folder import read_json, verify_run


def test_the_run_folder_is_complete_and_unaltered(run: Path) -> None:
    """A run holds everything that a run must and no checkpoint, and its files have the hashes it records."""
    files = {"run.json", "metrics.json", "history.csv", "predictions.csv", "training_texts.npy", "README.md"}
    assert {file.name for file in run.iterdir()} == {*files, "figures", "model"}
    assert (run / "model" / "model.safetensors").is_file()
    assert verify_run(run) == []
    record = read_json(run, "run.json")
    assert (record["package"], record["model"], record["seed"]) == ("emotion-bert", "cardiffroberta", 1)
    assert record["checkpoint"]["source"] == "cardiffnlp/twitter-roberta-base"
    assert record["text_cleaning"] == "social_media"
    assert record["hyperparameters"] == dataclasses.asdict(TINY)


def test_the_epoch_with_the_highest_macro_f1_is_kept(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """The macro-F1 of the saved model is the highest of the history, though the last epoch was worse."""
    settings = dataclasses.replace(TINY, epochs=6, learning_rate=0.02)
    metrics = train(
        checkpoints["modernbert"],
        settings,
        small_data,
        tmp_path / "run",
        seed=2,
        options=TrainingOptions(quiet=True, extras=False),
    )
    with (tmp_path / "run" / "history.csv").open(encoding="utf-8", newline="") as file:
        history = list(csv.DictReader(file))
    scores = [float(row["val_macro_f1"]) for row in history]
    assert [row["epoch"] for row in history] == ["1", "2", "3", "4", "5", "6"]
    assert scores[-1] < max(scores)
    assert metrics.macro_f1.value == pytest.approx(max(scores), abs=1e-6)


def test_one_seed_gives_one_result(checkpoint: Checkpoint, small_data: Dataset, tmp_path: Path) -> None:
    """Two fine-tunings with one seed predict the same, one with another seed does not."""
    tables = []
    for number, seed in enumerate((5, 5, 6)):
        output = tmp_path / str(number)
        train(
            checkpoint,
            dataclasses.replace(TINY, epochs=1),
            small_data,
            output,
            seed=seed,
            options=TrainingOptions(quiet=True, extras=False),
        )
        tables.append((output / "predictions.csv").read_bytes())
    assert tables[0] == tables[1]
    assert tables[0] != tables[2]


def test_a_fine_tuning_that_fails_leaves_nothing_behind(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """After an error neither the run folder nor a part of it is there."""
    too_long = dataclasses.replace(TINY, max_length=129)
    with pytest.raises(ModelError):
        train(
            checkpoints["bertweet"],
            too_long,
            small_data,
            tmp_path / "run",
            seed=1,
            options=TrainingOptions(quiet=True, extras=False),
        )
    assert list(tmp_path.iterdir()) == []


def test_a_loss_that_is_no_number_stops_the_training(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """A learning rate that throws the weights to infinity ends with the epoch and a hint, and leaves nothing behind."""
    settings = dataclasses.replace(TINY, batch_size=2, learning_rate=10, weight_decay=10, warmup_ratio=0.0)
    with pytest.raises(ModelError, match=r"loss is (nan|inf) in epoch 1. Use a lower --learning-rate"):
        train(
            checkpoints["cardiffroberta"],
            settings,
            small_data,
            tmp_path / "run",
            1,
            options=TrainingOptions(quiet=True, extras=False),
        )
    assert list(tmp_path.iterdir()) == []


def test_a_loss_that_is_no_number_later_leaves_the_best_epoch_before(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the second epoch throws the weights to infinity, the run has the first, and its user is told."""
    settings = dataclasses.replace(TINY, batch_size=2, learning_rate=1, weight_decay=10, warmup_ratio=0.99)
    train(
        checkpoints["cardiffroberta"],
        settings,
        small_data,
        tmp_path / "run",
        1,
        options=TrainingOptions(quiet=True, extras=False),
    )
    told = r"The loss is (nan|inf) in epoch 2. Use a lower --learning-rate."
    assert re.fullmatch(told, read_json(tmp_path / "run", "run.json")["diverged"])
    assert re.fullmatch(
        rf"{told} The training ends here, and the best epoch before is kept.\n", capsys.readouterr().err
    )
    probabilities = emotion_bert.load(tmp_path / "run").predict_proba(["what a day"])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize(("selection", "best"), [("accuracy", max), ("loss", min)])
def test_the_epoch_is_chosen_by_what_was_asked_for(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path, selection: str, best: Any
) -> None:
    """The saved model has the accuracy of the epoch that is best by the chosen figure, and the run says by what."""
    settings = dataclasses.replace(TINY, epochs=4, learning_rate=0.02, select_by=selection, patience=4)
    metrics = train(
        checkpoints["modernbert"],
        settings,
        small_data,
        tmp_path / "run",
        2,
        options=TrainingOptions(quiet=True, extras=False),
    )
    with (tmp_path / "run" / "history.csv").open(encoding="utf-8", newline="") as file:
        history = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
    chosen = best(history, key=lambda entry: entry[f"val_{selection}"])
    assert metrics.accuracy.value == pytest.approx(chosen["val_accuracy"], abs=1e-6)
    record = read_json(tmp_path / "run", "run.json")
    assert selection in record["selected_by"]
    assert record["kept_epoch"] == chosen["epoch"]


def test_training_stops_when_patience_is_at_an_end(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """With a patience of one, the first epoch without an improvement is the last."""
    settings = dataclasses.replace(TINY, epochs=20, learning_rate=0.02, patience=1)
    train(
        checkpoints["modernbert"],
        settings,
        small_data,
        tmp_path / "run",
        2,
        options=TrainingOptions(quiet=True, extras=False),
    )
    with (tmp_path / "run" / "history.csv").open(encoding="utf-8", newline="") as file:
        scores = [float(row["val_macro_f1"]) for row in csv.DictReader(file)]
    assert len(scores) < 20
    assert scores[-1] <= max(scores[:-1])
    assert all(later > earlier for earlier, later in pairwise(scores[:-1]))


def test_tensorboard_logs_are_part_of_the_run(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """With --report-to tensorboard the run holds event files with the loss of single steps, and is whole."""
    pytest.importorskip("tensorboard", reason="tensorboard is not installed (emotion-bert[tensorboard])")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    settings = dataclasses.replace(TINY, batch_size=2)
    train(
        checkpoints["bertweet"],
        settings,
        small_data,
        tmp_path / "run",
        1,
        options=TrainingOptions(quiet=True, extras=False, report_to="tensorboard"),
    )
    events = EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("train/loss")] == [10, 20, 30, 40, 50, 60]
    assert len(events.Scalars("eval/macro_f1")) == 2
    assert verify_run(tmp_path / "run") == []


@pytest.mark.parametrize("rows", [1, 3], ids=["one row", "one emotion"])
def test_data_of_one_emotion_are_trained_and_measured(
    checkpoints: dict[str, Checkpoint], tmp_path: Path, rows: int
) -> None:
    """Five emotions that are absent from both splits are named, and nothing is divided by their number of texts."""
    frame = Split(["so glad", "lovely", "what a day"][:rows], [1] * rows)
    dataset = Dataset("mine", {"train": frame, "validation": frame}, {"train": "a.csv", "validation": "b.csv"})
    settings = dataclasses.replace(TINY, class_weights="balanced")
    metrics = train(
        checkpoints["cardiffroberta"], settings, dataset, tmp_path / "run", seed=1, options=TrainingOptions(quiet=True)
    )
    assert metrics.absent_classes == ["sadness", "love", "anger", "fear", "surprise"]
    assert np.isfinite(metrics.log_loss.value)
    assert verify_run(tmp_path / "run") == []
