"""Ctrl+C in trainings and searches: one sentence, whatever processes are at work."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from interrupted import has_loaded, interrupt

pytestmark = pytest.mark.acceptance

TINY = ("--data", "sample", "--units", 4, "--batch-size", 64, "--quiet")


def test_while_tensorflow_is_imported(tmp_path: Path) -> None:
    """A library that is half imported is not taken for a broken one."""
    run = tmp_path / "run"
    words = ["-m", "emotion_rnn", "train", "gru", *TINY, "--output", run]
    told = interrupt(words, lambda process: has_loaded("tensorflow", process))
    assert (told.code, told.out) == (130, "")
    assert told.err == f"Interrupted: nothing of {run} is kept, and the same command begins anew.\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_while_seeds_are_trained(tmp_path: Path, workers: int) -> None:
    """Those that are complete are kept, and the command that goes on is named."""
    runs = tmp_path / "runs"
    words = ["train", "gru", *TINY, "--epochs", 1, "--seeds", 4, "--workers", workers, "--output", runs]
    told = interrupt(["-m", "emotion_rnn", *words], lambda _: any(runs.glob("seed-*/run.json")))
    kept, way = told.err.removeprefix("Interrupted: ").split(" kept; go on with: ")
    assert (told.code, told.out) == (130, "")
    assert set(runs.iterdir()) == {Path(name) for name in kept.rpartition(" ")[0].split(", ")}
    assert way == f"python -m emotion_rnn {shlex.join(map(str, words))}\n"


def test_while_a_search_begins(tmp_path: Path) -> None:
    """Its workers, which are importing their libraries, say nothing."""
    folder = tmp_path / "search"
    words = ["search", "gru", "--data", "sample", "--train-embedding", "--workers", 2, "--quiet", "--output", folder]
    told = interrupt(["-m", "emotion_rnn", *words], lambda _: (folder / "search.json").exists())
    way = f"python -m emotion_rnn {shlex.join(map(str, words))} --resume"
    assert (told.code, told.out) == (130, "")
    assert told.err == f"Interrupted: the points that are finished are kept in {folder}; go on with: {way}\n"
