"""True labels and predictions that are right by a known share, for tests of intervals and paired tests."""

from __future__ import annotations

import numpy as np

from emotion_core.classifier import Labels


def uneven_labels() -> Labels:
    """400 true ids, unevenly spread."""
    return np.random.default_rng(5).choice(6, 400, p=[0.3, 0.3, 0.1, 0.12, 0.12, 0.06])


def noisy(labels: Labels, share_right: float, seed: int) -> Labels:
    """Predictions of which about a share is right by more than chance."""
    rng = np.random.default_rng(seed)
    return np.where(rng.random(len(labels)) < share_right, labels, rng.integers(0, 6, len(labels)))
