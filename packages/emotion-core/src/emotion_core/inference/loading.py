"""Load the classifier of a run folder: one model, or an ensemble of several."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from emotion_core.classifier import Classifier, Origin
from emotion_core.data.published.ready import is_ready, run_folder
from emotion_core.errors import EmotionError, RunError, is_storage_fault, short_reason
from emotion_core.imports import import_message, is_import_fault, needs
from emotion_core.inference.batches import BatchClassifier
from emotion_core.inference.ensemble import Ensemble
from emotion_core.inference.neutral.gate import NeutralGate
from emotion_core.runs.folder import MODEL_DIR, check_model, read_model_run
from emotion_core.runs.layouts import ONNX, TFIDF, layout_of
from emotion_core.runs.record import RunRecord

ClassifierT = TypeVar("ClassifierT", bound=Classifier)

LoadMember = Callable[[Path, RunRecord, str], Classifier]
"""Loads a model folder, told the record of its run and the device."""


def load(run_dir: str | Path | None = None, device: str = "auto") -> Classifier:
    """Load the classifier of a baseline, of a run in ONNX, or of an ensemble of such, with the temperature of the run.

    ONNX needs the extra ``emotion-core[onnx]``, a baseline NumPy alone; neither needs the package of the training.

    Args:
        run_dir: the run folder, as ``emotion-core baseline`` and ``emotion-bert compress --technique onnx`` make it;
            ``ready``, or nothing, for the model that emotion-core carries.
        device: ``auto``, ``cpu`` or ``gpu``.

    Raises:
        RunError: not a run, in another format, or its model cannot be loaded.
        ModelError: the device is not available.
        MissingLibraryError: ONNX Runtime or the tokenizer's package is not installed.
    """
    return load_run(run_dir, device)


def load_run(
    run_dir: str | Path | None,
    device: str = "auto",
    *,
    load_member: LoadMember | None = None,
    package: str | None = None,
) -> Classifier:
    """The classifier of a run folder, with its temperature.

    Args:
        run_dir: the run folder; ``ready`` or None for the ready model, which is loaded for any package.
        device: ``auto``, ``cpu`` or ``gpu``.
        load_member: loads each model folder; None loads those that need no other package.
        package: whose run it must be; None for any.

    Raises:
        RunError: not a run of this package, or a model cannot be loaded.
        ModelError: the device is not available.
    """
    run_dir = run_folder(run_dir)
    if is_ready(run_dir):
        load_member, package = None, None
        needs("onnx", "onnxruntime", "tokenizers", who="the ready model")
    record = read_model_run(run_dir, package)
    check_model(run_dir, record)
    classifier = load_model(load_member or load_own, run_dir / MODEL_DIR, record, device)
    return of_run(classifier, record, run_dir)


def of_run(classifier: ClassifierT, record: RunRecord, run_dir: Path) -> ClassifierT:
    """A classifier with what its run says beside the model: temperature, neutral gate, when it abstains.

    Raises:
        RunError: the file of the gate is missing or damaged.
    """
    classifier.temperature, classifier.origin = record.temperature, origin_of(record, run_dir)
    classifier.gate, classifier.abstain_below = NeutralGate.load(run_dir, record), record.abstain_below or 0.0
    return classifier


def load_model(load_member: LoadMember, folder: Path, record: RunRecord, device: str) -> Classifier:
    """What lies in the model folder of a run, one model or the members of an ensemble, without a temperature.

    Raises:
        RunError, ModelError: as ``load_member``.
    """
    if record.members is None:
        return load_member(folder, record, device)
    return Ensemble([load_member(folder / Path(name).name, record, device) for name in record.members])


def origin_of(record: RunRecord, run_dir: str | Path) -> Origin:
    """What a classifier that is loaded from a run folder says of it."""
    return Origin(record.model, str(run_dir), record.parameters, record.model_size_bytes)


def load_own(folder: Path, record: RunRecord, device: str = "auto") -> Classifier:
    """The model in a folder, in a format that emotion-core computes itself, without a temperature.

    Raises:
        RunError: it cannot be loaded, or is in another format.
        ModelError: the device is not available.
    """
    if layout_of(record, folder) is not TFIDF:
        return load_onnx(folder, record, device)
    with telling_faults(folder, TFIDF.package):
        from emotion_core.inference.tfidf.classifier import TfIdfClassifier

        return TfIdfClassifier.load_folder(folder, record.text_cleaning, device)


def load_onnx(folder: Path, record: RunRecord, device: str = "auto") -> BatchClassifier:
    """The graph in a model folder, as the record of its run says, without a temperature.

    Raises:
        RunError: it cannot be loaded, or is in another format.
        ModelError: the device is not available.
    """
    layout = layout_of(record, folder)
    if layout.name != ONNX.name:
        raise RunError(
            f"{folder}: is in the format {layout.name!r}, expected {ONNX.name!r}. Use the same command of "
            f"{record.package}."
        )
    with telling_faults(folder, record.package or ONNX.package):
        from emotion_core.inference.onnx.classifier import OnnxClassifier

        return OnnxClassifier.load_recorded(folder, record, device)


@contextmanager
def telling_faults(folder: Path, package: str) -> Iterator[None]:
    """Turn what a library raises of a model folder into a RunError that names it; a fault of the disk stays."""
    try:
        yield
    except EmotionError:
        raise
    except Exception as error:  # what an altered folder makes the libraries raise has no common class
        if is_import_fault(error):  # the package may be installed without its dependencies
            raise RunError(import_message(error, str(folder), package)) from error
        if is_storage_fault(error):
            raise
        raise RunError(
            f"{folder}: cannot be loaded ({short_reason(error)}). Check the run with emotion-core verify."
        ) from error
