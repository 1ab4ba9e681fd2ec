"""The head of a checkpoint, kept where its labels are the six emotions and else new, and the format of its weights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from transformers import AutoModelForSequenceClassification, PreTrainedModel, set_seed

from emotion_bert.emotion_classifier import main
from emotion_bert.models.checkpoints import SIX_LABELS, Checkpoint
from emotion_bert.models.classifier import TransformerClassifier
from emotion_bert.models.heads import KEPT, NEW, order_of, output_layer, output_names
from emotion_bert.models.start import load_model, load_start
from emotion_core.labels import EMOTIONS, ID_TO_EMOTION
from emotion_core.runs.folder import read_json

ALPHABETICAL = sorted(EMOTIONS)
EKMAN = ["anger", "disgust", "fear", "joy", "sadness", "surprise"]


def with_head(checkpoint: Checkpoint, names: Sequence[str], dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """A checkpoint with a head of these labels and random weights."""
    set_seed(3)
    labels = dict(enumerate(names))
    model: PreTrainedModel = AutoModelForSequenceClassification.from_pretrained(
        checkpoint.location, num_labels=len(names), id2label=labels, label2id={name: id for id, name in labels.items()}
    )
    with torch.no_grad():
        for parameter in output_layer(model)[1].parameters() if len(names) == 6 else ():
            parameter.normal_()
    model.to(dtype)  # type: ignore[arg-type]  # the wrapper of transformers loses self
    return model


def saved(model: PreTrainedModel, checkpoint: Checkpoint, folder: Path) -> Checkpoint:
    """The checkpoint in a folder, with the tokenizer of another."""
    model.save_pretrained(folder)
    for file in Path(checkpoint.location).iterdir():
        if not (folder / file.name).exists():
            (folder / file.name).write_bytes(file.read_bytes())
    return Checkpoint(checkpoint.entry, str(folder))


@pytest.mark.parametrize("names", [ALPHABETICAL, [name.title() for name in reversed(EMOTIONS)], list(EMOTIONS)])
def test_a_head_of_the_six_emotions_is_kept_in_our_order(
    names: list[str], checkpoint: Checkpoint, tmp_path: Path
) -> None:
    """Of each architecture, output i is the one that the checkpoint calls by the name of our label i."""
    model = with_head(checkpoint, names)
    start = load_start(saved(model, checkpoint, tmp_path))
    assert start.head.origin == KEPT
    assert list(start.head.found) == names
    assert start.model.config.id2label == ID_TO_EMOTION
    before, after = output_layer(model)[1], output_layer(start.model)[1]
    for label, emotion in ID_TO_EMOTION.items():
        output = [name.casefold() for name in names].index(emotion)
        assert torch.equal(after.weight[label], before.weight[output])
        assert torch.equal(after.bias[label], before.bias[output])


@pytest.mark.parametrize("names", [EKMAN, [f"LABEL_{i}" for i in range(6)], [*EMOTIONS[:5], "joy"], ["no", "yes"]])
def test_a_head_of_other_labels_is_replaced(names: list[str], checkpoint: Checkpoint, tmp_path: Path) -> None:
    """Of each architecture: the last layer has the small weights of a new one, and the message names the labels."""
    model = with_head(checkpoint, names)
    start = load_start(saved(model, checkpoint, tmp_path))
    assert start.head.origin == NEW
    new = output_layer(start.model)[1]
    assert 0 < new.weight.std() < 0.4
    assert not new.bias.any()
    remark = start.head.remark("mine")
    if names[-1] == "yes":  # of another shape, which transformers replaces
        assert remark == "mine: its head has other labels (no, yes); the six emotions get a new one."
        return
    assert remark == f"mine: its head has other labels ({', '.join(names)}); the six emotions get a new one."
    assert not torch.equal(new.weight, output_layer(model)[1].weight)


def test_a_new_head_in_the_place_of_another_depends_on_the_seed(
    checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    """The same seed gives the same first weights, another seed others."""
    checkpoint = checkpoints["modernbert"]
    ekman = saved(with_head(checkpoint, EKMAN), checkpoint, tmp_path)
    weights = []
    for seed in (1, 1, 2):
        set_seed(seed)
        weights.append(output_layer(load_model(ekman))[1].weight)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_names_without_a_head_are_no_head(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """A config that was given the six names before any training promises nothing: the head is new, without a remark."""
    checkpoint = checkpoints["modernbert"]
    folder = shutil.copytree(checkpoint.location, tmp_path / "named")
    config = read_json(folder, "config.json") | {"id2label": dict(enumerate(ALPHABETICAL))}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    head = load_start(Checkpoint(checkpoint.entry, str(folder))).head
    assert (head.origin, head.remark("mine")) == (NEW, None)


def test_a_checkpoint_without_head_gets_one_without_a_remark(checkpoint: Checkpoint) -> None:
    """What every plain pre-trained model gets is not worth a line."""
    head = load_start(checkpoint).head
    assert (head.origin, head.remark("mine")) == (NEW, None)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_trained_and_saved_in_fp32(
    dtype: torch.dtype, checkpoints: dict[str, Checkpoint], tmp_path: Path
) -> None:
    """The record tells the format of the file and of the training, and what happened to the head."""
    checkpoint = checkpoints["cardiffroberta"]
    half = saved(with_head(checkpoint, EKMAN, dtype), checkpoint, tmp_path / "half")
    words = ("train", "--model", half.location, "--data", "sample", "--epochs", 1, "--max-length", 8, "--quiet")
    result = CliRunner().invoke(main, [*map(str, words), "--output", str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    assert "its head has other labels (anger, disgust" in result.stderr
    record = read_json(tmp_path / "run", "run.json")
    assert record["weights"] == {"in the file": str(dtype).removeprefix("torch."), "loaded as": "float32"}
    assert (record["head"], record["head_labels"]) == (NEW, EKMAN)
    model = TransformerClassifier.load_folder(tmp_path / "run" / "model", "social_media", 8).model
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert read_json(tmp_path / "run" / "model", "config.json")["dtype"] == "float32"


def test_a_run_whose_files_are_in_half_precision_is_used_in_fp32(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """As a training from such a checkpoint once wrote it."""
    AutoModelForSequenceClassification.from_pretrained(checkpoint.location, **SIX_LABELS).to(
        torch.bfloat16
    ).save_pretrained(tmp_path)
    for file in Path(checkpoint.location).iterdir():
        if not (tmp_path / file.name).exists():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    model = TransformerClassifier.load_folder(tmp_path, "social_media", 8, "cpu").model
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("stated", "names"),
    [
        ({0: "joy", 1: "love"}, ["joy", "love"]),
        ({"1": "love", "0": " joy "}, ["joy", "love"]),
        ({"love": 1, "joy": 0}, ["joy", "love"]),
        (["joy", "love"], ["joy", "love"]),
        ({"love": 120, "joy": 45}, ["love: 120", "joy: 45"]),
        ({1: "joy", 2: "love"}, ["1: joy", "2: love"]),
        ({0: "LABEL_0", 1: "LABEL_1"}, None),
        (["0", "1"], None),
        ({}, None),
        (None, None),
        ("joy", None),
        (6, None),
    ],
)
def test_names_of_outputs_are_read_in_every_form(stated: object, names: list[str] | None) -> None:
    """By id, by name, as a list; counts by name are not taken for ids, and numbers are no names."""
    assert output_names(json.loads(json.dumps(stated)) if isinstance(stated, list) else stated) == names


@pytest.mark.parametrize("names", [EKMAN, EMOTIONS[:5], [*EMOTIONS, "neutral"], [*EMOTIONS[:5], "sadness"], []])
def test_other_names_have_no_order(names: Sequence[str]) -> None:
    """One that is missing, surplus or doubled makes them other labels."""
    assert order_of(names) is None
