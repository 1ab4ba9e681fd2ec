"""The saved classifier: loading it, and what it predicts."""

from __future__ import annotations

import csv
import dataclasses
import json
import logging
import os
import random
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
import torch
import transformers
from checkpoints_for_tests import sample_texts
from conftest import TINY
from huggingface_hub import ModelCard, ModelCardData

import emotion_bert
from classifier_contract import check_classifier
from emotion_bert import TransformerClassifier
from emotion_bert.finetuning.train import train
from emotion_bert.machine.computing import Computing, TrainingOptions
from emotion_bert.machine.own_process import CACHED_PRIMITIVES
from emotion_bert.models.checkpoints import Checkpoint, load_tokenizer
from emotion_bert.models.start import load_model
from emotion_bert.tokens.saving import save_tokenizer
from emotion_core.classifier import apply_temperature
from emotion_core.data.cleaning import social_media
from emotion_core.data.dataset import Dataset
from emotion_core.errors import RunError
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_json
from shared_checks import (
    HARD_TEXTS,
    NO_TEXTS,
    predict_hard_texts,
    renew_hashes,
    run_python_of_card,
)


def test_saving_and_reloading_changes_no_prediction(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """A model and tokenizer that are saved and loaded again give the same probabilities, to the bit."""
    tokenizer, model = load_tokenizer(checkpoint, 64), load_model(checkpoint)
    model.save_pretrained(tmp_path)
    save_tokenizer(tokenizer, tmp_path)
    texts = list(sample_texts())[:100]
    before = TransformerClassifier(model, tokenizer, "social_media", 64).predict_proba(texts)
    after = TransformerClassifier.load_folder(tmp_path, "social_media", 64).predict_proba(texts)
    np.testing.assert_array_equal(before, after)


def test_each_architecture_trains_and_keeps_the_contract_of_classifiers(
    checkpoint: Checkpoint, small_data: Dataset, tmp_path: Path
) -> None:
    """A run of each, loaded afresh, predicts what the run recorded, and does what every classifier does."""
    train(checkpoint, TINY, small_data, tmp_path / "run", 1, TrainingOptions(quiet=True, extras=False))
    classifier = emotion_bert.load(tmp_path / "run")
    probabilities = classifier.predict_proba(small_data.splits["validation"].texts)
    with (tmp_path / "run" / "predictions.csv").open(encoding="utf-8", newline="") as file:
        recorded = [[float(row[f"probability_{name}"]) for name in EMOTIONS] for row in csv.DictReader(file)]
    np.testing.assert_allclose(probabilities, recorded, atol=1e-5)
    check_classifier(emotion_bert.load, tmp_path / "run", tmp_path)


def test_the_pipeline_of_transformers_gives_the_same(run: Path) -> None:
    """model/ opens in transformers.pipeline with the six names and the probabilities at temperature 1."""
    text = "What a day, can't believe it! http @user"
    pipeline = transformers.pipeline("text-classification", model=str(run / "model"), top_k=None, device="cpu")
    scores = {entry["label"]: entry["score"] for entry in pipeline([social_media(text)])[0]}
    classifier = emotion_bert.load(run, "cpu")
    classifier.temperature = 1.0
    ours = classifier.predict_proba([text])[0]
    assert set(scores) == set(EMOTIONS)
    np.testing.assert_allclose([scores[name] for name in EMOTIONS], ours, atol=1e-5)


def test_the_code_in_the_model_card_runs(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the card says of transformers prints the emotion that the classifier predicts."""
    run_python_of_card(run)
    (probabilities,) = emotion_bert.load(run, "cpu").predict_proba(["i did not see that coming"])
    assert f"'label': '{EMOTIONS[probabilities.argmax()]}'" in capsys.readouterr().out


def test_the_hub_reads_the_model_card(run: Path) -> None:
    """huggingface_hub finds the library, the base model and each figure with its data, and writes the same again."""
    data = ModelCard.load(run / "README.md").data
    assert (data.library_name, data.pipeline_tag) == ("transformers", "text-classification")
    assert data.base_model == "cardiffnlp/twitter-roberta-base"
    metrics = read_json(run, "metrics.json")
    read = {(result.metric_name, result.metric_value, result.dataset_revision) for result in data.eval_results}
    shown = (("Accuracy", "accuracy"), ("Macro-F1", "macro_f1"), ("Weighted F1", "weighted_f1"))
    assert read == {(name, round(metrics[key]["value"], 4), metrics["data"]["fingerprint"]) for name, key in shown}
    assert ModelCardData(**data.to_dict(), ignore_metadata_errors=False).to_dict() == data.to_dict()
    assert ModelCardData(model_name=data.model_name, eval_results=data.eval_results).to_dict() == {
        "model-index": data.to_dict()["model-index"]
    }


def test_the_loaded_classifier_has_the_temperature_of_the_run(run: Path, tmp_path: Path) -> None:
    """Its probabilities are those of the model folder, scaled with the temperature that run.json records."""
    texts = ["what a day", "no"]
    copy = shutil.copytree(run, tmp_path / "warm")
    record = read_json(run, "run.json")
    record["calibration"]["temperature"] = 0.2  # the training of so small a network on few texts leaves it at 1
    (copy / "run.json").write_text(json.dumps(record), encoding="utf-8")
    raw = TransformerClassifier.load_folder(copy / "model", "social_media", 64, "cpu").predict_proba(texts)
    scaled = emotion_bert.load(copy, "cpu").predict_proba(texts)
    np.testing.assert_allclose(scaled, apply_temperature(raw, 0.2), atol=1e-6)
    assert abs(scaled - raw).max() > 1e-4


def test_truncated_weights_are_named(run: Path, tmp_path: Path) -> None:
    """A safetensors file that was cut short ends in one message with the folder."""
    copy = shutil.copytree(run, tmp_path / "cut")
    weights = copy / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])
    renew_hashes(copy)
    with pytest.raises(RunError, match="cannot be loaded"):
        emotion_bert.load(copy)


def test_a_model_of_other_labels_is_refused(run: Path, tmp_path: Path) -> None:
    """A folder whose config names other labels is not taken for the six emotions."""
    copy = shutil.copytree(run, tmp_path / "other")
    config = json.loads((copy / "model" / "config.json").read_text(encoding="utf-8"))
    config["id2label"]["0"] = "boredom"
    (copy / "model" / "config.json").write_text(json.dumps(config), encoding="utf-8")
    renew_hashes(copy)
    with pytest.raises(RunError, match="boredom"):
        emotion_bert.load(copy)


def test_a_row_comes_out_for_each_text_however_hard_it_is(tmp_path: Path, run: Path) -> None:
    """Each text keeps its place and its characters, and has an emotion unless nothing of it can be read."""
    rows = predict_hard_texts(emotion_bert.load(run), tmp_path)
    assert [row["text"] for row in rows] == list(HARD_TEXTS)
    assert [row["predicted_emotion"] in EMOTIONS for row in rows] == [text not in NO_TEXTS for text in HARD_TEXTS]


def test_loading_predicting_and_training_leave_the_calling_program_as_it_is(
    run: Path, checkpoints: dict[str, Checkpoint], small_data: Dataset, tmp_path: Path
) -> None:
    """Messages, bars, warnings, environment, threads and random numbers are afterwards what they were."""
    before = host_state()
    emotion_bert.load(run, "cpu").predict_proba(["a text"])
    assert host_state() == before
    settings = dataclasses.replace(TINY, epochs=1)
    computing = Computing("cpu", threads=torch.get_num_threads() + 1)
    train(
        checkpoints["cardiffroberta"],
        settings,
        small_data,
        tmp_path / "run",
        3,
        options=TrainingOptions(computing=computing, quiet=True),
    )
    assert host_state() == before


def host_state() -> dict[str, object]:
    """What a library must not change in the program that calls it."""
    return {
        "verbosity": transformers.logging.get_verbosity(),
        "bars": (transformers.logging.is_progress_bar_enabled(), huggingface_hub.utils.are_progress_bars_disabled()),
        "logging": (logging.root.manager.disable, logging.root.level, logging.getLogger("bitsandbytes").level),
        "warnings": list(warnings.filters),
        "environment": dict(os.environ),
        "threads": torch.get_num_threads(),
        "random": (random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()),  # noqa: NPY002
    }


@pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this build of torch computes without oneDNN")
def test_few_compiled_shapes_are_kept(run: Path) -> None:
    """A process of the program compiles anew for lengths that come back, when there were more than are kept."""
    lengths = [*range(1, CACHED_PRIMITIVES + 5)] * 2
    code = f"""
import emotion_bert
from emotion_bert.machine.computing import Computing
from emotion_bert.machine.own_process import set_up_process
set_up_process()
classifier = emotion_bert.load({str(run)!r}, "cpu")
for length in {lengths}:
    classifier.predict_proba(["a " * length])
"""
    environment = {name: value for name, value in os.environ.items() if "PRIMITIVE_CACHE" not in name}
    environment["ONEDNN_VERBOSE"] = "profile_create"
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.count("cache_miss") >= len(lengths)
