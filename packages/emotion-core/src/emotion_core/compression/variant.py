"""One variant of a run: made, measured in a process of its own, written as a run folder, and judged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic

import click
import numpy as np

from emotion_core.classifier import Labels, apply_temperature
from emotion_core.compression.measure import Loading, Measurement, Result, Sizes, Variant, gzip_size, measure_apart
from emotion_core.compression.options import SPLIT, GateOptions
from emotion_core.compression.source import Source
from emotion_core.compression.technique import OptionsT, SourceT, Toolbox
from emotion_core.errors import ModelError, is_storage_fault, short_reason
from emotion_core.evaluation.calibration import calibration_record
from emotion_core.evaluation.evaluate import Evaluation, measure_predictions, write_evaluation
from emotion_core.evaluation.training_texts import copy_training_texts, trained_on, with_trained_on
from emotion_core.evaluation.versus.paired_tests import versus
from emotion_core.inference.encoding.truncation_and_padding import INPUTS_FILE, read_inputs, write_inputs
from emotion_core.inference.neutral.gate import copy_gate
from emotion_core.runs.card import model_card
from emotion_core.runs.definition import Definition, data_definition
from emotion_core.runs.folder import CARD_FILE, RUN_FILE, folder_size
from emotion_core.runs.record import RunRecord
from emotion_core.runs.record_parts import Compression, RunData, Settings
from emotion_core.runs.writer import RunWriter
from emotion_core.system.hashes import file_hash

PARITY = 1e-4
"""The most that a probability may change between the saving and the loading of a model."""

PASSED, FAILED, SKIPPED, BROKEN = "passed", "FAILED", "skipped", "broken"
"""A variant within the gate, one below it, one that cannot run here, and one that could not be made."""


def judged(name: str, result: Result, options: GateOptions) -> Variant:
    """A variant that was made, and whether it passes the gate."""
    drop = -result.versus_original.macro_f1_difference.value if result.versus_original else 0.0
    return Variant(name, FAILED if drop > options.max_drop else PASSED, result=result)


def measure_original(toolbox: Toolbox[Any, Any], source: Source) -> tuple[Result, Labels]:
    """The figures of the run that is compressed, measured as those of the variants, and the ids that it predicts."""
    found = _measure_apart(source, _loading(toolbox, source, source.folder, source.record))
    metrics = _evaluation(source, found, source.record.temperature).metrics
    return Result(metrics, _sizes(source.folder, found)), found.probabilities.argmax(axis=1)


@dataclass(frozen=True)
class Work(Generic[SourceT, OptionsT]):
    """What all variants of a run have in common.

    Attributes:
        toolbox: of the package.
        source: the run.
        options: of the techniques.
        predicted: the ids that the run itself predicts, shape (n,).
        force: replace run folders.
    """

    toolbox: Toolbox[SourceT, OptionsT]
    source: SourceT
    options: OptionsT
    predicted: Labels
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
        return judged(name, result, self.options)

    def _write(self, name: str, output: Path) -> Result:
        source = self.source
        with RunWriter(output, "compress", force=self.force, inputs=[source.run_dir]) as run:
            details = self.toolbox.techniques[name].save_all(source, run.model_dir, self.options)
            copy_training_texts(source.run_dir, run.path)
            copy_gate(source.run_dir, run.path)
            run.record = self._described(run.record, name, details)
            found = self._measure_reloaded(run)
            measured = source.dataset.split(SPLIT)
            labels = measured.labels
            if source.record.calibration is not None:
                run.record = replace(run.record, calibration=calibration_record(labels, found.probabilities))
            for file in run.model_dir.rglob(INPUTS_FILE):
                write_inputs(file.parent, read_inputs(file.parent).as_recorded(run.record))
            evaluation = _evaluation(source, found, run.record.temperature)
            against = versus(labels, self.predicted, evaluation.probabilities.argmax(axis=1))
            result = Result(evaluation.metrics, _sizes(run.model_dir, found), against, details)
            run.record = replace(run.record, compression=_compression(source, name, result))
            write_evaluation(run, measured, evaluation.metrics, evaluation.probabilities)
            run.write_text(CARD_FILE, model_card(run.record, result.metrics))
        say(source, f"{output}: {result.metrics.summary()}")
        return result

    def _measure_reloaded(self, run: RunWriter) -> Measurement:
        """Measure a saved model in a new process, which must say what this one says."""
        loading = _loading(self.toolbox, self.source, run.model_dir, run.record)
        expected = loading().predict_proba(self.source.probes)
        found = _measure_apart(self.source, loading)
        furthest = float(np.abs(found.probe_probabilities - expected).max())
        if not furthest <= PARITY:
            raise ModelError(f"Loaded afresh, its probabilities differ by up to {furthest:.2g} from those when saved.")
        return found

    def _described(self, record: RunRecord, name: str, details: Settings) -> RunRecord:
        original, dataset = self.source.record, self.source.dataset
        return replace(
            record,
            definition=definition_of(self.toolbox, self.source, self.options, name),
            package=self.toolbox.package,
            model=f"{original.model}-{name}",
            format=self.toolbox.techniques[name].layout.name,
            checkpoint=original.checkpoint,
            seed=original.seed,
            hyperparameters=original.hyperparameters,
            text_cleaning=original.text_cleaning,
            parameters=details.get("parameters", original.parameters),
            members=None if original.members is None else [each.member for each in self.source.models()],
            extra=self.source.models()[0].recorded(),
            never_predicted=original.never_predicted,
            neutral=original.neutral,
            abstain_below=original.abstain_below,
            data=RunData.of_splits(dataset.name, dataset.describe()),
        )


def definition_of(toolbox: Toolbox[SourceT, OptionsT], source: SourceT, options: OptionsT, name: str) -> Definition:
    """What decides the figures of the variant of a technique."""
    splits = [*options.splits, *(["train"] if toolbox.techniques[name].reads_train else [])]
    return {
        "run": file_hash(source.run_dir / RUN_FILE),
        "options": options.definition(),
        "data": data_definition(source.dataset, *sorted(set(splits))),
        "technique": name,
    }


def _compression(source: Source, name: str, result: Result) -> Compression:
    details: Settings = result.details or {}
    against, before = result.versus_original, source.before
    return Compression(name, str(source.run_dir), details, versus_original=against, before=before, **vars(result.sizes))


def _evaluation(source: Source, found: Measurement, temperature: float) -> Evaluation:
    probabilities = apply_temperature(found.probabilities, temperature)
    metrics = measure_predictions(source.dataset, SPLIT, probabilities, temperature)
    metrics = with_trained_on(metrics, trained_on(source.run_dir, source.record, source.dataset.split(SPLIT)))
    return Evaluation(replace(metrics, speed=found.speed), probabilities)


def _loading(toolbox: Toolbox[Any, Any], source: Source, folder: Path, record: RunRecord) -> Loading:
    return Loading(toolbox.load, toolbox.set_up, folder, record, source.device)


def _measure_apart(source: Source, loading: Loading) -> Measurement:
    return measure_apart(loading, source.dataset.split(SPLIT).texts, source.probes)


def _sizes(folder: Path, found: Measurement) -> Sizes:
    return Sizes(folder_size(folder), gzip_size(folder), found.memory_bytes, found.cores)


def say(source: Source, words: str) -> None:
    """Tell the user, unless the work is to be quiet."""
    if not source.quiet:
        click.echo(words, err=True)
