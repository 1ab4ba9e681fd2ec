"""Load a model folder in a process of its own and measure it there: what a user will meet, and nothing else."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from emotion_core.errors import ModelError
from emotion_core.runs.typed_json import to_json
from emotion_core.system.workers import process_pool

if TYPE_CHECKING:
    from emotion_core.classifier import Classifier, Probabilities
    from emotion_core.runs.metrics import Metrics, Speed, Versus
    from emotion_core.runs.record import RunRecord
    from emotion_core.runs.record_parts import OldVersus, Settings


class Measurement(NamedTuple):
    """A model as a process of its own met it.

    Attributes:
        probe_probabilities, probabilities: of the probes and the texts, shapes (n, 6).
        speed: on the texts.
        memory_bytes: that the process holds after all this, the interpreter included.
        cores: of the machine.
    """

    probe_probabilities: Probabilities
    probabilities: Probabilities
    speed: Speed
    memory_bytes: int
    cores: int | None


@dataclass(frozen=True)
class Sizes:
    """Bytes of a model folder, as it is and with each file compressed, and of the process that has loaded the model."""

    size_bytes: int
    gzip_bytes: int
    memory_bytes: int
    cores: int | None


@dataclass(frozen=True)
class Result:
    """The figures of a model on validation.

    Attributes:
        metrics: as ``metrics.json`` holds them.
        sizes: of the model.
        versus_original: against the model that was compressed; None for that itself.
        details: what the technique says of the result.
    """

    metrics: Metrics
    sizes: Sizes
    versus_original: OldVersus | Versus | None = None
    details: Settings | None = None

    def to_json(self) -> dict[str, Any]:
        """As the report holds it, with the sizes beside the rest."""
        written = to_json(self)
        sizes = written.pop("sizes")
        return {**written, **sizes}


@dataclass(frozen=True)
class Variant:
    """What became of one technique.

    Attributes:
        name: of the technique, or ``original``.
        state: ``passed``, ``FAILED``, ``skipped`` or ``broken``.
        reason: why it is skipped or broken.
        result: its figures; None where there are none.
    """

    name: str
    state: str
    reason: str | None = None
    result: Result | None = None

    def to_json(self) -> dict[str, Any]:
        """As the report holds it."""
        told = {"name": self.name, "state": self.state, "reason": self.reason}
        return told | (self.result.to_json() if self.result else {})


@dataclass(frozen=True)
class Loading:
    """How a new process loads a model; all of it goes there pickled.

    Attributes:
        load: the model in a folder, told the record of its run and the device.
        set_up: prepares the process.
        folder: of the model, or of the members of an ensemble.
        record: of its run: ``format``, ``members``, ``text_cleaning``, ``hyperparameters``.
        device: ``auto``, ``cpu`` or ``gpu``.
    """

    load: Callable[[Path, RunRecord, str], Classifier]
    set_up: Callable[[], None]
    folder: Path
    record: RunRecord
    device: str

    def __call__(self) -> Classifier:
        """The classifier, without a temperature."""
        from emotion_core.inference.loading import load_model

        return load_model(self.load, self.folder, self.record, self.device)


def measure_apart(loading: Loading, texts: list[str], probes: list[str]) -> Measurement:
    """Call `measure` in a new process.

    Raises:
        ModelError: the process died.
        EmotionError: as `measure`.
    """
    died = ModelError("The process that was to load the model was killed, perhaps for want of memory.")
    with process_pool(1, died=died) as submit:
        measured: Measurement = submit(measure, loading, texts, probes).result()
    return measured


def measure(loading: Loading, texts: list[str], probes: list[str]) -> Measurement:
    """Predict with the model in a folder.

    Args:
        loading: of the model.
        texts: to predict.
        probes: to predict before.

    Returns:
        What was measured, the probabilities without a temperature.

    Raises:
        RunError: the model cannot be loaded.
        ModelError: the device is not available.
    """
    import psutil

    from emotion_core.evaluation.speed import measure_speed

    loading.set_up()
    classifier = loading()
    return Measurement(
        probe_probabilities=classifier.predict_proba(probes),
        probabilities=classifier.predict_proba(texts),
        speed=measure_speed(classifier, texts),
        memory_bytes=psutil.Process().memory_info().rss,
        cores=os.cpu_count(),
    )


def gzip_size(folder: Path) -> int:
    """Bytes of all files below a folder after gzip, each on its own."""

    class Counter:
        total = 0

        def write(self, data: bytes) -> int:
            self.total += len(data)
            return len(data)

        def flush(self) -> None:
            """Nothing is held back."""

    counter = Counter()
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file, gzip.GzipFile(fileobj=counter, mode="wb", compresslevel=6, mtime=0) as packed:
                shutil.copyfileobj(file, packed)
    return counter.total
