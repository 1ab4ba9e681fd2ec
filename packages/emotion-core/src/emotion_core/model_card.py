"""The model card (README.md) of a training run."""

from __future__ import annotations

from typing import Any

from emotion_core.labels import ID_TO_EMOTION
from emotion_core.metrics import format_interval


def model_card(record: dict[str, Any], metrics: dict[str, Any]) -> str:
    """What the model is, what it was trained on, how good it was, its limits, and how to use it, as Markdown."""
    data = metrics["data"]
    rows = [
        f"| {name} | {format_interval(metrics[key])} |"
        for name, key in (("Accuracy", "accuracy"), ("Macro-F1", "macro_f1"), ("Weighted F1", "weighted_f1"))
    ]
    for emotion, scores in metrics["per_class"].items():
        rows.append(f"| F1 of {emotion} | {format_interval(scores['f1'])} |")
    settings = "\n".join(f"- {name}: {value}" for name, value in record["hyperparameters"].items())
    splits = "\n".join(
        f"- {name}: {split['rows']} rows, fingerprint `{split['fingerprint']}`{_cleaned(split.get('cleaned'))}"
        for name, split in record["data"]["splits"].items()
    )
    return f"""# {record["model"]}: six emotions in short texts

Predicts one of {", ".join(f"{label} {name}" for label, name in ID_TO_EMOTION.items())} for a short English text.
{_origin(record)}

## Measured on the {data["split"]} split of {data["name"]} ({data["rows"]} texts)

With 95 % bootstrap intervals over the texts. {_caution(record)}

| Metric | Value |
|---|---|
{chr(10).join(rows)}

## Data

{splits}

## Settings

- seed: {record["seed"]}
- text cleaning: `{record["text_cleaning"]}`
- temperature: {_temperature(record.get("calibration"))}
{settings}

## Limits

There is no neutral class: every text gets one of the six emotions. The model knows texts like its training data,
which for the emotion tweets are lower-case English with labels from hashtags. The licence of the training data may
restrict the use of the model; the emotion tweets are for education and research only.

## Use

```
{record["package"]} predict PATH_OF_THIS_FOLDER "i did not see that coming"
```
"""


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
