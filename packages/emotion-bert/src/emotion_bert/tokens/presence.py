"""Refuse a tokenizer that is none: transformers makes one of a few special tokens where the files are missing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_core.data.known_words import TOLD_SHARE, KnownWords, foreign_texts
from emotion_core.errors import ModelError
from emotion_core.inference.encoding.tokens import NO_WORDS, TOKENIZER_FILE

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

N_TEXTS = 500
"""So many texts, spread over all, are looked at before a training."""

READ_CHARACTERS = 2000
"""So many characters of each."""

READABLE = 0.5
"""The share of the letters that a tokenizer must read; those of byte-level tokenizers read all."""

OPTIONAL = ("added_tokens.json", "tokenizer_config.json", "special_tokens_map.json")
"""Files that hold no words."""

COPY = (
    "Copy the tokenizer's files from the checkpoint that this one was made from, or save them there with "
    "AutoTokenizer.from_pretrained(ORIGINAL).save_pretrained(FOLDER)."
)


def vocabulary_files(kind: type[PreTrainedTokenizerBase]) -> list[str]:
    """The files beside ``tokenizer.json`` that a tokenizer of a class is made from; none if it needs no words."""
    names = dict.fromkeys(str(name) for name in kind.vocab_files_names.values())
    return [name for name in names if name not in (TOKENIZER_FILE, *OPTIONAL)]


def usual_kind(config: PreTrainedConfig) -> type[PreTrainedTokenizerBase]:
    """The class of tokenizer that transformers takes for an architecture where nothing says another."""
    import transformers
    from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES

    name = TOKENIZER_MAPPING_NAMES.get(config.model_type) or ""
    return getattr(transformers, name, transformers.PreTrainedTokenizerFast)


def require_files(kind: type[PreTrainedTokenizerBase], folder: Path) -> None:
    """Raise a ModelError if a folder lacks the files that a tokenizer of a class is made from."""
    wanted = vocabulary_files(kind)
    if not kind.vocab_files_names or (folder / TOKENIZER_FILE).is_file():
        return
    missing = [name for name in wanted if not (folder / name).is_file()]
    if missing or not wanted:
        others = f", or {' and '.join(wanted)}" if wanted else ""
        lacking = " and ".join(missing or [TOKENIZER_FILE])
        raise ModelError(
            f"{folder}: has no tokenizer. Looked for {TOKENIZER_FILE}{others}; {lacking} is missing. {COPY}"
        )


def require_words(tokenizer: PreTrainedTokenizerBase, place: str) -> None:
    """Raise a ModelError if a tokenizer has special tokens alone."""
    if tokenizer.vocab_files_names and len(tokenizer) <= len(tokenizer.added_tokens_decoder):
        raise ModelError(f"{place}: {NO_WORDS}")


def require_reading(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], place: str) -> None:
    """Look whether a tokenizer reads some texts, and does not turn their words into the unknown token or into nothing.

    Args:
        tokenizer: of the model.
        texts: that the model is to be trained on, cleaned.
        place: what it was loaded from, for the message.

    Raises:
        ModelError: it reads less than half of their letters and digits.
    """
    written = sum(map(_letters, texts))
    read = sum(min(_letters(text), _letters(_read(tokenizer, text))) for text in texts)
    if read < READABLE * written:
        files = ", ".join([TOKENIZER_FILE, *vocabulary_files(type(tokenizer))])
        raise ModelError(
            f"{place}: its tokenizer reads {read / written:.0%} of the letters of the training texts; the rest becomes "
            f"the unknown token or nothing. It is not the tokenizer of this model, or not made for such texts. Look at "
            f"its files ({files}), or choose another --model."
        )


def foreign_remark(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str], place: str) -> str | None:
    """That many texts seem to be in a language that a model has not met, in words; None if they are only a few.

    Args:
        tokenizer: of the model.
        texts: that the model is to be trained on, as they were written.
        place: what it was loaded from.
    """
    share = sum(foreign_texts(KnownWords.of_tokenizer(tokenizer.get_vocab()), texts)) / len(texts)
    if share <= TOLD_SHARE:
        return None
    return (
        f"{place}: {share:.0%} of the training texts seem to be in a language that this model does not read. Choose a "
        "--model for that language, or leave these texts out."
    )


def _read(tokenizer: PreTrainedTokenizerBase, text: str) -> str:
    """What is left of a text after the tokenizer, without special tokens, of which the unknown token is one."""
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    return str(tokenizer.decode(ids, skip_special_tokens=True))


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))
