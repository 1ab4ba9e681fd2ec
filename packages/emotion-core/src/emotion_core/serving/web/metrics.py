"""What the service counts, for Prometheus."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from emotion_core.serving.predictions import Prediction
from emotion_core.serving.settings import SHARED_COUNTS

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
TEXTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The counts of one process; as a text, those of all processes of the service.

    Each attribute gives the count of some labels, which it keeps, since the library looks for it longer than it counts.
    """

    def __init__(self) -> None:
        disable_created_metrics()  # a time beside each count, which nobody reads
        self._registry = CollectorRegistry()
        self.requests = self._counter("requests", "Requests.", "route", "status")
        self.seconds = self._histogram("request_seconds", "Time until an answer was sent.", SECONDS, "route")
        self.batches = self._histogram("batch_texts", "Texts that were predicted at once.", TEXTS, "model")
        self.texts = self._counter("texts", "Texts of answered requests.", "model")
        self.predictions = self._counter("predictions", "Predictions.", "model", "emotion")
        self.without = self._counter("texts_without_prediction", "Texts that got none.", "model", "reason")
        about = "Texts that wait for their prediction."
        gauge = Gauge("emotion_waiting_texts", about, ("model",), registry=self._registry, multiprocess_mode="livesum")
        self.waiting: Callable[..., Gauge] = gauge.labels
        ProcessCollector(registry=self._registry)

    def _counter(self, name: str, about: str, *labels: str) -> Callable[..., Counter]:
        return cache(Counter(f"emotion_{name}", about, labels, registry=self._registry).labels)

    def _histogram(self, name: str, about: str, bounds: Sequence[float], *labels: str) -> Callable[..., Histogram]:
        return cache(Histogram(f"emotion_{name}", about, labels, buckets=bounds, registry=self._registry).labels)

    def count(self, model: str, found: Sequence[Prediction]) -> None:
        """Count the predictions of a request."""
        self.texts(model).inc(len(found))
        for prediction in found:
            if prediction.reason is None:
                self.predictions(model, prediction.emotion).inc()
            else:
                self.without(model, prediction.reason).inc()

    def text(self) -> bytes:
        """All counts in the text format of Prometheus."""
        if SHARED_COUNTS not in os.environ:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)
        return generate_latest(everybody)
