"""Turn the checkpoint of an old study into a run folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import torch
from transformers import PreTrainedModel

from emotion_bert.legacy.labels import OldLabels, find_labels
from emotion_bert.legacy.old_checkpoint import OldCheckpoint
from emotion_bert.machine.device import choose_device, quiet_transformers
from emotion_bert.models.checkpoints import Checkpoint, load_tokenizer, resolved
from emotion_bert.models.classifier import TransformerClassifier
from emotion_bert.models.heads import put_in_order
from emotion_bert.models.registry import CLEANING, PACKAGE, Hyperparameters, ModelEntry, find_model
from emotion_bert.models.start import build_model
from emotion_bert.tokens.fitting import fit_model
from emotion_bert.tokens.presence import require_reading
from emotion_bert.tokens.saving import N_PROBE_TEXTS, save_tokenizer
from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.dataset import Dataset
from emotion_core.errors import ModelError
from emotion_core.evaluation.evaluate import evaluate, write_evaluation
from emotion_core.runs.card import model_card
from emotion_core.runs.folder import CARD_FILE
from emotion_core.runs.layouts import TRANSFORMERS
from emotion_core.runs.metrics import Metrics
from emotion_core.runs.record import RunRecord
from emotion_core.runs.record_parts import ImportedFrom, RunData
from emotion_core.runs.writer import RunWriter
from emotion_core.system.hashes import file_hash
from emotion_core.training.bar import progress_bar

MEASURED_SPLIT = "validation"


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How a checkpoint is imported.

    Attributes:
        max_length: tokens of a text that are read.
        device: where to measure: ``auto``, ``cpu`` or ``gpu``.
        force: replace a run of that name.
        quiet: show no progress.
        labels: the names of the checkpoint's outputs in their order; empty for what the checkpoint or its model says.
    """

    max_length: int
    device: str = "auto"
    force: bool = False
    quiet: bool = False
    labels: Sequence[str] = ()


def find_entry(old: OldCheckpoint, model_id: str | None) -> ModelEntry:
    """The model that the weights are of.

    Args:
        old: the checkpoint.
        model_id: a hub id, a name of the registry or a local folder; None for what the checkpoint says.

    Raises:
        ModelError: there is no such model, or nothing says which.
    """
    if model_id is not None:
        return find_model(model_id)
    said = old.statements["model_id"]
    if not isinstance(said, str) or not said:
        raise ModelError(f"{old.path}: does not say its 'model_id'. Give it with --model-id, e.g. a hub id.")
    try:
        return find_model(said)
    except ModelError as error:
        raise ModelError(
            f"{old.path}: its 'model_id' is of no use here. Give another with --model-id. ({error})"
        ) from error


def find_max_length(old: OldCheckpoint, max_length: int | None) -> int:
    """Tokens of a text that are read: ``max_length``, else what the old training had, else the default.

    Raises:
        ModelError: what the checkpoint states is no length.
    """
    if max_length is not None:
        return max_length
    stated = old.config.get("max_length", Hyperparameters().max_length)
    if isinstance(stated, bool) or not isinstance(stated, int) or stated < 1:
        raise ModelError(f"{old.path}: its config has the max_length {stated!r}. Give the number with --max-length.")
    return stated


@quiet_transformers()
def import_checkpoint(
    old: OldCheckpoint,
    checkpoint: Checkpoint,
    dataset: Dataset,
    output: Path,
    options: ImportOptions,
) -> Metrics:
    """Put the weights into the architecture of ``checkpoint`` and write the run folder ``output``.

    Args:
        old: what was read from the file.
        checkpoint: gives config and tokenizer; its weights are not needed.
        dataset: its validation split is measured.
        output: the folder to make.
        options: how.

    Returns:
        The metrics on validation, measured on the saved and reloaded model.

    Raises:
        ModelError: config, tokenizer or device are not available, the weights do not fit the architecture, or their
            labels are not the six emotions.
        RunError: the output is in the way or cannot be written.
    """
    choose_device(options.device)  # asked now, not after the work
    with RunWriter(output, "import", force=options.force, inputs=[old.path, checkpoint.location]) as run:
        model = _build(checkpoint)
        checkpoint = resolved(checkpoint)
        labels = find_labels(old, checkpoint, options.labels)
        fill(model, old)
        put_in_order(model, labels.order)
        if remark := labels.remark(old.path):
            click.echo(remark, err=True)
        tokenizer = load_tokenizer(checkpoint, options.max_length)
        fit_model(model, tokenizer, checkpoint.location)
        model.save_pretrained(run.model_dir)
        texts = [CLEANERS[CLEANING](text) for text in dataset.split(MEASURED_SPLIT).texts[:N_PROBE_TEXTS]]
        require_reading(tokenizer, texts, checkpoint.location)
        save_tokenizer(tokenizer, run.model_dir, texts)
        run.record = _described(run.record, old, checkpoint, labels, options.max_length)
        run.record = replace(run.record, parameters=model.num_parameters())
        reloaded = TransformerClassifier.load_folder(run.model_dir, CLEANING, options.max_length, options.device)
        return _measure(run, reloaded, dataset, quiet=options.quiet)


