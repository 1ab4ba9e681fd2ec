"""Predict many texts in batches of like length: what all classifiers of this package have in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import length_batches
from emotion_core.data.cleaning import CLEANERS, first_words
from emotion_core.evaluation.calibration import apply_temperature
from emotion_core.labels import N_EMOTIONS

PLAIN = re.compile("[0-9A-Za-z]")
LOOKED_AT = 1000
NO_TOKENS = "nothing that the tokenizer knows"

Encoded = Mapping[str, Sequence[Sequence[int]]]
"""By the name of a model's input, the ids of each text, of its own length."""

Batch = dict[str, list[Sequence[int]]]
"""The same of the texts of one batch, still not padded."""


def encode_what_is_read(encode: Callable[[Sequence[str]], Encoded], texts: Sequence[str], max_length: int) -> Encoded:
    """Encode cleaned texts, of long ones only as many words as can be read.

    A tokenizer encodes the whole text before it cuts: a hundred thousand words take tens of megabytes. Twice as many
    words as tokens are read leave room for words without a token; where they are too few all the same, the whole texts
    are encoded, so that the ids are always those of the whole texts.

    Args:
        encode: cuts to ``max_length`` tokens.
        texts: whose words are separated by single spaces.
        max_length: tokens of a text that are read, special tokens included.
    """
    read = [first_words(text, 2 * max_length) for text in texts]
    encoded = encode(read)
    pairs = zip(texts, read, encoded["input_ids"], strict=True)
    if any(len(words) < len(text) and len(ids) < max_length for text, words, ids in pairs):
        return encode(texts)
    return encoded


class BatchClassifier(ABC):
    """A classifier that cleans, encodes and pads texts, and asks a model for the logits of each batch.

    Args:
        cleaning: the name of the text cleaning.
        max_length: tokens of a text that are read, special tokens included.
        temperature: of its probabilities; 1 leaves them as the model gives them.

    Attributes:
        batch_size: texts that a model is asked for at a time.
    """

    batch_size = 64

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
        """Of each raw text what it has that it cannot be read; None if its tokens are not those of the empty text."""
        cleaned = [self._clean(text) for text in texts]
        # Every tokenizer knows letters and digits of ASCII, so few texts are tokenized for this.
        doubtful = [place for place, text in enumerate(cleaned) if not PLAIN.search(text)]
        nothing = self.encode([""])["input_ids"][0] if doubtful else []
        reasons: list[str | None] = [None] * len(texts)
        for size in (LOOKED_AT, None):  # of a long text first the beginning, which tokenizers need far less time for
            if doubtful:
                ids = self.encode([cleaned[place][:size] for place in doubtful])["input_ids"]
                doubtful = [place for place, row in zip(doubtful, ids, strict=True) if list(row) == list(nothing)]
        for place in doubtful:
            reasons[place] = NO_TOKENS
        return reasons

    def logits_of(self, batches: Sequence[Batch]) -> Iterator[NDArray[np.float32]]:
        """The logits of each of some batches."""
        return map(self.logits, batches)

    def predict_proba(
        self, texts: Sequence[str], *, progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Probabilities of the six emotions, shape (n_texts, 6), rows summing to 1.

        Texts are sorted by length, so that a batch is padded little; the result is in the order of the texts.
        """
        probabilities = np.zeros((len(texts), N_EMOTIONS), dtype=np.float32)
        if not len(texts):
            return probabilities
        encoded = encode_what_is_read(self.encode, [self._clean(text) for text in texts], self.max_length)
        indices = list(length_batches([len(ids) for ids in encoded["input_ids"]], self.batch_size))
        batches = [{name: [rows[index] for index in chosen] for name, rows in encoded.items()} for chosen in indices]
        for chosen, logits in zip(indices, self.logits_of(batches), strict=True):
            probabilities[chosen] = softmax(logits)
            if progress is not None:
                progress(len(chosen))
        return apply_temperature(probabilities, self.temperature)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of logits, shape (n, 6), rows summing to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities
