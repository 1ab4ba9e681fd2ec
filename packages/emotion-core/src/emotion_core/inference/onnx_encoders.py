"""The tokenizers that feed an ONNX graph, with transformers or without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.errors import RunError, short_reason
from emotion_core.imports import needs
from emotion_core.inference.batches import Encoded

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from transformers import PreTrainedTokenizerBase

TOKENIZER_FILE = "tokenizer.json"

Encode = Callable[[Sequence[str]], Encoded]


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


@dataclass(frozen=True)
class SlowEncoder:
    """A tokenizer of transformers, and the tokens of a text that are kept."""

    tokenizer: PreTrainedTokenizerBase
    max_length: int

    def __call__(self, texts: Sequence[str]) -> Encoded:
        """The ids of texts."""
        encoded: Encoded = self.tokenizer(list(texts), truncation=True, max_length=self.max_length)
        return encoded


def fast_encoder(folder: Path, max_length: int) -> Encode:
    """The tokenizer of ``tokenizer.json``, which needs the package ``tokenizers`` alone."""
    needs("onnx", "tokenizers", who=str(folder / TOKENIZER_FILE))
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    except Exception as error:  # it raises bare Exceptions
        raise RunError(f"{folder / TOKENIZER_FILE}: cannot be loaded ({short_reason(error)}).") from error
    tokenizer.enable_truncation(max_length)
    tokenizer.no_padding()

    return FastEncoder(tokenizer)


def slow_encoder(folder: Path, max_length: int) -> Encode:
    """The tokenizer as transformers loads it, for models without a ``tokenizer.json`` that does the same."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    return SlowEncoder(tokenizer, max_length)


ENCODERS: dict[str, Callable[[Path, int], Encode]] = {"tokenizers": fast_encoder, "transformers": slow_encoder}
"""What can tokenize, by the name of the package that does; the first that does it right is taken."""
