"""A disk that runs full, or that must not be written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from emotion_bert.models.checkpoints import Checkpoint
from emotion_core.runs.folder import verify_run
from shared_checks import check_one_message, in_a_folder_that_must_not_be_written, with_little_room


@pytest.mark.parametrize(
    "largest", [30_000, *(pytest.param(size, marks=pytest.mark.acceptance) for size in (1_000, 200_000))]
)
def test_a_training_without_room_ends_with_one_message_and_leaves_the_old_run(
    run: Path, checkpoints: dict[str, Checkpoint], tmp_path: Path, largest: int
) -> None:
    """Whatever file is the first that does not fit, there is no traceback, nothing half written, and the old run."""
    output = shutil.copytree(run, tmp_path / "run")
    source = checkpoints["cardiffroberta"].location
    size = ("--epochs", 1, "--batch-size", 64, "--max-length", 16, "--force", "--quiet")
    told = with_little_room(
        "emotion_bert", largest, "train", "--model", source, "--data", "sample", "--output", output, *size
    )
    assert told.returncode == 2, told.stderr
    assert "could not be written" in told.stderr or "cannot be written" in told.stderr
    assert "Traceback" not in told.stderr
    assert verify_run(output) == []
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.acceptance
def test_a_folder_that_must_not_be_written_is_told_before_the_work(
    run: Path, checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    """A training and a compression end with one message that names their output."""
    source = checkpoints["cardiffroberta"].location
    for command in (
        ("train", "--model", source, "--data", "sample", "--max-length", 16, "--output", tmp_path / "run"),
        ("compress", run, "--technique", "prune", "--data", "sample", "--output", tmp_path / "small"),
    ):
        told = in_a_folder_that_must_not_be_written(tmp_path, "emotion_bert", *command, "--quiet")
        check_one_message(told)
        assert f"{tmp_path}" in told.stderr
        assert "Permission denied" in told.stderr
    assert list(tmp_path.iterdir()) == []
