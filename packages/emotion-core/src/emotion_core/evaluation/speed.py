"""How fast a classifier predicts, cleaning and tokenization included."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

from emotion_core.classifier import Classifier
from emotion_core.runs.metrics import Latency, Speed, Throughput

N_WARM_UP = 5


N_LATENCY_TEXTS = 100


N_THROUGHPUT_TEXTS = 1000


def measure_speed(classifier: Classifier, texts: Iterable[str]) -> Speed:
    """Latency and throughput of a warm classifier, cleaning and tokenization included.

    Returns:
        Of one text at a time for up to 100 of the texts, in order, and of one call with up to 1,000 texts.
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
    throughput = Throughput(len(batch) / (time.perf_counter() - start), len(batch))
    p50, p95 = np.percentile(times, [50, 95]) * 1000
    return Speed(Latency(float(p50), float(p95), len(times)), throughput)
