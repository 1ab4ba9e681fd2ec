"""Whole words: the vocabulary of a recurrent network, which gives the ids that Keras's TextVectorization gives."""

from __future__ import annotations

import string
from collections.abc import Collection, Sequence
from pathlib import Path

from emotion_core.errors import RunError
from emotion_core.inference.encoding.long_texts import Encoded
from emotion_core.inference.encoding.truncation_and_padding import Inputs
from emotion_core.system.hashes import file_hash

VOCABULARY_FILE = "vocabulary.txt"
"""A word a line: the first line has the id 0."""

PADDING, UNKNOWN = 0, 1
"""The ids of what fills up a short text, and of the words that are not in the vocabulary."""

_PUNCTUATION = string.punctuation.encode()


class Words:
    """Splits cleaned texts into words and gives their ids.

    What it does to a text is ``standardize="lower_and_strip_punctuation"`` and ``split="whitespace"`` of Keras, which
    know the letters, the signs and the white space of ASCII alone: so it works on bytes, as TensorFlow does.

    Args:
        vocabulary: the word of each id; the first two stand for padding and for all unknown words.
        max_length: words of a text that are read, the first ones.
    """

    whole_words = True

    def __init__(self, vocabulary: Sequence[str], max_length: int) -> None:
        self._ids = {word.encode(): number for number, word in enumerate(vocabulary) if number > UNKNOWN}
        self._max_length = max_length

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts; a text without words has none."""
        return {"input_ids": [self._ids_of(text) for text in texts]}

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Of each text whether it has more words than are read."""
        return [len(self._words(text, self._max_length + 1)) > self._max_length for text in texts]

    def vocabulary(self) -> Collection[str]:
        """The words that have an id of their own."""
        return [word.decode() for word in self._ids]

    def _ids_of(self, text: str) -> list[int]:
        return [self._ids.get(word, UNKNOWN) for word in self._words(text, self._max_length)]

    def _words(self, text: str, most: int) -> list[bytes]:
        standardized = text.encode(errors="surrogatepass").lower().translate(None, _PUNCTUATION)
        return standardized.split(None, most)[:most]


def write_vocabulary(folder: Path, vocabulary: Sequence[str]) -> str:
    """Write the vocabulary into a model folder; its sha256, in hex."""
    path = folder / VOCABULARY_FILE
    path.write_text("".join(f"{word}\n" for word in vocabulary), encoding="utf-8", newline="\n")
    return file_hash(path)


def word_encoder(folder: Path, max_length: int, inputs: Inputs) -> Words:
    """The words of the vocabulary in a model folder.

    Raises:
        RunError: the file is not the one that was written with the graph.
    """
    path = folder / VOCABULARY_FILE
    if file_hash(path) != inputs.vocabulary_sha256:
        raise RunError(f"{path}: is not the vocabulary that was written with the graph. Copy the run again.")
    lines = path.read_bytes().decode().split("\n")  # no other sign ends a line
    return Words(lines[:-1], max_length)
