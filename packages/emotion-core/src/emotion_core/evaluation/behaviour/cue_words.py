"""Texts without the words that name their emotion, as those of the shared task of Klinger et al. (IEST, 2018)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from emotion_core.data.profile.words import emotion_words

GAP = "___"
"""Stands for what is masked; the cleanings and tokenizers know no word in it."""

FRAME = re.compile(r"\bi (?:feel|felt)\b|\bi(?: a|['\u2019]?)m feeling\b", re.IGNORECASE)
"""With these words begin most of the public emotion tweets."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


def without_cue_words(text: str, label: int) -> str:
    """A text with a gap for each word of its emotion, and for "i feel".

    Args:
        text: as it was written.
        label: the id of its emotion. Words of other emotions stay.
    """
    words = emotion_words()

    def masked(found: re.Match[str]) -> str:
        return GAP if any(words.get(word) == label for word in _spellings(found.group())) else found.group()

    return _WORD.sub(masked, FRAME.sub(GAP, text))


def _spellings(word: str) -> Iterator[str]:
    """How the list may spell a word: "soooo" has its letter once or twice there."""
    plain = re.sub("['\u2019]", "", word.lower())
    yield plain
    if _STRETCHED.search(plain):
        yield _STRETCHED.sub(r"\1", plain)
        yield _STRETCHED.sub(r"\1\1", plain)
