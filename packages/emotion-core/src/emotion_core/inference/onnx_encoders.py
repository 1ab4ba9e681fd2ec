"""The tokenizers that feed an ONNX graph, with transformers or without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from emotion_core.errors import RunError, short_reason
from emotion_core.imports import needs
from emotion_core.inference.batches import CHARACTERS, Encoded

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerBase

TOKENIZER_FILE = "tokenizer.json"

SIDES = ("right", "left")

SPECIAL = 4
"""Special tokens that a tokenizer adds to a text, at most."""

NO_WORDS = (
    "the tokenizer has special tokens alone and knows no words. Train again, from a checkpoint that has its tokenizer."
)


@dataclass(frozen=True)
class Inputs:
    """How a graph is fed; ``inputs.json`` holds it.

    Attributes:
        tokenizer: the package that tokenizes, one of `ENCODERS`.
        padding: what fills up each input of the graph, by its name.
        truncation_side: of a long text that is cut off, ``right`` or ``left``.
        padding_side: of a short text that is filled up.
        split_special_tokens: read a special token that stands in a text as ordinary characters.
    """

    tokenizer: str
    padding: Mapping[str, int]
    truncation_side: str = "right"
    padding_side: str = "right"
    split_special_tokens: bool = False

    def __post_init__(self) -> None:
        """Raise a ValueError if a value is none that is known."""
        if self.tokenizer not in ENCODERS:
            raise ValueError(f"tokenizer: found {self.tokenizer!r}, expected one of {', '.join(ENCODERS)}")
        for name in ("truncation_side", "padding_side"):
            if (found := getattr(self, name)) not in SIDES:
                raise ValueError(f"{name}: found {found!r}, expected right or left")


class Encode(Protocol):
    """Gives the ids of cleaned texts, cut to the length that is read."""

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts."""

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Of each cleaned text whether it has more tokens than are read."""


def cut_texts(encode: Encode, cleaned: Sequence[str], max_length: int) -> list[bool]:
    """Of each cleaned text whether it has more tokens than are read; few have to be tokenized for this.

    Args:
        encode: the tokenizer.
        cleaned: the texts.
        max_length: tokens of a text that are read, special tokens included.
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


@dataclass(frozen=True)
class FastEncoder:
    """A tokenizer of the package ``tokenizers``, which cuts the texts itself."""

    tokenizer: Tokenizer

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts."""
        rows = self.tokenizer.encode_batch_fast(list(texts))
        return {
            "input_ids": [row.ids for row in rows],
            "attention_mask": [row.attention_mask for row in rows],
            "token_type_ids": [row.type_ids for row in rows],
        }

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Of each text whether it has more tokens than are read."""
        return [bool(row.overflowing) for row in self.tokenizer.encode_batch_fast(list(texts))]


@dataclass(frozen=True)
class SlowEncoder:
    """A tokenizer of transformers, and the tokens of a text that are kept."""

    tokenizer: PreTrainedTokenizerBase
    max_length: int

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts."""
        encoded: Encoded = self.tokenizer(list(texts), truncation=True, max_length=self.max_length)
        return encoded

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Of each text whether it has more tokens than are read."""
        one_more: Encoded = self.tokenizer(list(texts), truncation=True, max_length=self.max_length + 1)
        return [len(ids) > self.max_length for ids in one_more["input_ids"]]


def fast_encoder(folder: Path, max_length: int, inputs: Inputs | None = None) -> Encode:
    """The tokenizer of ``tokenizer.json``, which needs the package ``tokenizers`` alone.

    Args:
        folder: of the model.
        max_length: tokens of a text that are read.
        inputs: how the graph is fed; None for the usual.

    Raises:
        RunError: it cannot be loaded, or knows no words.
        MissingLibraryError: tokenizers is not installed.
    """
    path = folder / TOKENIZER_FILE
    needs("onnx", "tokenizers", who=str(path))
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # it raises bare Exceptions
        raise RunError(f"{path}: cannot be loaded ({short_reason(error)}).") from error
    if tokenizer.get_vocab_size() <= len(tokenizer.get_added_tokens_decoder()):
        raise RunError(f"{path}: {NO_WORDS}")
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length, direction=inputs.truncation_side if inputs else SIDES[0])
    tokenizer.encode_special_tokens = bool(inputs and inputs.split_special_tokens)
    return FastEncoder(tokenizer)


def slow_encoder(folder: Path, max_length: int, inputs: Inputs | None = None) -> Encode:
    """The tokenizer as transformers loads it, for models without a ``tokenizer.json`` that does the same."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if inputs is not None:
        tokenizer.truncation_side = inputs.truncation_side
        tokenizer.split_special_tokens = inputs.split_special_tokens
    return SlowEncoder(tokenizer, max_length)


ENCODERS: dict[str, Callable[[Path, int, Inputs | None], Encode]] = {
    "tokenizers": fast_encoder,
    "transformers": slow_encoder,
}
"""What can tokenize, by the name of the package that does; the first that does it right is taken."""
