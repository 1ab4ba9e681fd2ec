"""Small data and one small trained run that several tests use."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path

import pytest
from postgresql_for_tests import database, own_server, server

from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.load import load_dataset
from emotion_rnn.architectures import ARCHITECTURES
from emotion_rnn.hyperparameters import Hyperparameters
from emotion_rnn.network.options import TrainingOptions
from emotion_rnn.training.train import train

__all__ = ["database", "own_server", "server"]

TINY = Hyperparameters(units=4, embedding_dimension=8, epochs=2, batch_size=16, learning_rate=0.01)


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has a cache of its own, and the user's is not touched."""
    monkeypatch.setenv("EMOTION_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def small_data() -> Dataset:
    """120 training and 60 validation texts of the bundled sample, all classes in both."""
    sample = load_dataset("sample")
    frames = {
        name: Split.from_frame(sample.splits[name].frame().groupby("label").head(rows))
        for name, rows in (("train", 20), ("validation", 10))
    }
    return dataclasses.replace(sample, splits=frames)


@pytest.fixture(scope="session")
def gru_run(small_data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of a tiny GRU, trained for two epochs."""
    output = tmp_path_factory.mktemp("runs") / "gru"
    train(ARCHITECTURES["gru"], TINY, small_data, output, 1, options=TrainingOptions(quiet=True))
    return output


@pytest.fixture
def warm_run(gru_run: Path, tmp_path: Path) -> Path:
    """A copy of the tiny GRU's run with a temperature, which the training of so small a network leaves at 1."""
    copy = shutil.copytree(gru_run, tmp_path / "warm")
    record = json.loads((copy / "run.json").read_text(encoding="utf-8"))
    record["calibration"]["temperature"] = 1.5
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return copy


@pytest.fixture(scope="session")
def real_glove() -> Path:
    """The folder of real GloVe files: in EMOTION_GLOVE_DIR, or in shared/data/glove beside the repository."""
    beside = Path(__file__).resolve().parents[4] / "shared" / "data" / "glove"
    folder = Path(os.environ.get("EMOTION_GLOVE_DIR", beside))
    if not folder.is_dir():
        pytest.skip("the real GloVe vectors are not here; set EMOTION_GLOVE_DIR to their folder")
    return folder
