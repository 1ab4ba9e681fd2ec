"""A run of version 0.1: a GRU of four units, trained on the bundled sample, and its evaluation on other texts."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.version import Version

import emotion_rnn
from emotion_core.runs.folder import read_json, read_run, verify_run
from old_runs import check_metrics

GRU = Path(__file__).parent / "runs_of_version_0_1" / "gru"
EVALUATION = Path(__file__).parents[2] / "emotion-core" / "tests" / "runs_of_version_0_1" / "evaluation"


def test_a_run_of_version_0_1_is_whole_and_its_record_survives() -> None:
    """Its files have their hashes, and its record is written as it was read."""
    assert verify_run(GRU) == []
    assert read_run(GRU).to_json() == read_json(GRU, "run.json")


@pytest.mark.skipif(
    Version(version("keras")) < Version(str(read_json(GRU, "run.json")["versions"]["keras"])),
    reason="Keras reads no models of later versions of Keras",
)
@pytest.mark.parametrize("measured", [GRU, EVALUATION], ids=["validation", "test"])
def test_a_run_of_version_0_1_evaluates_to_the_metrics_that_it_recorded(measured: Path) -> None:
    """Loaded with its temperature and measured on the same texts, it gives the same figures."""
    check_metrics(measured, emotion_rnn.load(GRU, device="cpu"))
