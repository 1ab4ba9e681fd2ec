"""Predict many texts in batches of like length: what all classifiers of this package have in common."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, length_batches
from emotion_core.data.cleaning import CLEANERS
from emotion_core.labels import N_EMOTIONS

PLAIN = re.compile("[0-9A-Za-z]")
LOOKED_AT = 1000
NO_TOKENS = "nothing that the tokenizer knows"
UNKNOWN = "\U00012219"
"""A character of cuneiform script, which no vocabulary knows; its tokens are those of the unknown."""

Encoded = Mapping[str, Sequence[Sequence[int]]]
"""By the name of a model's input, the ids of each text, of its own length."""

Batch = dict[str, list[Sequence[int]]]
"""The same of the texts of one batch, still not padded."""


CHARACTERS = 16
"""So many for each token that is read are tokenized first; English has about five."""

GROWTH = 8
"""So many times more are tokenized where those were too few."""


@dataclass(frozen=True)
class Reading:
    """How texts become tokens.

    Attributes:
        clean: the text cleaning.
        encode: gives the ids of cleaned texts, cut to ``max_length``.
        max_length: tokens of a text that are read, special tokens included.
        side: of a long text that is cut off, ``right`` or ``left``.
    """

    clean: Callable[[str], str]
    encode: Callable[[Sequence[str]], Encoded]
    max_length: int
    side: str = "right"

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts, of long ones without looking at the whole text.

        Cleaning and tokenizing take time and memory for every character, though only the first or the last few are
        read. So of a long text the beginning is cleaned and tokenized, up to the end of a word. Where that gives fewer
        tokens than are read, or there is no end of a word, or the end of the text is read, the whole text is cleaned,
        and a part of it tokenized. A longer part must then give the same tokens, else a still longer one.
        """
        size = CHARACTERS * self.max_length
        heads = [_head(text, size) if self.side == "right" else text for text in texts]
        cleaned = [self.clean(head) for head in heads]
        parts = [
            text if len(head) < len(whole) else self._part(text, size)
            for text, head, whole in zip(cleaned, heads, texts, strict=True)
        ]
        encoded = {name: list(rows) for name, rows in self.encode(parts).items()}
        doubtful = []
        for place, (head, text) in enumerate(zip(heads, texts, strict=True)):
            full = len(encoded["input_ids"][place]) == self.max_length
            if len(head) < len(text):
                if not full:
                    cleaned[place] = self.clean(text)
                    doubtful.append(place)
            elif len(parts[place]) < len(cleaned[place]):
                doubtful.append(place)
        while doubtful:
            size *= GROWTH
            doubtful = self._read_on(cleaned, doubtful, size, encoded)
        return encoded

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
        """So many characters of the side that is read."""
        return cleaned[-size:] if self.side == "left" else cleaned[:size]


def _head(text: str, size: int) -> str:
    """The words at the beginning of a long text, at most so many characters; the text where no word ends there."""
    if len(text) <= size:
        return text
    words = text[:size].rsplit(None, 1)
    return words[0] if len(words) > 1 and len(words[0]) > size // 2 else text


class BatchClassifier(Classifier):
    """A classifier that cleans, encodes and pads texts, and asks a model for the logits of each batch.

    Args:
        cleaning: the name of the text cleaning.
        max_length: tokens of a text that are read, special tokens included.
        temperature: of its probabilities; 1 leaves them as the model gives them.

    Attributes:
        batch_size: texts that a model is asked for at a time.
        truncation_side: of a long text that is cut off, ``right`` or ``left``.
    """

    batch_size = 64
    truncation_side = "right"

    def __init__(self, cleaning: str, max_length: int, temperature: float = 1.0) -> None:
        self.max_length = max_length
        self.temperature = temperature
        self._clean = CLEANERS[cleaning]

    @abstractmethod
    def encode(self, texts: Sequence[str]) -> Encoded:
        """The token ids of cleaned texts, cut to ``max_length``; one of the inputs is ``input_ids``."""

    @abstractmethod
    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """The logits of encoded texts, shape (n, 6), whose inputs are still of their own lengths."""

    def unread(self, texts: Sequence[str]) -> list[str | None]:
        """Of each raw text what it has that it cannot be read; None if it has tokens that say something.

        Those of the empty text do not, nor do those of a character that the tokenizer does not know.
        """
        cleaned = [self._cleaned_to_a_letter(text) for text in texts]
        # Every tokenizer knows letters and digits of ASCII, so few texts are tokenized for this.
        doubtful = [place for place, text in enumerate(cleaned) if not PLAIN.search(text)]
        nothing = {index for row in self.encode(["", UNKNOWN])["input_ids"] for index in row} if doubtful else set()
        reasons: list[str | None] = [None] * len(texts)
        for size in (LOOKED_AT, None):  # of a long text first the beginning, which tokenizers need far less time for
            if doubtful:
                ids = self.encode([cleaned[place][:size] for place in doubtful])["input_ids"]
                doubtful = [place for place, row in zip(doubtful, ids, strict=True) if nothing.issuperset(row)]
        for place in doubtful:
            reasons[place] = NO_TOKENS
        return reasons

    def _cleaned_to_a_letter(self, text: str) -> str:
        """The cleaned text; of a long one only the beginning if that has a letter or digit, which is enough to know."""
        head = _head(text, LOOKED_AT)
        cleaned = self._clean(head)
        return cleaned if len(head) == len(text) or PLAIN.search(cleaned) else self._clean(text)

    def logits_of(self, batches: Sequence[Batch]) -> Iterator[NDArray[np.float32]]:
        """The logits of each of some batches."""
        return map(self.logits, batches)

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """Probabilities without the temperature, shape (n_texts, 6), rows summing to 1.

        Texts are sorted by length, so that a batch is padded little; the result is in the order of the texts.
        """
        probabilities = np.zeros((len(texts), N_EMOTIONS), dtype=np.float32)
        encoded = Reading(self._clean, self.encode, self.max_length, self.truncation_side)(texts)
        indices = list(length_batches([len(ids) for ids in encoded["input_ids"]], self.batch_size))
        batches = [{name: [rows[index] for index in chosen] for name, rows in encoded.items()} for chosen in indices]
        for chosen, logits in zip(indices, self.logits_of(batches), strict=True):
            probabilities[chosen] = softmax(logits)
            progress(len(chosen))
        return probabilities


def filled(encoded: Encoded, fill: int) -> dict[str, list[Sequence[int]]]:
    """Encoded texts, those without any token as the one token ``fill``, since no model reads nothing at all."""
    alone = {"input_ids": [fill], "attention_mask": [1]}
    return {name: [row if len(row) else alone.get(name, [0]) for row in rows] for name, rows in encoded.items()}


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of logits, shape (n, 6), rows summing to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities
