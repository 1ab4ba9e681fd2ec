"""Small data, tiny checkpoints of the three architectures, and one small run that several tests use."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from checkpoints_for_tests import MAKERS

from emotion_bert.finetuning.train import train
from emotion_bert.machine.computing import TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.registry import MODELS, Hyperparameters
from emotion_core.data.dataset import Dataset, Split
from emotion_core.data.load import load_dataset

torch.set_num_threads(1)  # a tiny model is slower with more, and far slower beside other work

TINY = Hyperparameters(epochs=2, batch_size=16, learning_rate=1e-3, max_length=64)


@pytest.fixture(scope="session")
def small_data() -> Dataset:
    """60 training and 30 validation texts of the bundled sample, all classes in both."""
    sample = load_dataset("sample")
    frames = {
        name: Split.from_frame(sample.splits[name].frame().groupby("label").head(rows))
        for name, rows in (("train", 10), ("validation", 5))
    }
    return dataclasses.replace(sample, splits=frames)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checkpoint]:
    """A local folder in the place of the hub for each of the three named models."""
    located = {}
    for name, make in MAKERS.items():
        folder = tmp_path_factory.mktemp("checkpoints") / name
        folder.mkdir()
        make(folder)
        located[name] = Checkpoint(MODELS[name], str(folder))
    return located


@pytest.fixture(params=list(MAKERS))
def checkpoint(request: pytest.FixtureRequest, checkpoints: dict[str, Checkpoint]) -> Checkpoint:
    """Each of the three checkpoints."""
    return checkpoints[request.param]


@pytest.fixture(scope="session")
def run(small_data: Dataset, checkpoints: dict[str, Checkpoint], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of the tiny CardiffRoBERTa, fine-tuned for two epochs."""
    output = tmp_path_factory.mktemp("runs") / "cardiffroberta"
    train(checkpoints["cardiffroberta"], TINY, small_data, output, seed=1, options=TrainingOptions(quiet=True))
    return output
