"""Other programs open what emotion-bert wrote: transformers 4 the models, Optimum the graphs.

`nox -s interop` has the runs written in an environment of emotion-bert and opened in one that does not know it.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

RUNS = Path(os.environ.get("INTEROP_RUNS", "interop-output"))
TEXTS = Path(__file__).with_name("texts.txt")
GRAPHS = ("onnx", "onnx-int8")

transformers = pytest.importorskip("transformers", reason="transformers is not installed (nox -s interop)")
onnxruntime_models = pytest.importorskip("optimum.onnxruntime", reason="Optimum is not installed (nox -s interop)")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Texts that need no cleaning."""
    return TEXTS.read_text(encoding="utf-8").splitlines()


def predicted_by_us(name: str) -> list[dict[str, float]]:
    """The probabilities that emotion-bert gave the texts, without a temperature."""
    with (RUNS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            {key.removeprefix("probability_"): float(row[key]) for key in row if key.startswith("probability_")}
            for row in csv.DictReader(file)
        ]


def assert_same(answers: list[list[dict[str, object]]], name: str) -> None:
    """The scores of a pipeline, by emotion, are the probabilities that emotion-bert wrote with six decimals."""
    scores = [{str(entry["label"]): entry["score"] for entry in answer} for answer in answers]
    expected = predicted_by_us(name)
    assert len(scores) == len(expected) > 0
    for found, wanted in zip(scores, expected, strict=True):
        assert found == pytest.approx(wanted, abs=2e-6)


def test_the_model_folder_opens_in_a_pipeline(texts: list[str]) -> None:
    """transformers.pipeline gives the six emotions the same probabilities."""
    pipeline = transformers.pipeline("text-classification", model=str(RUNS / "run" / "model"), top_k=None, device="cpu")
    assert_same(pipeline(texts), "run")


def open_graph(name: str) -> tuple[Any, Any]:
    """A graph as a model of Optimum, and its tokenizer."""
    folder = str(RUNS / "compressed" / name / "model")
    model = onnxruntime_models.ORTModelForSequenceClassification.from_pretrained(folder)
    return model, transformers.AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_opens_as_a_model_of_optimum(texts: list[str], name: str) -> None:
    """ORTModelForSequenceClassification gives logits whose softmax is what emotion-bert predicted."""
    model, tokenizer = open_graph(name)
    logits = model(**tokenizer(texts, padding=True, return_tensors="np")).logits.astype(float)
    odds = np.exp(logits)
    found = [
        dict(zip(model.config.id2label.values(), row, strict=True)) for row in odds / odds.sum(axis=1, keepdims=True)
    ]
    for probabilities, wanted in zip(found, predicted_by_us(name), strict=True):
        assert probabilities == pytest.approx(wanted, abs=2e-6)


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_opens_in_a_pipeline(texts: list[str], name: str) -> None:
    """transformers.pipeline takes the graph and its tokenizer; one batch, over which INT8 takes its ranges."""
    model, tokenizer = open_graph(name)
    pipeline = transformers.pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None, device="cpu")
    assert_same(pipeline(texts, batch_size=len(texts)), name)
