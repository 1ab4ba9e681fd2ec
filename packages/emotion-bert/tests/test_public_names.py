"""The public names of the package."""

from __future__ import annotations

from pathlib import Path

import emotion_bert
from public_names import check_public_names

ROOT = Path(__file__).resolve().parents[3]


def test_the_public_names_are_these():
    """`__all__`, completion, type checkers and the user's code that is type-checked know the same names."""
    names = ["EmotionClassifier", "TransformerClassifier", "load"]
    check_public_names(emotion_bert, names, ROOT)
