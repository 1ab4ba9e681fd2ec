"""A neutral gate beside a transformer: taught by the command, and kept by its compressed runs."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import emotion_bert
import emotion_core
from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import TransformerSource
from emotion_bert.compression.techniques import TOOLBOX
from emotion_bert.emotion_classifier import main
from emotion_bert.models.checkpoints import Checkpoint
from emotion_core.compression.compress import Asked, compress
from emotion_core.data.dataset import Dataset
from emotion_core.runs.folder import read_run
from plain_texts import PLAIN, SERVICE

TEXTS = [SERVICE, "i am so happy i could cry", ""]


@pytest.fixture(scope="module")
def gated(small_data: Dataset, checkpoints: dict[str, Checkpoint], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that the command made with a file of neutral texts."""
    folder = tmp_path_factory.mktemp("gated")
    for name, split in small_data.splits.items():
        split.frame().to_csv(folder / f"{name}.csv", index=False)
    with (folder / "plain.txt").open("w", newline="") as file:
        csv.writer(file).writerows([text] for text in PLAIN)
    words = ["--data", str(folder), "--neutral", str(folder / "plain.txt"), "--neutral-threshold", "0.6"]
    words += ["--model", checkpoints["modernbert"].location, "--epochs", "1", "--max-length", "32", "--quiet"]
    result = CliRunner().invoke(main, ["train", *words, "--output", str(folder / "run")])
    assert result.exit_code == 0, result.output
    return folder / "run"


def test_the_command_teaches_a_gate(gated: Path) -> None:
    """The run records the texts and the threshold, by which its predictions say neutral."""
    stated = read_run(gated).neutral
    assert stated is not None
    assert (stated.rows, stated.threshold) == (len(PLAIN), 0.6)
    assert emotion_core.predict_emotions(emotion_bert.load(gated), TEXTS)[0] == "neutral"


def test_compressed_runs_keep_the_gate(gated: Path, small_data: Dataset, tmp_path: Path) -> None:
    """Also in ONNX, where emotion-core uses it without torch."""
    source = TransformerSource.read(gated, small_data, "cpu", quiet=True)
    compress(TOOLBOX, source, Asked(["prune", "onnx"], tmp_path / "out", CompressionOptions(max_drop=1.0)))
    expected = emotion_bert.load(gated).neutral_proba(TEXTS)
    for found in (emotion_bert.load(tmp_path / "out" / "prune"), emotion_core.load(tmp_path / "out" / "onnx")):
        np.testing.assert_array_equal(found.neutral_proba(TEXTS), expected)
        assert emotion_core.predict_emotions(found, TEXTS)[0] == "neutral"