def _measure(run: RunWriter, classifier: TransformerClassifier, dataset: Dataset, *, quiet: bool) -> Metrics:
    """Evaluate and write it down; not as after a training, whose splits, epochs and calibration are not known here."""
    measured = dataset.split(MEASURED_SPLIT)
    with progress_bar("Predicting", len(measured), quiet=quiet) as advance:
        metrics, probabilities, _ = evaluate(classifier, dataset, MEASURED_SPLIT, progress=advance)
    described = {MEASURED_SPLIT: dataset.describe()[MEASURED_SPLIT]}
    run.record = replace(run.record, data=RunData.of_splits(dataset.name, described))
    write_evaluation(run, measured, metrics, probabilities)
    run.write_text(CARD_FILE, model_card(run.record, metrics))
    return metrics


def fill(model: PreTrainedModel, old: OldCheckpoint) -> None:
    """Load the weights into a model, all of them and nothing else.

    Raises:
        ModelError: keys are missing or surplus, or weights have another shape or are not finite; each kind is named.
    """
    expected = model.state_dict()
    common = [key for key in expected if key in old.weights]
    misshapen = [
        f"{key} {tuple(old.weights[key].shape)} instead of {tuple(expected[key].shape)}"
        for key in common
        if old.weights[key].shape != expected[key].shape
    ]
    problems = {
        "missing": [key for key in expected if key not in old.weights],
        "surplus": [key for key in old.weights if key not in expected],
        "of another shape": misshapen,
        "not finite floating-point numbers": [key for key in common if not _is_finite(old.weights[key])],
    }
    if any(problems.values()):
        found = "; ".join(f"{len(keys)} {kind} ({_first(keys)})" for kind, keys in problems.items() if keys)
        raise ModelError(
            f"{old.path}: the weights do not fit {type(model).__name__} of {model.config.name_or_path} with six "
            f"labels: {found}. Give the model that they were made from with --model-id."
        )
    model.load_state_dict(old.weights)


def _is_finite(weight: torch.Tensor) -> bool:
    return weight.is_floating_point() and bool(torch.isfinite(weight).all())


def _first(keys: list[str]) -> str:
    return ", ".join(keys[:3]) + (", ..." if len(keys) > 3 else "")


def _build(checkpoint: Checkpoint) -> PreTrainedModel:
    try:
        return build_model(checkpoint)
    except ModelError as error:
        raise ModelError(f"{error} An import needs only its config and tokenizer: --model-id FOLDER.") from error


def _described(
    record: RunRecord, old: OldCheckpoint, checkpoint: Checkpoint, labels: OldLabels, max_length: int
) -> RunRecord:
    seed = old.config.get("seed")
    return replace(
        record,
        package=PACKAGE,
        model=checkpoint.entry.name,
        format=TRANSFORMERS.name,
        checkpoint=checkpoint.describe(),
        seed=seed if isinstance(seed, int) else None,
        hyperparameters={**old.config, "max_length": max_length},
        # The old studies fed raw texts. Their public tweets are letters only, which the cleaning leaves as they are.
        text_cleaning=CLEANING,
        imported_from=ImportedFrom(
            old.path.name,
            file_hash(old.path),
            extra={
                **old.statements,
                "outputs": list(labels.names),
                "outputs_named_by": labels.stated_by or "nothing; assumed",
            },
        ),
        extra={"weights": {"in the file": old.dtype, "loaded as": "float32"}},
    )
