"""What the service counts, for Prometheus."""

from __future__ import annotations

import os
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from emotion_core.serving.predictions import Prediction

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the processes of a service share their counts; the library reads it when it is imported."""

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
TEXTS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The counts of one process; their text is that of all processes of the service."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter("emotion_requests", "Requests.", ("route", "status"), registry=registry)
        self.seconds = Histogram(
            "emotion_request_seconds", "Time until an answer was sent.", ("route",), buckets=SECONDS, registry=registry
        )
        self.batches = Histogram(
            "emotion_batch_texts", "Texts that were predicted at once.", ("model",), buckets=TEXTS, registry=registry
        )
        self.waiting = Gauge(
            "emotion_waiting_texts",
            "Texts that wait for their prediction.",
            ("model",),
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.texts = Counter("emotion_texts", "Texts of answered requests.", ("model",), registry=registry)
        self.without = Counter(
            "emotion_texts_without_prediction", "Texts that got none.", ("model", "reason"), registry=registry
        )
        self.emotions = Counter("emotion_predictions", "Predictions.", ("model", "emotion"), registry=registry)

    def count(self, model: str, found: Sequence[Prediction]) -> None:
        """Count the predictions of a request."""
        self.texts.labels(model).inc(len(found))
        for prediction in found:
            if prediction.reason is None:
                self.emotions.labels(model, prediction.emotion).inc()
            else:
                self.without.labels(model, prediction.reason).inc()

    def text(self) -> bytes:
        """All counts in the text format of Prometheus."""
        if SHARED not in os.environ:
            return generate_latest(self._registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)
        return generate_latest(everybody)
