"""Compress a run in several ways: a run folder for each, measured in a process of its own, and the trade-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
import numpy as np

from emotion_bert.compression.measure import Measurement, Result, Sizes, Variant, gzip_size, measure_apart
from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import Source
from emotion_bert.compression.techniques import TECHNIQUES, verdicts
from emotion_bert.machine.device import quiet_transformers
from emotion_bert.machine.precision import stored_dtype
from emotion_bert.machine.requirements import find_packages
from emotion_bert.models.loading import load_member
from emotion_bert.models.registry import PACKAGE
from emotion_core.classifier import Labels
from emotion_core.errors import ModelError, RunError, is_storage_fault, short_reason
from emotion_core.evaluation.calibration import apply_temperature, calibration_record
from emotion_core.evaluation.evaluate import Evaluation, measure_predictions, write_evaluation
from emotion_core.evaluation.paired_tests import versus
from emotion_core.evaluation.training_texts import copy_training_texts, trained_on, with_trained_on
from emotion_core.runs.card import model_card
from emotion_core.runs.definition import Definition, data_definition, is_complete
from emotion_core.runs.folder import (
    CARD_FILE,
    RUN_FILE,
    folder_size,
    read_metrics,
    read_run,
)
from emotion_core.runs.record import RunRecord
from emotion_core.runs.record_parts import Compression, RunData, Settings
from emotion_core.runs.writer import RunWriter, claimed_folder
from emotion_core.system.hashes import file_hash
from emotion_core.system.overwriting import check_collection, check_output

ORIGINAL = "original"
SPLIT = "validation"
PARITY = 1e-4
"""The most that a probability may change between the saving and the loading of a model."""

PASSED, FAILED, SKIPPED, BROKEN = "passed", "FAILED", "skipped", "broken"
"""A variant within the gate, one below it, one that cannot run here, and one that could not be made."""


def compress(
    source: Source,
    names: Sequence[str],
    output: Path,
    options: CompressionOptions,
    *,
    resume: bool = False,
    force: bool = False,
) -> list[Variant]:
    """Write a run folder for each technique into ``output``.

    A variant counts as written when a new process has loaded it and says on some texts what it said when it was saved.
    One that cannot be made or loaded is named, and the others go on.

    Args:
        source: the run.
        names: of the techniques.
        output: the folder of the run folders.
        options: of the techniques, and of the gate; a variant that fails it is kept.
        resume: take variants that are complete, and are what is asked for, as they are.
        force: make all anew and replace run folders; with ``resume``, only those that are not what is asked for.

    Returns:
        The original first, then one a technique, in their order.

    Raises:
        RunError: a run folder is in the way, or holds a variant of another run or with other options, or another
            process is writing there.
        DataError: there is no validation split, or no train split where one is needed.
    """
    definition = _definition(source, options)
    done = {
        name: read_result(output / name)
        for name in names
        if resume and is_complete(output / name, {**definition, "technique": name}, replace=force)
    }
    check_collection(output, [source.run_dir])
    for name in set(names) - set(done):
        check_output(output / name, force=force, inputs=[source.run_dir])
    with claimed_folder(output):
        original, predicted = measure_original(source)
        source = replace(source, macro_f1=original.metrics.macro_f1.value)
        work = _Work(source, options, predicted, definition, force)
        can_run = verdicts(find_packages())
        variants = [Variant(ORIGINAL, PASSED, result=original)]
        for name in names:
            _say(source, f"{name}: {'is complete already' if name in done else TECHNIQUES[name].title}")
            if name in done:
                variants.append(_gated(name, done[name], options))
            elif can_run[name].runs:
                variants.append(work.variant(name, output / name))
            else:
                verdict = can_run[name]
                variants.append(Variant(name, SKIPPED, f"{verdict.reason}. To do: {verdict.fix}"))
    return variants


def _definition(source: Source, options: CompressionOptions) -> Definition:
    """What decides the figures of a variant but for the technique."""
    # recovery trains on the train split, and onnx-int8 is calibrated on it
    splits = ("train", SPLIT) if options.recover_epochs or options.calibration_texts else (SPLIT,)
    return {
        "run": file_hash(source.run_dir / RUN_FILE),
        "options": asdict(options),
        "data": data_definition(source.dataset, *splits),
    }


def read_result(folder: Path) -> Result:
    """The figures of a variant that was written before."""
    written = read_run(folder).compression
    if written is None or written.size_bytes is None or written.gzip_bytes is None or written.memory_bytes is None:
        raise RunError(f"{folder / RUN_FILE}: has no figures of a compression. Compress again with --force.")
    sizes = Sizes(written.size_bytes, written.gzip_bytes, written.memory_bytes, written.cores)
    return Result(read_metrics(folder), sizes, written.versus_original, written.details)


def _gated(name: str, result: Result, options: CompressionOptions) -> Variant:
    drop = -result.versus_original.macro_f1_difference.value if result.versus_original else 0.0
    return Variant(name, FAILED if drop > options.max_drop else PASSED, result=result)


def measure_original(source: Source) -> tuple[Result, Labels]:
    """The figures of the run that is compressed, measured as those of the variants, and the ids that it predicts."""
    found = _measure_apart(source, source.folder, source.record)
    metrics = _evaluation(source, found, source.record.temperature).metrics
    return Result(metrics, _sizes(source.folder, found)), found.probabilities.argmax(axis=1)


@dataclass(frozen=True)
class _Work:
    """What all variants of a run have in common.

    Attributes:
        source: the run.
        options: of the techniques.
        predicted: the ids that the run itself predicts, shape (n,).
        definition: of the variants, but for the technique.
        force: replace run folders.
    """

    source: Source
    options: CompressionOptions
    predicted: Labels
    definition: Definition
    force: bool

    def variant(self, name: str, output: Path) -> Variant:
        """Make the variant of a technique, or say why it could not be made."""
        try:
            result = self._write(name, output)
        # What the libraries raise has no common class: ONNX Runtime's errors are of their own kinds.
        except Exception as error:
            if is_storage_fault(error):
                raise  # the next technique would meet it, too
            return Variant(name, BROKEN, short_reason(error))
        return _gated(name, result, self.options)

    def _write(self, name: str, output: Path) -> Result:
        source = self.source
        with RunWriter(output, "compress", force=self.force, inputs=[source.run_dir]) as run:
            source.copy_tokenizer(run.model_dir)
            with quiet_transformers():
                details = TECHNIQUES[name].save(source, run.model_dir, self.options)
            copy_training_texts(source.run_dir, run.path)
            run.record = self._described(run.record, name)
            found = _measure_reloaded(source, run)
            measured = source.dataset.split(SPLIT)
            labels = measured.labels
            if source.record.calibration is not None:
                run.record = replace(run.record, calibration=calibration_record(labels, found.probabilities))
            evaluation = _evaluation(source, found, run.record.temperature)
            against = versus(labels, self.predicted, evaluation.probabilities.argmax(axis=1))
            result = Result(evaluation.metrics, _sizes(run.model_dir, found), against, details)
            run.record = replace(run.record, compression=_compression(source, name, result))
            write_evaluation(run, measured, *evaluation)
            run.write_text(CARD_FILE, model_card(run.record, result.metrics))
        _say(source, f"{output}: {result.metrics.summary()}")
        return result

    def _described(self, record: RunRecord, name: str) -> RunRecord:
        original, dataset = self.source.record, self.source.dataset
        return replace(
            record,
            definition={**self.definition, "technique": name},
            package=PACKAGE,
            model=f"{original.model}-{name}",
            format=TECHNIQUES[name].layout.name,
            checkpoint=original.checkpoint,
            seed=original.seed,
            hyperparameters=original.hyperparameters,
            text_cleaning=original.text_cleaning,
            parameters=original.parameters,
            extra={"weights": {"in the file": stored_dtype(self.source.folder), "loaded as": "float32"}},
            never_predicted=original.never_predicted,
            data=RunData.of_splits(dataset.name, dataset.describe()),
        )


def _compression(source: Source, name: str, result: Result) -> Compression:
    details: Settings = result.details or {}
    against = result.versus_original
    return Compression(name, str(source.run_dir), details, versus_original=against, **vars(result.sizes))


def _evaluation(source: Source, found: Measurement, temperature: float) -> Evaluation:
    probabilities = apply_temperature(found.probabilities, temperature)
    metrics = measure_predictions(source.dataset, SPLIT, probabilities, temperature)
    metrics = with_trained_on(metrics, trained_on(source.run_dir, source.record, source.dataset.split(SPLIT)))
    return Evaluation(replace(metrics, speed=found.speed), probabilities)


def _measure_reloaded(source: Source, run: RunWriter) -> Measurement:
    """Measure a saved model in a new process, which must say what this one says."""
    expected = load_member(run.model_dir, run.record, source.device).predict_proba(source.probes)
    found = _measure_apart(source, run.model_dir, run.record)
    furthest = float(np.abs(found.probe_probabilities - expected).max())
    if not furthest <= PARITY:
        raise ModelError(f"Loaded afresh, its probabilities differ by up to {furthest:.2g} from those when saved.")
    return found


def _measure_apart(source: Source, folder: Path, record: RunRecord) -> Measurement:
    texts = source.dataset.split(SPLIT).texts
    return measure_apart(folder, record, source.device, texts, source.probes)


def _sizes(folder: Path, found: Measurement) -> Sizes:
    return Sizes(folder_size(folder), gzip_size(folder), found.memory_bytes, found.cores)


def _say(source: Source, words: str) -> None:
    if not source.quiet:
        click.echo(words, err=True)
