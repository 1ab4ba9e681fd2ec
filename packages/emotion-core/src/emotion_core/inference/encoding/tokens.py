"""Subword tokens: the tokenizers that feed the graph of a transformer, with the library transformers or without."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.errors import RunError, short_reason
from emotion_core.imports import needs
from emotion_core.inference.encoding.encode import Encode
from emotion_core.inference.encoding.long_texts import Encoded
from emotion_core.inference.encoding.truncation_and_padding import SIDES, Inputs

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerBase

TOKENIZER_FILE = "tokenizer.json"

NO_WORDS = (
    "the tokenizer has special tokens alone and knows no words. Train again, from a checkpoint that has its tokenizer."
)


@dataclass(frozen=True)
class FastEncoder:
    """A tokenizer of the package ``tokenizers``, which cuts the texts itself."""

    tokenizer: Tokenizer
    whole_words = False

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

    def vocabulary(self) -> Collection[str]:
        """The tokens that have an id."""
        return self.tokenizer.get_vocab()


@dataclass(frozen=True)
class SlowEncoder:
    """A tokenizer of transformers, and the tokens of a text that are kept."""

    tokenizer: PreTrainedTokenizerBase
    max_length: int
    whole_words = False

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts."""
        encoded: Encoded = self.tokenizer(list(texts), truncation=True, max_length=self.max_length)
        return encoded

    def cut(self, texts: Sequence[str]) -> list[bool]:
        """Of each text whether it has more tokens than are read."""
        one_more: Encoded = self.tokenizer(list(texts), truncation=True, max_length=self.max_length + 1)
        return [len(ids) > self.max_length for ids in one_more["input_ids"]]

    def vocabulary(self) -> Collection[str]:
        """The tokens that have an id."""
        tokens: dict[str, int] = self.tokenizer.get_vocab()
        return tokens.keys()


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
