"""A run of version 0.1, in `runs_of_version_0_1`: a GRU of four units, trained on the bundled sample."""

from __future__ import annotations

from pathlib import Path

import emotion_rnn
from emotion_core.runs.folder import read_json, read_run, verify_run
from old_runs import check_metrics

GRU = Path(__file__).parent / "runs_of_version_0_1" / "gru"


def test_a_run_of_version_0_1_is_whole_and_its_record_survives() -> None:
    """Its files have their hashes, and its record is written as it was read."""
    assert verify_run(GRU) == []
    assert read_run(GRU).to_json() == read_json(GRU, "run.json")


def test_a_run_of_version_0_1_evaluates_to_the_metrics_that_it_recorded() -> None:
    """Loaded with its temperature and measured on the same texts, it gives the same figures."""
    check_metrics(GRU, emotion_rnn.load(GRU, device="cpu"))
