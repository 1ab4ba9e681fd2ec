"""The model card (README.md) of a training run."""

from __future__ import annotations

from emotion_core.data.published.manifests import manifest, named_datasets
from emotion_core.labels import ID_TO_EMOTION, N_EMOTIONS, UNCERTAIN
from emotion_core.printable import code, markdown
from emotion_core.runs.hub.metadata import base_model, data_names, metadata_block, training_data
from emotion_core.runs.layouts import TFIDF, usage
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record import RunRecord
from emotion_core.runs.record_parts import Calibration, Cleaned, SplitData


def model_card(record: RunRecord, metrics: Metrics) -> str:
    """What the model is, what it was trained on, how good it was, its limits, and how to use it.

    Args:
        record: of the run.
        metrics: of the run.

    Returns:
        Markdown with the metadata block of the Hugging Face hub at its head.
    """
    data = metrics.data
    return f"""{metadata_block(record, metrics)}
# {markdown(record.model)}: six emotions in short texts

Predicts one of {", ".join(f"{label} {name}" for label, name in ID_TO_EMOTION.items())} for a short English text.
{_origin(record)}
{_never_predicted(record)}
## Intended use

Research and teaching on the emotion that the writer of a short English text shows, and counts over many texts. Not for
decisions about single people: many of its answers are wrong, as the figures below say.

## Measured on the {markdown(data.split)} split of {markdown(data.name)} ({data.rows} texts)

With 95 % intervals over the texts. {_caution(record)}

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


def _never_predicted(record: RunRecord) -> str:
    if not record.never_predicted:
        return ""
    emotions = ", ".join(record.never_predicted)
    return f"\n**Never predicted: {emotions}.** It was trained on no text of that; such texts get another emotion.\n"


def _rows(metrics: Metrics) -> str:
    averages = {"Accuracy": metrics.accuracy, "Macro-F1": metrics.macro_f1, "Weighted F1": metrics.weighted_f1}
    rows = [f"| {name} | {score} |" for name, score in averages.items()]
    rows += [f"| F1 of {emotion} | {scores.f1} |" for emotion, scores in metrics.per_class.items()]
    return "\n".join(rows)


def _splits(record: RunRecord) -> str:
    splits, mix = (record.data.splits, record.data.mix) if record.data else (None, None)
    lines = [
        f"- {markdown(name)}: {split.rows} rows, fingerprint {code(split.fingerprint)}"
        f"{_cleaned(split.cleaned)}{_left_out(split)}"
        for name, split in (splits or {}).items()
    ]
    parts = [f"{source.rows} of {markdown(source.name)}" for source in (mix.sources if mix else [])]
    return "\n".join([*lines, *([f"- the rows of train: {', '.join(parts)}"] if parts else [])])


def _licences(record: RunRecord) -> str:
    if record.imported_from:
        words = "These are the texts that it was measured on. What it was trained on is not known, nor that licence."
    else:
        words = "\n".join(_licence(name) for name in data_names(record))
    if (source := base_model(record)) is not None:
        words += f"\nPre-trained model: `{source}`, licence: {manifest('checkpoints')[source]['licence']}."
    return f"{words}\nWhoever publishes the model looks at these licences first."


def _settings(record: RunRecord) -> str:
    named = {
        "seed": record.seed,
        "text cleaning": code(record.text_cleaning),
        "temperature": _temperature(record.calibration),
    }
    return "\n".join(
        f"- {name}: {value}"
        for name, value in {
            **named,
            **{markdown(name): markdown(value) for name, value in (record.hyperparameters or {}).items()},
        }.items()
    )


def _limits(record: RunRecord) -> str:
    limits = [
        str(record.neutral or f"There are {N_EMOTIONS} emotions and no neutral class: every text gets one of them."),
        *([f"It never predicts {', '.join(record.never_predicted)}."] if record.never_predicted else []),
        "It is made for English, and knows texts like its training data; on others the figures do not hold.",
    ]
    if below := record.abstain_below:
        limits.append(f"With a highest probability below {below} it says {UNCERTAIN}, unless asked not to.")
    if record.text_cleaning == "letters_only":
        limits.append("It reads letters only: case, punctuation, digits and other scripts are lost on it.")
    of_data = [limit for entry in training_data(record) for limit in entry.get("limits", [])]
    return "\n".join(f"- {limit}" for limit in limits + of_data)


def _temperature(calibration: Calibration | None) -> str:
    if calibration is None:
        return "none"
    if calibration.reason is not None:
        return f"1, not fitted on {calibration.fitted_on}: {calibration.reason}"
    return f"{calibration.temperature:.4f}, fitted on {calibration.fitted_on}"


def _cleaned(counts: Cleaned | None) -> str:
    if counts is None:
        return ""
    removed = counts.rows_before - counts.rows_after
    return f", after {removed} duplicated or conflicting rows were removed"


def _left_out(split: SplitData) -> str:
    words = f"; {split.dropped} rows of the file were left out" if split.dropped else ""
    return words + (f"; {split.in_train} of its texts stand in train, too" if split.in_train else "")


def _origin(record: RunRecord) -> str:
    package = markdown(record.package)
    if compression := record.compression:
        made = f"Made by {package} compress from {code(compression.of)} with {code(compression.technique)}."
        steps = [f"{code(step.technique)} on {code(step.of)}" for step in compression.before or []]
        return f"{made}\nBefore that: {', then '.join(steps)}." if steps else made
    if imported := record.imported_from:
        source = f"Imported by {package} from {code(imported.file)}, which another program wrote."
        return f"{source}\nWhat that file says of the training is in `run.json`."
    return f"Trained with {package}; every setting, version and fingerprint is in `run.json`."


def _caution(record: RunRecord) -> str:
    if record.imported_from:
        return "Which texts the model was trained on is not\nknown; if these are among them, the figures are too good."
    if record.format == TFIDF.name:
        return "Nothing was chosen on validation but the temperature, which\nchanges none of these figures."
    if record.compression:
        return "The original was chosen on validation, so figures measured\non validation are slightly optimistic."
    return "The best epoch was chosen on validation, so figures measured on\nvalidation are slightly optimistic."


def _licence(name: str) -> str:
    if data := named_datasets().get(name):
        return f"{data['title']}. Source: {data['source']}. Licence of the data: {data['licence']}."
    return f"{markdown(name)}: own data, of whose source and licence nothing is known here."
