"""The block at the head of a model card that the Hugging Face hub reads: what the model is and how good it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from emotion_core.data.manifests import manifest

TASK = "text-classification"
DIGITS = 4


def metadata_block(record: dict[str, Any], metrics: dict[str, Any]) -> str:
    """The YAML block between lines of ``---``; what is not known of a model is left out.

    Args:
        record: of the run.
        metrics: of the run, as in ``metrics.json``.
    """
    trained_on = training_data(record)
    fields = {
        "language": "en",
        **trained_on.get("model_licence", {}),
        "library_name": record.get("format"),
        "pipeline_tag": TASK,
        "tags": _tags(record),
        "base_model": base_model(record),
        "datasets": [trained_on["hub_id"]] if "hub_id" in trained_on else None,
        "metrics": ["accuracy", "f1"],
        "model-index": [{"name": record["model"], "results": [_result(metrics)]}],
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return f"---\n{yaml.safe_dump(known, sort_keys=False, allow_unicode=True)}---\n"


def training_data(record: dict[str, Any]) -> dict[str, Any]:
    """The manifest's entry of the data that a model was trained on; empty when these are the user's own or unknown."""
    # An imported run names the data that it was measured on.
    return {} if record.get("imported_from") else manifest("datasets").get(record["data"]["name"], {})


def base_model(record: dict[str, Any]) -> str | None:
    """The hub id of the pre-trained checkpoint; None without one, and for a local folder, which may look like an id."""
    source = (record.get("checkpoint") or {}).get("source")
    return source if source in manifest("checkpoints") else None


def _tags(record: dict[str, Any]) -> list[str]:
    compression = record.get("compression") or {}
    return ["emotion-classification", record["package"], *filter(None, [compression.get("technique")])]


def _result(metrics: dict[str, Any]) -> dict[str, Any]:
    data = metrics["data"]
    entry = manifest("datasets").get(data["name"], {})
    name = Path(data["name"]).name  # a path such as my/posts would be taken for a dataset of the hub
    return {
        "task": {"type": TASK, "name": "Emotion classification"},
        "dataset": {
            "type": entry.get("hub_id", name),
            "name": entry.get("title", name),
            "split": data["split"],
            "revision": data["fingerprint"],
        },
        "metrics": [
            _metric(metrics["accuracy"], "accuracy", "Accuracy"),
            _metric(metrics["macro_f1"], "f1", "Macro-F1", average="macro"),
            _metric(metrics["weighted_f1"], "f1", "Weighted F1", average="weighted"),
        ],
    }


def _metric(measured: dict[str, Any], kind: str, name: str, **arguments: str) -> dict[str, Any]:
    metric = {"type": kind, "value": round(measured["value"], DIGITS), "name": name}
    return metric | {"args": arguments} if arguments else metric
