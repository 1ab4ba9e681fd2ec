"""Runs of version 0.1: a tiny RoBERTa, trained on the bundled sample, and its ONNX graph."""

from __future__ import annotations

from pathlib import Path

import pytest

import emotion_bert
from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import TransformerSource
from emotion_bert.compression.techniques import TOOLBOX
from emotion_core.compression.compress import Asked, compress, read_result
from emotion_core.compression.variant import PASSED
from emotion_core.data.load import load_dataset
from emotion_core.runs.folder import read_json, read_run, verify_run
from old_runs import check_metrics

FOLDER = Path(__file__).parent / "runs_of_version_0_1"
RUNS = ("cardiffroberta", "onnx")


@pytest.mark.parametrize("name", RUNS)
def test_a_run_of_version_0_1_is_whole_and_its_record_survives(name: str) -> None:
    """Its files have their hashes, and its record is written as it was read."""
    assert verify_run(FOLDER / name) == []
    assert read_run(FOLDER / name).to_json() == read_json(FOLDER / name, "run.json")


@pytest.mark.parametrize("name", RUNS)
def test_a_run_of_version_0_1_evaluates_to_the_metrics_that_it_recorded(name: str) -> None:
    """Loaded with its temperature and measured on the same texts, it gives the same figures."""
    check_metrics(FOLDER / name, emotion_bert.load(FOLDER / name, device="cpu"))


@pytest.mark.acceptance
def test_a_run_of_version_0_1_is_compressed(tmp_path: Path) -> None:
    """With the length and the cleaning of its texts, into a run that is whole and says what it was made from."""
    source = TransformerSource.read(FOLDER / "cardiffroberta", load_dataset("sample"), "cpu", quiet=True)
    asked = Asked(["prune"], tmp_path / "small", CompressionOptions(amount=0.1, max_drop=1.0))
    _, variant = compress(TOOLBOX, source, asked)
    assert (variant.state, variant.reason) == (PASSED, None)
    assert verify_run(tmp_path / "small" / "prune") == []
    made = read_run(tmp_path / "small" / "prune")
    assert (made.max_length(), made.text_cleaning) == (32, "social_media")
    assert made.compression is not None
    assert made.compression.of == str(FOLDER / "cardiffroberta")


def test_a_variant_of_version_0_1_is_taken_as_it_is() -> None:
    """The table of a compression that goes on has its figures, which lack the tests that came later."""
    result = read_result(FOLDER / "onnx")
    assert (result.sizes.size_bytes, str(result.versus_original.macro_f1_difference)) == (
        238955,
        "0.0000 [0.0000, 0.0000]",
    )
