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

from emotion_bert.tokens.fitting import prepare
from emotion_bert.tokens.presence import require_files, require_words
from emotion_core.errors import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

ORIGINAL_FILE_ATTRIBUTES = ("vocab_file", "merges_file")

N_PROBE_TEXTS = 50

CUT = 6
"""Tokens to which the probes are cut as well, so that the side where they are cut is compared, too."""

PROBE_TEXTS = (
    "I did not see that coming!",
    "@user thx, see http for more... can't wait, soooo happy :)",
    "Naïve café: 100 % “déjà vu” 😂❤️ #HappyDays",
    "SHOUTING Straße İstanbul ÉLAN, e\u0301 and ﬁne... don't 👩‍👩‍👧 you?",
    "",
)


def save_tokenizer(tokenizer: PreTrainedTokenizerBase, folder: Path, texts: Sequence[str] = ()) -> None:
    """Save a tokenizer into ``folder``.

    Args:
        tokenizer: a slow or a fast one.
        folder: must exist.
        texts: of a dataset, cleaned; the first few are compared besides the built-in probes.

    Raises:
        ModelError: the reloaded tokenizer gives other ids.
    """
    tokenizer.save_pretrained(folder)
    if not tokenizer.is_fast:
        _restore_original_files(tokenizer, folder)
    check_tokenizer(tokenizer, folder, texts[:N_PROBE_TEXTS])


def load_saved(folder: Path, config: PreTrainedConfig) -> PreTrainedTokenizerBase:
    """The tokenizer in a model folder, with nothing of it sought elsewhere.

    Args:
        folder: of a run.
        config: of the model there.

    Raises:
        ModelError: it is not there, knows no words or cannot pad.
    """
    from transformers import AutoTokenizer

    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    require_files(type(tokenizer), folder)
    require_words(tokenizer, str(folder))
    prepare(tokenizer, config, str(folder))
    return tokenizer


def check_tokenizer(tokenizer: PreTrainedTokenizerBase, folder: Path, texts: Sequence[str] = ()) -> None:
    """Raise a ModelError unless the tokenizer in ``folder`` gives the same ids as ``tokenizer``."""
    from transformers import AutoTokenizer

    reloaded = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    for text in (*PROBE_TEXTS, *texts):
        expected, found = (
            [*made(text)["input_ids"], *made(text, truncation=True, max_length=CUT)["input_ids"]]
            for made in (tokenizer, reloaded)
        )
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
