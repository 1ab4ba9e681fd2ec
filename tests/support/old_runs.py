"""Runs that version 0.1 made are evaluated again and must give what it recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from emotion_core.classifier import Classifier
from emotion_core.data.load import load_dataset
from emotion_core.evaluation.evaluate import evaluate
from emotion_core.runs.folder import read_json
from emotion_core.runs.typed_json import to_json

DIGITS = 6
"""Processors and versions of the libraries differ after these."""


def check_metrics(run_dir: Path, classifier: Classifier) -> None:
    """Raise an AssertionError unless an evaluation gives the same ``metrics.json``, byte by byte, but for the times."""
    recorded = read_json(run_dir, "metrics.json")
    del recorded["speed"]
    metrics, _ = evaluate(classifier, load_dataset("sample"), recorded["data"]["split"], speed=False)
    assert _written(to_json(metrics)) == _written(recorded)


def _written(metrics: dict[str, Any]) -> str:
    return json.dumps(_rounded(metrics), indent=2)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_rounded(entry) for entry in value]
    return round(value, DIGITS) if isinstance(value, float) else value
