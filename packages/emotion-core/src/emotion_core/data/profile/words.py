"""The words of emotion: a short list of our own, of words that name an emotion or that people have at hand for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from emotion_core.labels import EMOTION_TO_ID

WORDS_FILE = Path(__file__).parent / "emotion_words.txt"
"""A line an emotion: its name, and its words in small letters, without apostrophes."""


@cache
def emotion_words() -> dict[str, int]:
    """The emotion, by its id, of each word."""
    lines = (line.split() for line in WORDS_FILE.read_text(encoding="utf-8").splitlines())
    return {word: EMOTION_TO_ID[emotion] for emotion, *words in lines for word in (emotion, *words)}
