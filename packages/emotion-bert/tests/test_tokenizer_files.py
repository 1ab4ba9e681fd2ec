"""Saved tokenizers give the ids of the original, or saving fails."""

from __future__ import annotations

from pathlib import Path

import pytest
from checkpoints_for_tests import sample_texts
from transformers import AutoTokenizer

from emotion_bert.models.checkpoints import Checkpoint, load_tokenizer
from emotion_bert.tokens.saving import check_tokenizer, save_tokenizer
from emotion_core.errors import ModelError


def test_a_saved_tokenizer_gives_the_ids_of_the_original(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """After saving and reloading, twice, every text has the ids it had."""
    original = load_tokenizer(checkpoint, 64)
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        save_tokenizer(original, folder)
        reloaded = AutoTokenizer.from_pretrained(folder)
        texts = list(sample_texts())
        assert reloaded(texts)["input_ids"] == original(texts)["input_ids"]
        original = reloaded


def test_bertweets_merges_keep_their_count_column(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """The saved bpe.codes and vocab.txt are byte for byte those of the checkpoint."""
    checkpoint = checkpoints["bertweet"]
    save_tokenizer(load_tokenizer(checkpoint, 64), tmp_path)
    for name in ("bpe.codes", "vocab.txt"):
        assert (tmp_path / name).read_bytes() == (Path(checkpoint.location) / name).read_bytes()


def test_a_tokenizer_that_reloads_otherwise_is_refused(checkpoints: dict[str, Checkpoint], tmp_path: Path) -> None:
    """bpe.codes without its count column, as transformers 5 writes it, is caught by the comparison."""
    tokenizer = load_tokenizer(checkpoints["bertweet"], 64)
    save_tokenizer(tokenizer, tmp_path)
    merges = (tmp_path / "bpe.codes").read_text(encoding="utf-8").splitlines()
    without_counts = "".join(f"{line.rpartition(' ')[0]}\n" for line in merges)
    (tmp_path / "bpe.codes").write_text(without_counts, encoding="utf-8")
    with pytest.raises(ModelError, match="differs from the original"):
        check_tokenizer(tokenizer, tmp_path)
