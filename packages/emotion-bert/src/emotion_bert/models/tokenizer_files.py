"""Save a tokenizer so that it reloads as it was, and prove it.

BERTweet's tokenizer writes ``bpe.codes`` without the count column that it expects when it reads it, so that every
merge loses its second half on reloading, without a word (transformers 5). Its original files are put back after
every save, and every saved tokenizer is reloaded and compared.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from emotion_bert.models.registry import CLEANING
from emotion_core.data.cleaning import CLEANERS
from emotion_core.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ORIGINAL_FILE_ATTRIBUTES = ("vocab_file", "merges_file")

N_PROBE_TEXTS = 50

PROBE_TEXTS = (
    "I did not see that coming!",
    "@user thx, see http for more... can't wait, soooo happy :)",
    "Naïve café: 100 % “déjà vu” 😂❤️ #HappyDays",
    "",
)


def save_tokenizer(tokenizer: PreTrainedTokenizerBase, folder: Path, texts: Sequence[str] = ()) -> None:
    """Save a tokenizer into ``folder``.

    Args:
        tokenizer: a slow or a fast one.
        folder: must exist.
        texts: of a dataset; the first few are compared, cleaned, besides the built-in probes.

    Raises:
        ModelError: the reloaded tokenizer gives other ids.
    """
    tokenizer.save_pretrained(folder)
    if not tokenizer.is_fast:
        _restore_original_files(tokenizer, folder)
    check_tokenizer(tokenizer, folder, [CLEANERS[CLEANING](text) for text in texts[:N_PROBE_TEXTS]])


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, folder: Path, texts: Sequence[str] = ()) -> None:
    """Raise a ModelError unless the tokenizer in ``folder`` gives the same ids as ``tokenizer``."""
    from transformers import AutoTokenizer

    reloaded = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    for text in (*PROBE_TEXTS, *texts):
        expected, found = tokenizer(text)["input_ids"], reloaded(text)["input_ids"]
        if found != expected:
            raise ModelError(
                f"{folder}: the saved tokenizer differs from the original: for {text!r} it gives {found[:12]}, "
                f"expected {expected[:12]}. Please report the model and your version of transformers."
            )


def _restore_original_files(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    for attribute in ORIGINAL_FILE_ATTRIBUTES:
        original = getattr(tokenizer, attribute, None)
        saved_name = tokenizer.vocab_files_names.get(attribute)
        if original and saved_name and Path(original).is_file():
            shutil.copyfile(original, folder / saved_name)
