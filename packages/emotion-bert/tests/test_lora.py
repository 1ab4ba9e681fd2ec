"""Low-rank adapters: what they train, and that the run is a plain model."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pandas as pd
import pytest
import torch
from architectures_for_tests import ARCHITECTURES, make_config, make_tokenizer
from checkpoints_for_tests import sample_texts
from conftest import TINY
from safetensors.torch import load_file
from transformers import AutoModelForSequenceClassification, PreTrainedModel

import emotion_bert
from emotion_bert.finetuning.train import train
from emotion_bert.machine.computing import TrainingOptions
from emotion_bert.machine.hardware import cpu_flags
from emotion_bert.models.checkpoints import Checkpoint
from emotion_bert.models.start import load_model
from emotion_bert.trainer.lora import REPACKING_FLAG, add_adapters, load_4bit_base
from emotion_core.data.dataset import Dataset
from emotion_core.errors import ModelError

RANK = 2


def test_adapters_change_the_linear_layers_by_their_rank_and_nothing_else_of_the_encoder(
    checkpoint: Checkpoint, small_data: Dataset, tmp_path: Path
) -> None:
    """In the saved plain model the linear layers differ by matrices of the rank, the rest of the encoder not at all."""
    pytest.importorskip("peft", reason="peft is not installed (emotion-bert[lora])")
    settings = dataclasses.replace(TINY, epochs=1, lora_rank=RANK, learning_rate=0.01)
    train(checkpoint, settings, small_data, tmp_path / "run", 1, options=TrainingOptions(quiet=True, extras=False))
    assert_adapted(load_model(checkpoint), tmp_path / "run")


def assert_adapted(before: PreTrainedModel, run: Path) -> None:
    """The plain model of a run differs from what it was by the rank in each linear layer, and by the head."""
    after = load_file(run / "model" / "model.safetensors")
    linear = {name for name, module in before.named_modules() if isinstance(module, torch.nn.Linear)}
    assert set(after) == set(before.state_dict())
    changed = 0
    for name, weights in before.base_model.state_dict(prefix=f"{before.base_model_prefix}.").items():
        difference = after[name] - weights
        if name.removesuffix(".weight") in linear:
            assert torch.linalg.matrix_rank(difference, atol=1e-5) == RANK
            changed += 1
        else:
            assert not difference.any(), name
    assert changed > 0
    head = "classifier.out_proj.weight" if "classifier.out_proj.weight" in after else "classifier.weight"
    assert (after[head] != before.state_dict()[head]).any()


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")  # of peft with newer transformers
def test_adapters_stand_beside_the_layers_of_gpt_2() -> None:
    """Its linear layers are of another class, whose matrices lie the other way round."""
    pytest.importorskip("peft", reason="peft is not installed (emotion-bert[lora])")
    config = make_config("gpt2", make_tokenizer(ARCHITECTURES["gpt2"], sample_texts(), "right"))
    model = AutoModelForSequenceClassification.from_config(config)
    names = set(model.state_dict())
    adapted = add_adapters(model, RANK)
    assert sum("lora_A" in name for name in adapted.state_dict()) == 2 * 4  # two layers with four matrices each
    assert set(adapted.merge_and_unload().state_dict()) == names


@pytest.mark.acceptance
@pytest.mark.skipif(
    cpu_flags()[REPACKING_FLAG], reason=f"bitsandbytes repacks 4-bit weights on CPUs with {REPACKING_FLAG}"
)
def test_adapters_on_a_4_bit_base_are_merged_into_the_weights_they_were_trained_beside(
    checkpoint: Checkpoint, small_data: Dataset, tmp_path: Path
) -> None:
    """The run is a plain model of the base's dequantized weights and the adapters, as good as the last measurement."""
    pytest.importorskip("peft", reason="peft is not installed (emotion-bert[lora])")
    pytest.importorskip("bitsandbytes", reason="bitsandbytes is not installed (emotion-bert[bitsandbytes])")
    settings = dataclasses.replace(TINY, epochs=1, lora_rank=RANK, lora_4bit=True, learning_rate=0.01)
    metrics = train(
        checkpoint, settings, small_data, tmp_path / "run", 1, options=TrainingOptions(quiet=True, extras=False)
    )
    base = load_4bit_base(checkpoint, torch.device("cpu")).model
    assert {type(module).__name__ for module in base.base_model.modules()} >= {"Linear4bit"}
    assert_adapted(base.dequantize(), tmp_path / "run")
    measured = pd.read_csv(tmp_path / "run" / "history.csv")["val_accuracy"].iloc[-1]
    assert metrics.accuracy.value == pytest.approx(measured, abs=1e-4)


def test_a_4_bit_base_without_adapters_is_refused(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """Weights in 4 bits cannot learn, and the message says what is missing."""
    with pytest.raises(ModelError, match="--lora-4bit needs --lora"):
        train(checkpoints["bertweet"], dataclasses.replace(TINY, lora_4bit=True), small_data, tmp_path / "run", 1)


def test_without_bitsandbytes_a_4_bit_base_is_refused(
    checkpoints: dict[str, Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the package and how to install it."""
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(ModelError, match=r"bitsandbytes not installed\. Do: pip install"):
        load_4bit_base(checkpoints["bertweet"], torch.device("cpu"))


def test_a_cpu_that_repacks_4_bit_weights_does_not_train_beside_them(
    checkpoints: dict[str, Checkpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On such a CPU the message names the instruction set and the ways round."""
    pytest.importorskip("bitsandbytes", reason="bitsandbytes is not installed (emotion-bert[bitsandbytes])")
    monkeypatch.setattr("emotion_bert.trainer.lora.cpu_flags", lambda: {"AVX512-BF16": True})
    with pytest.raises(ModelError, match=r"CPU with AVX512-BF16.*Use a GPU, or --lora alone"):
        load_4bit_base(checkpoints["bertweet"], torch.device("cpu"))


def test_a_run_of_adapters_loads_without_peft(
    checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run folder of a training of adapters is loaded like any other, where peft is not installed."""
    pytest.importorskip("peft", reason="peft is not installed (emotion-bert[lora])")
    settings = dataclasses.replace(TINY, epochs=1, lora_rank=RANK)
    metrics = train(
        checkpoints["bertweet"],
        settings,
        small_data,
        tmp_path / "run",
        1,
        options=TrainingOptions(quiet=True, extras=False),
    )
    monkeypatch.setitem(sys.modules, "peft", None)
    split = small_data.splits["validation"]
    predicted = emotion_bert.load(tmp_path / "run").predict_proba(split.texts).argmax(axis=1)
    assert (predicted == split.labels).mean() == pytest.approx(metrics.accuracy.value)


def test_without_peft_the_extra_is_named(checkpoints: dict[str, Checkpoint], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where peft is not installed, the message says how to install it."""
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(ModelError, match=r"pip install 'emotion-bert\[lora\]'"):
        add_adapters(load_model(checkpoints["bertweet"]), RANK)
