"""Fine-tuning: what the run holds, which epoch is kept, and that seeds repeat."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import pytest
from conftest import TINY

from emotion_bert.checkpoints import Checkpoint
from emotion_bert.train import train
from emotion_core.dataset import Dataset
from emotion_core.errors import ModelError
from emotion_core.run_folder import read_run, verify_run


def test_the_run_folder_is_complete_and_unaltered(run: Path) -> None:
    """A run holds everything that a run must and no checkpoint, and its files have the hashes it records."""
    expected = {"run.json", "metrics.json", "history.csv", "predictions.csv", "figures", "model", "README.md"}
    assert {file.name for file in run.iterdir()} == expected
    assert (run / "model" / "model.safetensors").is_file()
    assert verify_run(run) == []
    record = read_run(run)
    assert (record["package"], record["model"], record["seed"]) == ("emotion-bert", "cardiffroberta", 1)
    assert record["checkpoint"]["source"] == "cardiffnlp/twitter-roberta-base"
    assert record["text_cleaning"] == "social_media"
    assert record["hyperparameters"] == dataclasses.asdict(TINY)


def test_the_epoch_with_the_highest_macro_f1_is_kept(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """The macro-F1 of the saved model is the highest of the history, though the last epoch was worse."""
    settings = dataclasses.replace(TINY, epochs=6, learning_rate=0.02)
    metrics = train(checkpoints["modernbert"], settings, small_data, tmp_path / "run", seed=2, quiet=True)
    with (tmp_path / "run" / "history.csv").open(encoding="utf-8", newline="") as file:
        history = list(csv.DictReader(file))
    scores = [float(row["val_macro_f1"]) for row in history]
    assert [row["epoch"] for row in history] == ["1", "2", "3", "4", "5", "6"]
    assert scores[-1] < max(scores)
    assert metrics["macro_f1"]["value"] == pytest.approx(max(scores), abs=1e-6)


def test_one_seed_gives_one_result(checkpoint: Checkpoint, small_data: Dataset, tmp_path: Path) -> None:
    """Two fine-tunings with one seed predict the same, one with another seed does not."""
    tables = []
    for number, seed in enumerate((5, 5, 6)):
        output = tmp_path / str(number)
        train(checkpoint, dataclasses.replace(TINY, epochs=1), small_data, output, seed=seed, quiet=True)
        tables.append((output / "predictions.csv").read_bytes())
    assert tables[0] == tables[1]
    assert tables[0] != tables[2]


def test_a_fine_tuning_that_fails_leaves_nothing_behind(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """After an error neither the run folder nor a part of it is there."""
    too_long = dataclasses.replace(TINY, max_length=129)
    with pytest.raises(ModelError):
        train(checkpoints["bertweet"], too_long, small_data, tmp_path / "run", seed=1, quiet=True)
    assert list(tmp_path.iterdir()) == []
