"""The model card (README.md) of a training run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from emotion_core.data.manifests import manifest
from emotion_core.labels import ID_TO_EMOTION, N_EMOTIONS
from emotion_core.runs.card_usage import usage
from emotion_core.runs.record import format_interval


def model_card(record: dict[str, Any], metrics: dict[str, Any]) -> str:
    """What the model is, what it was trained on, how good it was, its limits, and how to use it.

    Args:
        record: of the run: ``package``, ``model``, ``seed``, ``hyperparameters``, ``text_cleaning`` and ``data``.
        metrics: of the run, as in ``metrics.json``.

    Returns:
        Markdown with the metadata block of the Hugging Face hub at its head.
    """
    data = metrics["data"]
    return f"""{metadata_block(record, metrics)}
# {record["model"]}: six emotions in short texts

Predicts one of {", ".join(f"{label} {name}" for label, name in ID_TO_EMOTION.items())} for a short English text.
{_origin(record)}

## Intended use

Research and teaching on the emotion that the writer of a short English text shows, and counts over many texts. Not for
decisions about single people: many of its answers are wrong, as the figures below say.

## Measured on the {data["split"]} split of {data["name"]} ({data["rows"]} texts)

With 95 % bootstrap intervals over the texts. {_caution(record)}

| Metric | Value |
|---|---|
{_rows(metrics)}

## Data

{_splits(record)}

{_licences(record)}

## Settings

{_settings(record)}

## Limits

{_limits(record)}

## Use

{usage(record)}"""


def _rows(metrics: dict[str, Any]) -> str:
    averages = (("Accuracy", "accuracy"), ("Macro-F1", "macro_f1"), ("Weighted F1", "weighted_f1"))
    rows = [f"| {name} | {format_interval(metrics[key])} |" for name, key in averages]
    for emotion, scores in metrics["per_class"].items():
        rows.append(f"| F1 of {emotion} | {format_interval(scores['f1'])} |")
    return "\n".join(rows)


def _splits(record: dict[str, Any]) -> str:
    return "\n".join(
        f"- {name}: {split['rows']} rows, fingerprint `{split['fingerprint']}`{_cleaned(split.get('cleaned'))}"
        for name, split in record["data"]["splits"].items()
    )


def _licences(record: dict[str, Any]) -> str:
    if record.get("imported_from"):
        words = "These are the texts that it was measured on. What it was trained on is not known, nor that licence."
    elif data := training_data(record):
        words = f"{data['title']}. Source: {data['source']}. Licence of the data: {data['licence']}."
    else:
        words = f"{record['data']['name']}: own data, of whose source and licence nothing is known here."
    if (source := base_model(record)) is not None:
        words += f"\nPre-trained model: `{source}`, licence: {manifest('checkpoints')[source]['licence']}."
    return f"{words}\nWhoever publishes the model looks at these licences first."


def _settings(record: dict[str, Any]) -> str:
    named = {
        "seed": record["seed"],
        "text cleaning": f"`{record['text_cleaning']}`",
        "temperature": _temperature(record.get("calibration")),
    }
    return "\n".join(f"- {name}: {value}" for name, value in (named | record["hyperparameters"]).items())


def _limits(record: dict[str, Any]) -> str:
    limits = [
        f"There are {N_EMOTIONS} emotions and no neutral class: every text gets one of the {N_EMOTIONS}.",
        "It is made for English, and knows texts like its training data; on others the figures do not hold.",
    ]
    if record["text_cleaning"] == "letters_only":
        limits.append("It reads letters only: case, punctuation, digits and other scripts are lost on it.")
    return "\n".join(f"- {limit}" for limit in limits + training_data(record).get("limits", []))


def _temperature(calibration: dict[str, Any] | None) -> str:
    return f"{calibration['temperature']:.4f}, fitted on {calibration['fitted_on']}" if calibration else "none"


def _cleaned(counts: dict[str, Any] | None) -> str:
    if not counts:
        return ""
    removed = counts["rows_before"] - counts["rows_after"]
    return f", after {removed} duplicated or conflicting rows were removed"


def _origin(record: dict[str, Any]) -> str:
    if compression := record.get("compression"):
        return f"Made by {record['package']} compress from `{compression['of']}` with `{compression['technique']}`."
    if imported := record.get("imported_from"):
        source = f"Imported by {record['package']} from `{imported['file']}`, which another program wrote."
        return f"{source}\nWhat that file says of the training is in `run.json`."
    return f"Trained with {record['package']}; every setting, version and fingerprint is in `run.json`."


def _caution(record: dict[str, Any]) -> str:
    if record.get("imported_from"):
        return "Which texts the model was trained on is not\nknown; if these are among them, the figures are too good."
    if record.get("compression"):
        return "The original was chosen on validation, so figures measured\non validation are slightly optimistic."
    return "The best epoch was chosen on validation, so figures measured on\nvalidation are slightly optimistic."


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
