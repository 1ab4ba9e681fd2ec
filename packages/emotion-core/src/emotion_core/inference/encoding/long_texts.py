"""The part of a long text that is read, found without looking at all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Encoded = Mapping[str, Sequence[Sequence[int]]]
"""By the name of a model's input, the ids of each text, of its own length."""

Batch = dict[str, list[Sequence[int]]]
"""The same of the texts of one batch, still not padded."""

CHARACTERS = 16
"""So many for each token that is read are tokenized first; English has about five."""

GROWTH = 8
"""So many times more are tokenized where those were too few."""


class Read(NamedTuple):
    """What was read of some texts.

    Attributes:
        encoded: their ids.
        cleaned: the cleaned texts; of a long one the beginning, if that was enough and has something left.
    """

    encoded: Encoded
    cleaned: list[str]


@dataclass(frozen=True)
class Reading:
    """How texts become tokens.

    Attributes:
        clean: the text cleaning.
        encode: gives the ids of cleaned texts, cut to ``max_length``.
        max_length: tokens of a text that are read, special tokens included.
        side: of a long text that is cut off, ``right`` or ``left``.
        whole_words: tokens are the words of a cleaned text, which takes no time to split to its end.
    """

    clean: Callable[[str], str]
    encode: Callable[[Sequence[str]], Encoded]
    max_length: int
    side: str = "right"
    whole_words: bool = False

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts, as `read`."""
        return self.read(texts).encoded

    def read(self, texts: Sequence[str]) -> Read:
        """The ids of texts, of long ones without looking at the whole text.

        Cleaning and tokenizing take time and memory for every character, though only the first or the last few are
        read. So of a long text the beginning is cleaned and tokenized, up to the end of a word. Where that gives fewer
        tokens than are read, or there is no end of a word, or the end of the text is read, the whole text is cleaned,
        and a part of it tokenized. A longer part must then give the same tokens, else a still longer one.
        """
        size = CHARACTERS * self.max_length
        heads = [head_of(text, size) if self.side == "right" else text for text in texts]
        cleaned = [self.clean(head) for head in heads]
        parts = [
            text if len(head) < len(whole) else self._part(text, size)
            for text, head, whole in zip(cleaned, heads, texts, strict=True)
        ]
        encoded = {name: list(rows) for name, rows in self.encode(parts).items()}
        doubtful = []
        for place, (head, text) in enumerate(zip(heads, texts, strict=True)):
            full = bool(cleaned[place]) and len(encoded["input_ids"][place]) == self.max_length
            if len(head) < len(text):
                if not full:
                    cleaned[place] = self.clean(text)
                    doubtful.append(place)
            elif len(parts[place]) < len(cleaned[place]):
                doubtful.append(place)
        while doubtful:
            size *= GROWTH
            doubtful = self._read_on(cleaned, doubtful, size, encoded)
        return Read(encoded, cleaned)

    def _read_on(
        self, cleaned: Sequence[str], doubtful: list[int], size: int, encoded: dict[str, list[Sequence[int]]]
    ) -> list[int]:
        """Read longer parts of some texts and put their ids in place; gives the texts that are still doubtful."""
        # If the tokens at the end of an endless word depend on where it was cut, another character changes them.
        sizes = (size, size + 1) if self.side == "left" else (size,)
        parts = [[self._part(cleaned[place], each) for place in doubtful] for each in sizes]
        found = [self.encode(each) for each in parts]
        left = []
        for number, place in enumerate(doubtful):
            before = encoded["input_ids"][place]
            agree = all(list(rows["input_ids"][number]) == list(before) for rows in found)
            if len(parts[0][number]) < len(cleaned[place]) and not (agree and len(before) == self.max_length):
                left.append(place)
            for name, rows in found[0].items():
                encoded[name][place] = rows[number]
        return left

    def _part(self, cleaned: str, size: int) -> str:
        """So many characters of the side that is read; a word is never cut in two."""
        if self.whole_words:
            return cleaned
        return cleaned[-size:] if self.side == "left" else cleaned[:size]


def head_of(text: str, size: int) -> str:
    """The words at the beginning of a long text, at most so many characters; the text where no word ends there."""
    if len(text) <= size:
        return text
    words = text[:size].rsplit(None, 1)
    return words[0] if len(words) > 1 and len(words[0]) > size // 2 else text
