"""How fast a classifier predicts, cleaning and tokenization included."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from emotion_core.classifier import Classifier

N_WARM_UP = 5


N_LATENCY_TEXTS = 100


N_THROUGHPUT_TEXTS = 1000


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
