"""What turns cleaned texts into ids."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from emotion_core.inference.encoding.long_texts import CHARACTERS, Encoded

SPECIAL = 4
"""Special tokens that a tokenizer adds to a text, at most."""


class Encode(Protocol):
    """Gives the ids of cleaned texts, cut to the length that is read.

    Attributes:
        whole_words: the ids are those of the words that the cleaning leaves, so that a text is read if it leaves any;
            else those of tokens, some of which may say nothing.
    """

    whole_words: bool

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts."""

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Of each cleaned text whether it has more words or tokens than are read."""

    def vocabulary(self) -> Collection[str]:
        """The words or tokens that have an id."""


def cut_texts(encode: Encode, cleaned: Sequence[str], max_length: int) -> list[bool]:
    """Of each cleaned text whether it has more words or tokens than are read; few are split for this.

    Args:
        encode: what splits the texts.
        cleaned: the texts.
        max_length: words or tokens of a text that are read, special tokens included.
    """
    told = [False] * len(cleaned)
    # A token stands for at least a character of ASCII; others may be spelt out by the tokenizer.
    places = [i for i, text in enumerate(cleaned) if len(text) + SPECIAL > max_length or not text.isascii()]
    for size in (CHARACTERS * max_length, None):  # of a long text first the beginning
        found = encode.cut([cleaned[place][:size] for place in places]) if places else []
        for place, cut in zip(places, found, strict=True):
            told[place] = cut
        places = [place for place in places if not told[place] and size is not None and len(cleaned[place]) > size]
    return told
