"""What a classifier is: the one seam through which core evaluates, predicts and compares every model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from emotion_core.errors import RunError
from emotion_core.runs.folder import RUN_FILE

N_WARM_UP = 5
N_LATENCY_TEXTS = 100
N_THROUGHPUT_TEXTS = 1000


class Classifier(Protocol):
    """A trained six-emotion classifier, whatever the framework behind it; a model package loads it from a run folder.

    Attributes:
        temperature: what `emotion_core.evaluation.calibration.apply_temperature` scales the probabilities with, at the end of
            ``predict_proba``; 1 leaves them as the model gives them.
    """

    temperature: float

    def predict_proba(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Probabilities of the six emotions in label order, shape (n_texts, 6), rows summing to 1.

        Args:
            texts: raw texts; the classifier cleans them as its training texts were cleaned.
            progress: called with the number of texts done since the last call.
        """


def max_length(record: dict[str, Any]) -> int:
    """The words or tokens of a text that the model of a run reads, as its record says.

    Raises:
        RunError: the record does not say.
    """
    stated = record["hyperparameters"].get("max_length")
    if not isinstance(stated, int) or stated < 1:
        raise RunError(
            f"{RUN_FILE}: found the max_length {stated!r}, expected a number of words or tokens. The run was altered."
        )
    return stated


def length_batches(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Indices of texts in batches of similar length, shortest first, so that little is padded."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def measure_speed(classifier: Classifier, texts: Iterable[str]) -> dict[str, Any]:
    """Latency and throughput of a warm classifier, cleaning and tokenization included.

    Returns:
        ``latency_ms`` with ``p50`` and ``p95`` of one text at a time (up to 100 of the texts, in order), and
        ``texts_per_second`` of one call with up to 1,000 texts.
    """
    texts = list(texts)
    for text in texts[:N_WARM_UP]:
        classifier.predict_proba([text])
    times = []
    for text in texts[:N_LATENCY_TEXTS]:
        start = time.perf_counter()
        classifier.predict_proba([text])
        times.append(time.perf_counter() - start)
    batch = texts[:N_THROUGHPUT_TEXTS]
    classifier.predict_proba(batch)  # frameworks compile for each new batch shape
    start = time.perf_counter()
    classifier.predict_proba(batch)
    p50, p95 = np.percentile(times, [50, 95]) * 1000
    return {
        "latency_ms": {"p50": float(p50), "p95": float(p95), "n_texts": len(times)},
        "texts_per_second": {"value": len(batch) / (time.perf_counter() - start), "n_texts": len(batch)},
    }
