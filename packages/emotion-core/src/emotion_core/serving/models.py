"""The models of a service: loaded from run folders, each with a name of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from emotion_core.classifier import Classifier
from emotion_core.errors import RunError
from emotion_core.inference.loading import load
from emotion_core.inference.onnx.sessions import sleeping_threads
from emotion_core.runs.folder import read_model_run
from emotion_core.runs.layouts import LAYOUTS, OWN, TFIDF


@dataclass(frozen=True)
class ServedModel:
    """A classifier with what clients are told of it.

    Attributes:
        name: in requests and answers.
        format: of its run.
        technique: by which it was compressed; empty for none.
        max_tokens: tokens or words of a text that it reads; None for all.
        never_predicted: emotions that it does not know.
    """

    name: str
    classifier: Classifier
    format: str = ""
    technique: str = ""
    max_tokens: int | None = None
    never_predicted: tuple[str, ...] = ()


def load_models(runs: Sequence[Path], device: str = "auto") -> list[ServedModel]:
    """Load the runs of a service; each is called like its folder.

    Raises:
        RunError: as `inference.loading.load`, or a run has first to be converted to ONNX.
        MissingLibraryError: ONNX Runtime or the tokenizer's package is not installed.
    """
    return [_load(run, name, device) for run, name in zip(runs, model_names(runs), strict=True)]


def _load(run: Path, name: str, device: str) -> ServedModel:
    record = read_model_run(run, None)
    known = [layout.name for layout in LAYOUTS if layout.package == record.package]
    found = record.format or (known[0] if known else "")
    if found in known and found not in [layout.name for layout in OWN]:
        raise RunError(
            f"{run}: is in the format {found!r}, which the service does not load. Convert it to ONNX: "
            f"{record.package} compress {run} --technique onnx"
        )
    technique = record.compression.technique if record.compression else ""
    never = tuple(record.never_predicted or ())
    length = None if found == TFIDF.name else record.max_length()
    with sleeping_threads():  # the event loop needs the core that they would take
        classifier = load(run, device)
    return ServedModel(name, classifier, found, technique, length, never)


def model_names(runs: Iterable[Path]) -> list[str]:
    """What the models of runs are called: like their folders, of which a later one of the same name gets a number."""
    taken: list[str] = []
    for run in runs:
        name = run.resolve().name or "model"
        number, candidate = 1, name
        while candidate in taken:
            number += 1
            candidate = f"{name}-{number}"
        taken.append(candidate)
    return taken
