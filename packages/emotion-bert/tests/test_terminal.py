"""What a training shows on a terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emotion_bert.models.checkpoints import Checkpoint
from terminal import check_two_seeds, run_in_terminal

pytestmark = pytest.mark.acceptance

TINY = ("--data", "sample", "--epochs", 2, "--batch-size", 64, "--max-length", 16, "--threads", 1)


def test_a_training_leaves_one_line_an_epoch_and_what_was_kept(
    checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    """The bar has the loss and the time left of the whole training, and is gone when an epoch is said."""
    words = ("train", "--model", checkpoints["cardiffroberta"].location, *TINY, "--output", tmp_path / "run")
    code, terminal = run_in_terminal(80, "emotion_bert", *words)
    lines = [line for line in terminal.lines() if line.startswith(("Epoch", "Trained", "Kept"))]
    assert code == 0, terminal.lines()
    first, second, trained, kept = lines
    assert first.startswith("Epoch 1/2 loss 1.")
    assert "val_macro_f1 0." in second
    assert trained.startswith("Trained 2 epochs in ")
    assert kept in {f"Kept epoch {epoch}, which had the best val_macro_f1." for epoch in (1, 2)}
    assert [line for line in terminal.seen if re.search(r" \d+/\d+  loss 1\.\d{4}  \d+:\d\d left$", line)]
    assert not [line for line in terminal.seen if line.count("Epoch ") > 1]


def test_seeds_side_by_side_begin_each_line_with_their_number(
    checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    """On a narrow terminal each still is one line, above the bar of the seeds."""
    model = checkpoints["cardiffroberta"].location
    words = ("train", "--model", model, *TINY, "--seeds", 2, "--workers", 2, "--output", tmp_path / "run")
    code, terminal = run_in_terminal(40, "emotion_bert", *words)
    check_two_seeds(code, terminal)
