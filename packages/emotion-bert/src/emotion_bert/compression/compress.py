"""Compress a run in several ways: a run folder for each, measured in a process of its own, and the trade-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from emotion_bert.compression.measure import gzip_size, measure_apart
from emotion_bert.compression.source import Source
from emotion_bert.compression.techniques import TECHNIQUES, CompressionOptions, Technique, verdicts
from emotion_bert.machine.requirements import find_packages
from emotion_bert.models.loading import load_member
from emotion_bert.models.registry import PACKAGE
from emotion_core.errors import ModelError, is_storage_fault, short_reason
from emotion_core.evaluation.bootstrap import compare_predictions
from emotion_core.evaluation.calibration import apply_temperature, calibration_record
from emotion_core.evaluation.evaluate import measure_predictions, summary_line, write_evaluation
from emotion_core.runs.card import model_card
from emotion_core.runs.definition import Definition, data_definition, is_complete
from emotion_core.runs.folder import (
    CARD_FILE,
    METRICS_FILE,
    RUN_FILE,
    RunWriter,
    check_output,
    claimed_folder,
    folder_size,
    read_json,
    read_run,
)
from emotion_core.system.hashes import file_hash
from emotion_core.system.outputs import check_collection

ORIGINAL = "original"
SPLIT = "validation"
PARITY = 1e-4
"""The most that a probability may change between the saving and the loading of a model."""

PASSED, FAILED, SKIPPED, BROKEN = "passed", "FAILED", "skipped", "broken"
"""A variant within the gate, one below it, one that cannot run here, and one that could not be made."""


@dataclass
class Variant:
    """What became of one technique.

    Attributes:
        name: of the technique, or `ORIGINAL`.
        state: `PASSED`, `FAILED`, `SKIPPED` or `BROKEN`.
        reason: why it is skipped or broken.
        result: its figures; empty where there are none.
    """

    name: str
    state: str
    reason: str | None = None
    result: dict[str, Any] | None = None


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
        name: _figures(output / name)
        for name in names
        if resume and is_complete(output / name, definition | {"technique": name}, replace=force)
    }
    check_collection(output, [source.run_dir])
    for name in set(names) - set(done):
        check_output(output / name, force=force, inputs=[source.run_dir])
    with claimed_folder(output):
        original = measure_original(source)
        source = replace(source, macro_f1=original["metrics"]["macro_f1"]["value"])
        can_run = verdicts(find_packages())
        variants = [Variant(ORIGINAL, PASSED, result=original)]
        for name in names:
            _say(source, f"{name}: {'is complete already' if name in done else TECHNIQUES[name].title}")
            if name in done:
                variants.append(_gated(name, done[name], options))
            elif can_run[name]["runs"]:
                variants.append(_made(source, name, output / name, options, original, definition, force=force))
            else:
                verdict = can_run[name]
                variants.append(Variant(name, SKIPPED, f"{verdict['reason']}. To do: {verdict['fix']}"))
    return variants


def _definition(source: Source, options: CompressionOptions) -> dict[str, Any]:
    """What decides the figures of a variant but for the technique."""
    # recovery trains on the train split, and onnx-int8 is calibrated on it
    splits = ("train", SPLIT) if options.recover_epochs or options.calibration_texts else (SPLIT,)
    return {
        "run": file_hash(source.run_dir / RUN_FILE),
        "options": asdict(options),
        "data": data_definition(source.dataset, *splits),
    }


def _figures(folder: Path) -> dict[str, Any]:
    """The figures of a variant that was written before."""
    written = read_run(folder)["compression"]
    return {"metrics": read_json(folder, METRICS_FILE)} | {
        name: value for name, value in written.items() if name not in ("technique", "of", "definition")
    }


def _made(
    source: Source,
    name: str,
    folder: Path,
    options: CompressionOptions,
    original: dict[str, Any],
    definition: Definition,
    *,
    force: bool,
) -> Variant:
    try:
        result = _write(source, name, folder, options, original, definition, force=force)
    except Exception as error:  # what the libraries raise has no common class: ONNX Runtime's are of their own kinds
        if is_storage_fault(error):
            raise  # the next technique would meet it, too
        return Variant(name, BROKEN, short_reason(error))
    return _gated(name, result, options)


def _gated(name: str, result: dict[str, Any], options: CompressionOptions) -> Variant:
    drop = -result["versus_original"]["macro_f1_difference"]["value"]
    return Variant(name, FAILED if drop > options.max_drop else PASSED, result=result)


def measure_original(source: Source) -> dict[str, Any]:
    """The figures of the run that is compressed, measured as those of the variants."""
    found = _measure_apart(source, source.folder, source.record)
    temperature = source.record.get("calibration", {}).get("temperature", 1.0)
    metrics = measure_predictions(
        source.dataset, SPLIT, apply_temperature(found["probabilities"], temperature), temperature
    )
    return {
        "metrics": metrics | {"speed": found["speed"]},
        "predicted": found["probabilities"].argmax(axis=1),
    } | _sizes(source.folder, found)


def _write(
    source: Source,
    name: str,
    output: Path,
    options: CompressionOptions,
    original: dict[str, Any],
    definition: Definition,
    *,
    force: bool,
) -> dict[str, Any]:
    technique = TECHNIQUES[name]
    with RunWriter(output, "compress", force=force, inputs=[source.run_dir]) as run:
        source.copy_tokenizer(run.model_dir)
        details = technique.save(source, run.model_dir, options)
        run.record |= _record(source, name, technique, details)
        found = _measure_reloaded(source, run)
        probabilities = found["probabilities"]
        labels = source.dataset.split(SPLIT)["label"].to_numpy()
        temperature = 1.0
        if "calibration" in source.record:
            run.record["calibration"] = calibration_record(labels, probabilities)
            temperature = run.record["calibration"]["temperature"]
        probabilities = apply_temperature(probabilities, temperature)
        metrics = measure_predictions(source.dataset, SPLIT, probabilities, temperature) | {"speed": found["speed"]}
        versus = compare_predictions(labels, original["predicted"], probabilities.argmax(axis=1))
        sizes = _sizes(run.model_dir, found)
        run.record["compression"] |= {"versus_original": versus} | sizes
        run.record["definition"] = {**definition, "technique": name}
        write_evaluation(run, source.dataset.split(SPLIT), metrics, probabilities)
        run.write_text(CARD_FILE, model_card(run.record, metrics))
    _say(source, f"{output}: {summary_line(metrics)}")
    return {"metrics": metrics, "versus_original": versus, "details": details} | sizes


def _record(source: Source, name: str, technique: Technique, details: dict[str, Any]) -> dict[str, Any]:
    copied = ("checkpoint", "seed", "hyperparameters", "text_cleaning", "parameters")
    return {entry: source.record.get(entry) for entry in copied} | {
        "package": PACKAGE,
        "model": f"{source.record['model']}-{name}",
        "format": technique.format,
        "data": {"name": source.dataset.name, "splits": source.dataset.describe()},
        "compression": {"technique": name, "of": str(source.run_dir), "details": details},
    }


def _measure_reloaded(source: Source, run: RunWriter) -> dict[str, Any]:
    """Measure a saved model in a new process, which must say what this one says."""
    expected = load_member(run.model_dir, run.record, source.device).predict_proba(source.probes)
    found = _measure_apart(source, run.model_dir, run.record)
    furthest = float(np.abs(found["probe_probabilities"] - expected).max())
    if not furthest <= PARITY:
        raise ModelError(f"Loaded afresh, its probabilities differ by up to {furthest:.2g} from those when saved.")
    return found


def _measure_apart(source: Source, folder: Path, record: dict[str, Any]) -> dict[str, Any]:
    texts = source.dataset.split(SPLIT)["text"].tolist()
    return measure_apart(folder, record, source.device, texts, source.probes)


def _sizes(folder: Path, found: dict[str, Any]) -> dict[str, Any]:
    return {
        "size_bytes": folder_size(folder),
        "gzip_bytes": gzip_size(folder),
        "memory_bytes": found["memory_bytes"],
        "cores": found["cores"],
    }


def _say(source: Source, words: str) -> None:
    if not source.quiet:
        click.echo(words, err=True)
