"""The head of a model card, from which the Hugging Face hub takes what it shows of a model."""

from __future__ import annotations

from pathlib import Path

from emotion_core.data.published.manifests import ManifestEntry, manifest, named_datasets
from emotion_core.imports import needs
from emotion_core.runs.metrics import Metrics, Score
from emotion_core.runs.record import RunRecord

TASK = "text-classification"


DIGITS = 4


def metadata_block(record: RunRecord, metrics: Metrics) -> str:
    """The YAML block between lines of ``---``; what is not known of a model is left out.

    Args:
        record: of the run.
        metrics: of the run.
    """
    trained_on = training_data(record)
    fields = {
        "language": "en",
        **next((entry["model_licence"] for entry in trained_on if "model_licence" in entry), {}),
        "library_name": record.format,
        "pipeline_tag": TASK,
        "tags": _tags(record),
        "base_model": base_model(record),
        "datasets": [entry["hub_id"] for entry in trained_on if "hub_id" in entry] or None,
        "metrics": ["accuracy", "f1"],
        "model-index": [{"name": record.model, "results": [_result(metrics)]}],
    }
    needs("study", "yaml", who="a model card")
    import yaml

    known = {name: value for name, value in fields.items() if value is not None}
    return f"---\n{yaml.safe_dump(known, sort_keys=False, allow_unicode=True)}---\n"


def training_data(record: RunRecord) -> list[ManifestEntry]:
    """The manifest's entries of the data that a model was trained on; none for the user's own or unknown ones."""
    # An imported run names the data that it was measured on.
    known = named_datasets()
    return [] if record.imported_from else [known[name] for name in data_names(record) if name in known]


def base_model(record: RunRecord) -> str | None:
    """The hub id of the pre-trained checkpoint; None without one, and for a local folder, which may look like an id."""
    source = record.checkpoint.source if record.checkpoint else None
    return source if source in manifest("checkpoints") else None


def data_names(record: RunRecord) -> list[str]:
    """What the data are called that a run was trained with or measured on."""
    return record.data.names if record.data else [""]


def _tags(record: RunRecord) -> list[str]:
    technique = [record.compression.technique] if record.compression else []
    return ["emotion-classification", record.package, *technique]


def _result(metrics: Metrics) -> dict[str, object]:
    data = metrics.data
    entry = named_datasets().get(data.name, {})
    name = Path(data.name).name  # a path such as my/posts would be taken for a dataset of the hub
    return {
        "task": {"type": TASK, "name": "Emotion classification"},
        "dataset": {
            "type": entry.get("hub_id", name),
            "name": entry.get("title", name),
            "split": data.split,
            "revision": data.fingerprint,
        },
        "metrics": [
            _metric(metrics.accuracy, "accuracy", "Accuracy"),
            _metric(metrics.macro_f1, "f1", "Macro-F1", average="macro"),
            _metric(metrics.weighted_f1, "f1", "Weighted F1", average="weighted"),
        ],
    }


def _metric(measured: Score, kind: str, name: str, **arguments: str) -> dict[str, object]:
    metric: dict[str, object] = {"type": kind, "value": round(measured.value, DIGITS), "name": name}
    return metric | {"args": arguments} if arguments else metric
