"""The running average of the weights."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from conftest import TINY

from emotion_bert.finetuning.train import train
from emotion_bert.machine.computing import TrainingOptions
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.trainer.average import WARM_UP_STEPS, WeightAverage, load_average
from emotion_core.data.dataset import Dataset


def layer(value: float) -> torch.nn.Linear:
    """A layer of one weight, which is trained, and a bias, which is not."""
    made = torch.nn.Linear(1, 1)
    torch.nn.init.constant_(made.weight, value)
    made.bias.requires_grad = False
    return made


def test_each_step_moves_the_average_a_share_of_the_way() -> None:
    """After the warm-up a step keeps the momentum's share of the average; before, less, so that the start fades."""
    model = layer(0.0)
    average = WeightAverage(model, 0.5)
    torch.nn.init.constant_(model.weight, 1.0)
    expected = 0.0
    for step in range(1, 3 * WARM_UP_STEPS):
        average.update(step)
        momentum = min(0.5, step / (WARM_UP_STEPS + step))
        expected = momentum * expected + (1 - momentum)
        with average.in_place():
            assert model.weight.item() == pytest.approx(expected)
    assert model.weight.item() == 1.0


def test_a_saved_average_can_be_gone_on_with_and_loaded_into_a_model(tmp_path: Path) -> None:
    """What is saved is the average, and another average and a model that load it have it."""
    average = WeightAverage(layer(3.0), 0.9)
    average.save(tmp_path)
    model, other = layer(0.0), layer(0.0)
    load_average(model, tmp_path)
    assert model.weight.item() == 3.0
    goes_on = WeightAverage(other, 0.9)
    goes_on.load(tmp_path)
    with goes_on.in_place():
        assert other.weight.item() == 3.0
    assert other.weight.item() == 0.0


@pytest.mark.parametrize("lora_rank", [0, 2])
def test_the_average_is_what_is_measured_and_kept(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path, lora_rank: int
) -> None:
    """A run with averaged weights has the figures that training measured, and other predictions than one without."""
    if lora_rank:
        pytest.importorskip("peft", reason="peft is not installed (emotion-bert[lora])")
    tables = {}
    for momentum in (0.0, 0.9):
        settings = dataclasses.replace(TINY, learning_rate=0.01, lora_rank=lora_rank, ema_momentum=momentum)
        output = tmp_path / str(momentum)
        metrics = train(
            checkpoints["cardiffroberta"],
            settings,
            small_data,
            output,
            1,
            options=TrainingOptions(quiet=True, extras=False),
        )
        last = (output / "history.csv").read_text(encoding="utf-8").splitlines()
        columns = last[0].split(",")
        best = max(float(row.split(",")[columns.index("val_macro_f1")]) for row in last[1:])
        assert metrics.macro_f1.value == pytest.approx(best, abs=1e-6)
        tables[momentum] = (output / "predictions.csv").read_bytes()
    assert tables[0.0] != tables[0.9]
