"""Several classifiers as one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, apply_temperature
from emotion_core.cli.main import main
from emotion_core.data.dataset import Dataset
from emotion_core.inference.ensemble import Ensemble
from emotion_core.inference.loading import load, load_onnx
from emotion_core.runs.folder import CARD_FILE, read_run
from emotion_core.serving.models import load_models
from emotion_core.serving.predictions import predictions
from emotion_core.training.ensemble import write_ensemble
from emotion_core.training.options import RunOptions
from tiny_onnx import write_onnx_run


class Constant(Classifier):
    """A classifier that gives every text the same probabilities."""

    def __init__(self, *probabilities: float) -> None:
        self._row = np.array(probabilities, dtype=np.float32)

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """The same row for each text."""
        progress(len(texts))
        return np.tile(self._row, (len(texts), 1))


TEXTS = ["We got the keys! Dancing in an empty kitchen.", "they cancelled the last train again", ""]
MEMBERS = (Constant(1, 0, 0, 0, 0, 0), Constant(0, 1, 0, 0, 0, 0), Constant(0, 0.5, 0.5, 0, 0, 0))


def test_an_ensemble_gives_the_mean_of_its_members() -> None:
    """Each emotion has the mean of the members' probabilities, in float32."""
    probabilities = Ensemble(MEMBERS).predict_proba(["a", "b"])
    np.testing.assert_allclose(probabilities, [[1 / 3, 1 / 2, 1 / 6, 0, 0, 0]] * 2, atol=1e-6)
    assert probabilities.dtype == np.float32


def test_the_temperature_is_that_of_the_mean() -> None:
    """An ensemble with a temperature scales the mean, not its members."""
    mean = Ensemble(MEMBERS).predict_proba(["a"])
    np.testing.assert_allclose(Ensemble(MEMBERS, 2.0).predict_proba(["a"]), apply_temperature(mean, 2.0), atol=1e-6)


def test_progress_counts_each_text_once() -> None:
    """However many members there are, the texts that are done are told once."""
    done: list[int] = []
    Ensemble(MEMBERS).predict_proba(["a", "b", "c"], progress=done.append)
    assert sum(done) == 3


@pytest.fixture(scope="module")
def members(sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two runs in ONNX that differ."""
    folder, train = tmp_path_factory.mktemp("members"), sample.split("train")
    return [
        write_onnx_run(folder / name, train.texts, train.labels, sharpness=sharpness)
        for name, sharpness in (("sure", 1.0), ("careful", 0.3))
    ]


@pytest.fixture(scope="module")
def run(members: list[Path], sample: Dataset) -> Path:
    """Their ensemble, calibrated on validation."""
    output = members[0].with_name("both")
    write_ensemble(output, members, sample, load_onnx, RunOptions(extras=False, quiet=True))
    return output


class TestGraphs:
    """An ensemble of graphs in ONNX, which emotion-core uses without the package that trained them."""

    def test_it_predicts_the_calibrated_mean(self, run: Path, members: list[Path]) -> None:
        """From its own folder, though its members have moved elsewhere."""
        mean = np.mean([load(member).predict_proba(TEXTS) for member in members], axis=0)
        expected = apply_temperature(mean.astype(np.float32), read_run(run).temperature)
        predicted = CliRunner().invoke(main, ["predict", str(run), TEXTS[0], "--json"])
        assert predicted.exit_code == 0, predicted.output
        assert json.loads(predicted.stdout)["probability_joy"] == pytest.approx(expected[0, 1], abs=1e-5)
        np.testing.assert_allclose(load(run).predict_proba(TEXTS), expected, atol=1e-6)

    def test_it_is_evaluated(self, run: Path) -> None:
        """As any run, on the split that is asked for."""
        evaluated = CliRunner().invoke(main, ["evaluate", str(run), "--data", "sample", "--split", "test", "--json"])
        assert evaluated.exit_code == 0, evaluated.output
        assert json.loads(evaluated.stdout)["n"] == 150

    def test_it_is_served(self, run: Path) -> None:
        """As one model beside others; a text that a member does not read to its end is said to be too long."""
        (served,) = load_models([run])
        assert (served.name, served.format, served.max_tokens) == ("both", "onnx", 32)
        short, long = predictions(served.classifier, [TEXTS[0], "word " * 40])
        assert (short.truncated, long.truncated) == (False, True)

    def test_its_card_does_not_say_that_a_library_opens_it_as_one_model(self, run: Path) -> None:
        """It names our command alone."""
        card = (run / CARD_FILE).read_text(encoding="utf-8")
        assert "emotion-bert predict" in card
        assert "InferenceSession" not in card
