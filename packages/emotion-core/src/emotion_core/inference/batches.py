"""Predict many texts in batches of like length: what all classifiers of this package have in common."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emotion_core.classifier import Classifier, Told
from emotion_core.data.cleaning import CLEANERS, NOTHING_LEFT
from emotion_core.data.known_words import KnownWords, foreign_texts
from emotion_core.inference.encoding.long_texts import Batch, Encoded, Read, Reading, head_of
from emotion_core.inference.encoding.truncation_and_padding import filled
from emotion_core.labels import N_EMOTIONS

PLAIN = re.compile("[0-9A-Za-z]")
LOOKED_AT = 1000
NO_TOKENS = "nothing that the tokenizer knows"
UNKNOWN = "\U00012219"
"""A character of cuneiform script, which no vocabulary knows; its tokens are those of the unknown."""


class BatchClassifier(Classifier):
    """A classifier that cleans, encodes and pads texts, and asks a model for the logits of each batch.

    Args:
        cleaning: the name of the text cleaning.
        max_length: tokens of a text that are read, special tokens included.
        temperature: of its probabilities; 1 leaves them as the model gives them.

    Attributes:
        batch_size: texts that a model is asked for at a time.
        truncation_side: of a long text that is cut off, ``right`` or ``left``.
        whole_words: as `Encode.whole_words`.
        fill: the id of the padding, which a text without any token is given.
    """

    batch_size = 64
    truncation_side = "right"
    whole_words = False
    fill = 0

    def __init__(self, cleaning: str, max_length: int, temperature: float = 1.0) -> None:
        self.max_length = max_length
        self.temperature = temperature
        self._clean, self._nothing_left = CLEANERS[cleaning], NOTHING_LEFT[cleaning]

    @abstractmethod
    def encode(self, texts: Sequence[str]) -> Encoded:
        """The token ids of cleaned texts, cut to ``max_length``, none or more; one of the inputs is ``input_ids``."""

    @abstractmethod
    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """The logits of encoded texts, shape (n, 6), whose inputs are still of their own lengths."""

    def unread(self, texts: Sequence[str]) -> list[str | None]:
        """Of each raw text what it has that it cannot be read; None if it has words, or tokens that say something.

        Those of the empty text do not, nor do those of a character that the tokenizer does not know.
        """
        return self._unread([self._cleaned_to_a_letter(text) for text in texts])

    def _unread(self, cleaned: Sequence[str]) -> list[str | None]:
        if self.whole_words:
            return [None if text else self._nothing_left for text in cleaned]
        # Every tokenizer knows letters and digits of ASCII, so few texts are tokenized for this.
        doubtful = [place for place, text in enumerate(cleaned) if not PLAIN.search(text)]
        nothing = {index for row in self.encode(["", UNKNOWN])["input_ids"] for index in row} if doubtful else set()
        reasons: list[str | None] = [None] * len(cleaned)
        for size in (LOOKED_AT, None):  # of a long text first the beginning, which tokenizers need far less time for
            if doubtful:
                ids = self.encode([cleaned[place][:size] for place in doubtful])["input_ids"]
                doubtful = [place for place, row in zip(doubtful, ids, strict=True) if nothing.issuperset(row)]
        for place in doubtful:
            reasons[place] = NO_TOKENS
        return reasons

    def vocabulary(self) -> Collection[str]:
        """The words or tokens that have an id; none if that is not known."""
        return ()

    @cached_property
    def _known_words(self) -> KnownWords | None:
        make = KnownWords.of_training if self.whole_words else KnownWords.of_tokenizer
        return make(self.vocabulary())

    def foreign(self, texts: Sequence[str]) -> list[bool]:
        """As `Classifier.foreign`, by the words of the training texts, or by the tokens that are whole words."""
        return foreign_texts(self._known_words, texts)

    def _cleaned_to_a_letter(self, text: str) -> str:
        """The cleaned text; of a long one only the beginning if that has a letter or digit, which is enough to know."""
        head = head_of(text, LOOKED_AT)
        cleaned = self._clean(head)
        return cleaned if len(head) == len(text) or PLAIN.search(cleaned) else self._clean(text)

    def logits_of(self, batches: Sequence[Batch]) -> Iterator[NDArray[np.float32]]:
        """The logits of each of some batches."""
        return map(self.logits, batches)

    def raw_probabilities(self, texts: list[str], progress: Callable[[int], None]) -> NDArray[np.float32]:
        """Probabilities without the temperature, shape (n_texts, 6), rows summing to 1.

        Texts are sorted by length, so that a batch is padded little; the result is in the order of the texts.
        """
        return self._probabilities(self._read(texts), progress)

    def raw_and_unread(self, texts: list[str], progress: Callable[[int], None]) -> Told:
        """As `Classifier.raw_and_unread`, with each text cleaned once, but for the few that seem to say nothing."""
        read = self._read(texts)
        reasons: list[str | None] = [None] * len(texts)
        # Of a long text only the beginning may be cleaned, and of that the tokens may be unknown ones.
        doubtful = [place for place, cleaned in enumerate(read.cleaned) if not PLAIN.search(cleaned)]
        for place, reason in zip(doubtful, self.unread([texts[place] for place in doubtful]), strict=True):
            reasons[place] = reason
        return Told(self._probabilities(read, progress), reasons)

    def _read(self, texts: list[str]) -> Read:
        reading = Reading(self._clean, self.encode, self.max_length, self.truncation_side, self.whole_words)
        return reading.read(texts)

    def _probabilities(self, read: Read, progress: Callable[[int], None]) -> NDArray[np.float32]:
        probabilities = np.zeros((len(read.cleaned), N_EMOTIONS), dtype=np.float32)
        encoded = filled(read.encoded, self.fill)
        indices = list(length_batches([len(ids) for ids in encoded["input_ids"]], self.batch_size))
        batches = [{name: [rows[index] for index in chosen] for name, rows in encoded.items()} for chosen in indices]
        for chosen, logits in zip(indices, self.logits_of(batches), strict=True):
            probabilities[chosen] = softmax(logits)
            progress(len(chosen))
        return probabilities


def length_batches(lengths: Sequence[int], batch_size: int) -> Iterator[list[int]]:
    """Indices of texts in batches of similar length, shortest first, so that little is padded."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities of logits, shape (n, 6), rows summing to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities
