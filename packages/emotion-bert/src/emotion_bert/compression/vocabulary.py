"""A smaller vocabulary: the tokens that training texts and common words need, and every single character.

The embedding of the tokens is half of a small model. What is cut off is read in more pieces, since the single
characters stay, and what is left says of a text that needs none of the rest exactly what the whole model says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from emotion_bert.compression.options import CompressionOptions
from emotion_bert.compression.source import TransformerSource
from emotion_bert.models.classifier import TransformerClassifier
from emotion_bert.tokens.cutting import Described, cut_tokenizer, needed_tokens
from emotion_core.errors import DataError, ModelError
from emotion_core.inference.encoding.tokens import TOKENIZER_FILE

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from emotion_core.runs.record_parts import Settings

TOKENIZER_CONFIG = "tokenizer_config.json"
REPLACED = ("added_tokens.json", "merges.txt", "special_tokens_map.json", "vocab.json", "vocab.txt")
"""Files that say once more, with the old ids, what ``tokenizer.json`` says."""

SAME_TEXTS = 32
TOLERANCE = 1e-5
"""The most that a probability of a training text may change: the rounding of batches that are padded otherwise."""


def save_smaller_vocabulary(source: TransformerSource, folder: Path, options: CompressionOptions) -> Settings:
    """Write the run's model with fewer tokens, and its tokenizer.

    Raises:
        ModelError: the tokenizer cannot be cut, or the model says something else of a training text then.
        DataError: there is no train split, or the file of the words cannot be read.
    """
    whole = TransformerClassifier.load_folder(source.folder, source.cleaning, source.max_length, "cpu")
    described = _described(source.folder, whole.tokenizer)
    texts = source.dataset.split("train").texts
    words = [] if options.words is None else common_words(Path(options.words), options.most_words)
    cleaned = [*source.clean(texts), *source.hard_texts, *_as_written(words)]
    used = _ids(whole.tokenizer, cleaned)
    kept = needed_tokens(described, {index for row in used for index in row}, str(source.folder))
    smaller = cut_tokenizer(described, kept)
    _write_tokenizer(smaller, folder, dict(zip(kept, range(len(kept)), strict=True)))
    before = whole.predict_proba(list(texts[:SAME_TEXTS]))
    known, new_ids = whole.tokenizer.get_vocab(), np.array(kept)
    _cut_embedding(whole.model, kept)
    whole.model.save_pretrained(folder)
    made = TransformerClassifier.load_folder(folder, source.cleaning, source.max_length, "cpu")
    _check_reads_all(made.tokenizer, whole.tokenizer, known)
    if [new_ids[row].tolist() for row in _ids(made.tokenizer, cleaned)] != used:
        raise ModelError(f"{source.folder}: its tokenizer, cut down, reads texts otherwise whose tokens are all there.")
    furthest = float(np.abs(made.predict_proba(list(texts[:SAME_TEXTS])) - before).max())
    if not furthest <= TOLERANCE:
        raise ModelError(f"With fewer tokens, the probabilities of training texts differ by up to {furthest:.2g}.")
    return {
        "tokens": len(kept),
        "of_tokens": len(known),
        "training_texts": len(texts),
        "words": len(words),
        "words_file": None if options.words is None else Path(options.words).name,
        "parameters": made.model.num_parameters(),
    }


def common_words(path: Path, most: int) -> list[str]:
    """The first words of a file: of each line what stands before the first space, as in files of GloVe vectors.

    Args:
        path: of the file, in UTF-8.
        most: so many words are read.

    Raises:
        DataError: it cannot be read, or holds no words.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            words = [line.split(maxsplit=1)[0] for line in islice(lines, most) if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error}). Give a text file in UTF-8 with a word a line.") from error
    if not words:
        raise DataError(f"{path}: holds no words. Give a text file in UTF-8 with a word a line.")
    return words


def _as_written(words: Iterable[str]) -> list[str]:
    """Words alone and within a sentence, small and with a capital: for tokenizers that know case, four spellings."""
    spellings = (spelling for word in words for spelling in (word, word.capitalize()))
    return list(dict.fromkeys(text for spelling in spellings for text in (spelling, f" {spelling}")))


def _described(folder: Path, tokenizer: PreTrainedTokenizerBase) -> Described:
    file = folder / TOKENIZER_FILE
    if not tokenizer.is_fast or not file.is_file():
        raise ModelError(
            f"{folder}: its tokenizer does not stand in {TOKENIZER_FILE}, of which alone the vocabulary can be cut."
        )
    described: Described = json.loads(file.read_text(encoding="utf-8"))
    return described


def _ids(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    ids: list[list[int]] = tokenizer(list(texts))["input_ids"]
    return ids


def _write_tokenizer(described: Described, folder: Path, new: dict[int, int]) -> None:
    """Write a tokenizer in place of the one in a folder, whose other files must not speak of the old ids."""
    (folder / TOKENIZER_FILE).write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
    for name in REPLACED:
        (folder / name).unlink(missing_ok=True)
    path = folder / TOKENIZER_CONFIG
    config = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if added := config.get("added_tokens_decoder"):
        config["added_tokens_decoder"] = {str(new[int(index)]): token for index, token in added.items()}
        path.write_text(json.dumps(config, indent=2, ensure_ascii=False), encoding="utf-8")


def _cut_embedding(model: PreTrainedModel, kept: list[int]) -> None:
    """Leave the embeddings of some tokens, in the order of their new ids, and tell the config."""
    new = {old: place for place, old in enumerate(kept)}
    whole: Any = model.get_input_embeddings()
    padding = None if whole.padding_idx is None else new.get(whole.padding_idx)
    part = nn.Embedding(len(kept), whole.embedding_dim, padding_idx=padding)
    with torch.no_grad():
        part.weight.copy_(whole.weight[torch.tensor(kept)])
    model.set_input_embeddings(part)
    config = model.config
    config.vocab_size = len(kept)
    for name, value in vars(config).items():
        if name.endswith("_token_id") and isinstance(value, int):
            setattr(config, name, new.get(value))


def _check_reads_all(made: PreTrainedTokenizerBase, whole: PreTrainedTokenizerBase, known: dict[str, int]) -> None:
    """Raise a ModelError if a token of the whole tokenizer, as a text, is unknown to the other one and not to it."""
    if whole.unk_token_id is None:
        return
    texts = whole.batch_decode([[index] for index in sorted(known.values())])
    for text, before, now in zip(texts, _ids(whole, texts), _ids(made, texts), strict=True):
        if made.unk_token_id in now and whole.unk_token_id not in before:
            raise ModelError(f"With fewer tokens {text!r} cannot be read, which the whole tokenizer reads.")
