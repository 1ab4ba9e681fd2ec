"""A disk that runs full, or that must not be written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emotion_core.runs.folder import verify_run
from shared_checks import check_one_message, in_a_folder_that_must_not_be_written, with_little_room

pytestmark = pytest.mark.acceptance


@pytest.mark.parametrize("largest", [1_000, 30_000])
def test_a_training_without_room_ends_with_one_message_and_leaves_the_old_run(
    gru_run: Path, tmp_path: Path, largest: int
) -> None:
    """Whatever file is the first that does not fit, there is no traceback, nothing half written, and the old run."""
    output = shutil.copytree(gru_run, tmp_path / "run")
    size = ("--epochs", 1, "--units", 4, "--batch-size", 128, "--force", "--quiet")
    told = with_little_room("emotion_rnn", largest, "train", "gru", "--data", "sample", "--output", output, *size)
    assert told.returncode == 2, told.stderr
    assert "could not be written" in told.stderr or "File too large" in told.stderr
    assert "Traceback" not in told.stderr
    assert verify_run(output) == []
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_prediction_without_room_leaves_the_old_file(gru_run: Path, tmp_path: Path) -> None:
    """The file that was to be replaced stays whole, and nothing lies beside it."""
    source, output = tmp_path / "texts.csv", tmp_path / "predicted.csv"
    source.write_text("text\n" + "what a day\n" * 10_000, encoding="utf-8")
    output.write_text("old", encoding="utf-8")
    told = with_little_room(
        "emotion_rnn", 500_000, "predict", gru_run, "--input", source, "--output", output, "--force", "--quiet"
    )
    assert told.returncode == 2, told.stderr
    assert f"{output}: cannot be written" in told.stderr
    assert output.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["predicted.csv", "texts.csv"]


def test_a_model_that_cannot_be_unpacked_is_not_called_damaged(gru_run: Path) -> None:
    """Keras unpacks a model into a temporary folder; where that is full, the message is of the disk."""
    told = with_little_room("emotion_rnn", 1_000, "predict", gru_run, "what a day")
    assert told.returncode == 2, told.stderr
    assert "File too large" in told.stderr
    assert "cannot be loaded" not in told.stderr


def test_a_folder_that_must_not_be_written_is_told_before_the_work(gru_run: Path, tmp_path: Path) -> None:
    """A training, a search and a prediction end with one message that names their output, and old files stay."""
    source, old = tmp_path / "texts.csv", tmp_path / "predicted.csv"
    source.write_text("text\nwhat a day\n", encoding="utf-8")
    old.write_text("old", encoding="utf-8")
    for command in (
        ("train", "gru", "--data", "sample", "--output", tmp_path / "run"),
        ("search", "gru", "--data", "sample", "--output", tmp_path / "search"),
        ("predict", gru_run, "--input", source, "--output", old, "--force"),
    ):
        told = in_a_folder_that_must_not_be_written(tmp_path, "emotion_rnn", *command, "--quiet")
        check_one_message(told)
        assert f"{tmp_path}" in told.stderr
        assert "Permission denied" in told.stderr
    assert old.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["predicted.csv", "texts.csv"]
