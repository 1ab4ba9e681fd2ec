"""Runs that version 0.1 made are evaluated again and must give what it recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emotion_core.classifier import Classifier
from emotion_core.data.load import load_dataset
from emotion_core.evaluation.evaluate import evaluate
from emotion_core.runs.folder import METRICS_FILE, read_json
from emotion_core.runs.typed_json import to_json

OF_PROBABILITIES = ("log_loss", "expected_calibration_error")
"""What follows from the probabilities themselves; all other figures follow from which emotion is the most probable."""

TOLERANCE = 1e-5
"""Relative. TensorFlow, torch and ONNX Runtime choose their kernels by the instructions of the processor, and another
order of the additions changes the last bits of float32, 1.2e-7 each. Recorded with AVX-512 and evaluated without, the
figures of these runs differ by at most 2e-7."""


def check_metrics(run_dir: Path, classifier: Classifier) -> None:
    """Raise an AssertionError unless an evaluation gives the same ``metrics.json`` as a run has, but for the times.

    The file is the same byte for byte, with two exceptions: `OF_PROBABILITIES` may differ by the `TOLERANCE`, and the
    bounds of the scores are those of another interval since then, which hold the score, too.
    """
    recorded = read_json(run_dir, METRICS_FILE)
    assert _written(recorded) == (run_dir / METRICS_FILE).read_text(encoding="utf-8")
    del recorded["speed"]
    metrics, *_ = evaluate(classifier, load_dataset("sample"), recorded["data"]["split"], speed=False)
    found = to_json(metrics)
    for name in OF_PROBABILITIES:
        assert found[name] == pytest.approx(recorded[name], rel=TOLERANCE), name
        found[name] = recorded[name]
    assert _written(_with_bounds_of(recorded, found)) == _written(recorded)


def _with_bounds_of(recorded: Any, found: Any) -> Any:
    """What was found, where each score that lies within its bounds gets those that were recorded."""
    if not isinstance(found, dict) or not isinstance(recorded, dict):
        return found
    if found.keys() == {"value", "low", "high"} and found["low"] is not None:
        assert found["low"] <= found["value"] <= found["high"]
        return found | {name: recorded[name] for name in ("low", "high")}
    return {name: _with_bounds_of(recorded.get(name), entry) for name, entry in found.items()}


def _written(metrics: dict[str, Any]) -> str:
    return json.dumps(metrics, indent=2, ensure_ascii=False) + "\n"
