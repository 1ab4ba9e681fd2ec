"""Load a model folder in a process of its own and measure it there: what a user will meet, and nothing else."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import shutil
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from emotion_core.errors import ModelError


def measure_apart(
    folder: Path, record: dict[str, Any], device: str, texts: list[str], probes: list[str]
) -> dict[str, Any]:
    """Call `measure` in a new process.

    Raises:
        ModelError: the process died.
        EmotionError: as `measure`.
    """
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            return pool.submit(measure, folder, record, device, texts, probes).result()
        except BrokenProcessPool as error:
            raise ModelError("The process that was to load the model died, perhaps for want of memory.") from error


def measure(folder: Path, record: dict[str, Any], device: str, texts: list[str], probes: list[str]) -> dict[str, Any]:
    """Predict with the model in a folder.

    Args:
        folder: of the model.
        record: of its run: ``format``, ``text_cleaning``, ``hyperparameters``.
        device: ``auto``, ``cpu`` or ``gpu``.
        texts: to predict.
        probes: to predict before.

    Returns:
        ``probabilities`` of the texts and ``probe_probabilities``, shapes (n, 6), without a temperature; ``speed``, as
        `emotion_core.evaluation.speed.measure_speed` gives it; ``memory_bytes`` that the process holds, the interpreter
        included; ``cores`` of the machine.

    Raises:
        RunError: the model cannot be loaded.
        ModelError: the device is not to be had.
    """
    import psutil

    from emotion_bert.machine.own_process import set_up_process
    from emotion_bert.models.loading import load_member
    from emotion_core.evaluation.speed import measure_speed

    set_up_process()
    classifier = load_member(folder, record, device)
    result: dict[str, Any] = {
        "probe_probabilities": classifier.predict_proba(probes),
        "probabilities": classifier.predict_proba(texts),
        "speed": measure_speed(classifier, texts),
    }
    return result | {"memory_bytes": psutil.Process().memory_info().rss, "cores": os.cpu_count()}


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
