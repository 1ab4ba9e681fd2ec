"""How texts become ids, and what a graph states of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emotion_core.data.cleaning import CLEANERS, letters_only
from emotion_core.errors import RunError
from emotion_core.inference.batches import BatchClassifier
from emotion_core.inference.encoding.encoders import make_encoder
from emotion_core.inference.encoding.long_texts import Batch, Encoded
from emotion_core.inference.encoding.truncation_and_padding import Inputs, read_inputs, write_inputs
from emotion_core.inference.encoding.words import Words, write_vocabulary
from emotion_core.runs.record import RunRecord
from emotion_core.runs.record_parts import Calibration

VOCABULARY = ["", "[UNK]", "glad", "so", "sad"]
RECORD = RunRecord(
    kind="compress", text_cleaning="letters_only", hyperparameters={"max_length": 3}, calibration=Calibration(1.5)
)


class WordCounts(BatchClassifier):
    """A classifier of words whose logits are the numbers of the first six ids."""

    whole_words = True

    def __init__(self, max_length: int = 3) -> None:
        super().__init__("letters_only", max_length)
        self._words = Words(VOCABULARY, max_length)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """The ids of the words."""
        return self._words(texts)

    def logits(self, batch: Batch) -> NDArray[np.float32]:
        """How often each id is there."""
        return np.array([np.bincount(row, minlength=6)[:6] for row in batch["input_ids"]], dtype=np.float32)


def test_the_words_that_have_an_id_of_their_own_are_told() -> None:
    """Without those of the padding and of what is unknown, which are no words."""
    assert list(Words(VOCABULARY, 3).vocabulary()) == VOCABULARY[2:]


def test_each_text_is_cleaned_once_for_its_prediction_and_whether_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a text of which nothing is left is looked at again; both answers are those that are given one by one."""
    cleaned: list[str] = []

    def counted(text: str) -> str:
        cleaned.append(text)
        return letters_only(text)

    monkeypatch.setitem(CLEANERS, "letters_only", counted)
    texts = ["so glad", "", "привет", "so sad so sad so sad " * 100, "! " * 5000 + "sad"]
    classifier = WordCounts()
    told = classifier.predict_and_tell(texts)
    assert all(cleaned.count(text) == 1 for text in (texts[0], texts[4]))
    assert max(map(len, cleaned[:4])) < 100
    np.testing.assert_array_equal(told.probabilities, classifier.predict_proba(texts))
    nothing = "no Latin letters outside links and mentions"
    assert told.unread == classifier.unread(texts) == [None, nothing, nothing, None, None]


@pytest.mark.parametrize("max_length", [1, 2, 5])
def test_the_first_words_of_a_long_text_are_read_wherever_they_stand(max_length: int) -> None:
    """Behind thousands of signs, before an endless word, and where a link is cut; as the cleaning of all of it says."""
    texts = [
        "- " * 3000 + "so glad so sad so",
        "so " + "x" * 9000 + " glad sad",
        "sad https://a.b/" + "c" * 9000 + " so",
    ]
    words = Words(VOCABULARY, max_length)
    classifier = WordCounts(max_length)
    expected = words([letters_only(text) for text in texts])
    assert classifier._read(texts).encoded == expected


def test_the_vocabulary_keeps_every_word_and_is_refused_when_it_is_another(tmp_path: Path) -> None:
    """Signs that end a line elsewhere are part of a word, as in TensorFlow; a changed file ends with one message."""
    words = ["", "[UNK]", "a\u2028b", "c\x85d", "e\x1cf", "\x00"]
    inputs = Inputs("words", {"input_ids": 0}, vocabulary_sha256=write_vocabulary(tmp_path, words))
    encoder = make_encoder(tmp_path, 9, inputs)
    assert encoder(["\x00 e\x1cf c\x85d a\u2028b zzz"])["input_ids"] == [[5, 4, 3, 2, 1]]
    (tmp_path / "vocabulary.txt").write_text("\n[UNK]\nother\n", encoding="utf-8")
    with pytest.raises(RunError, match=r"vocabulary\.txt: is not the vocabulary that was written with the graph"):
        make_encoder(tmp_path, 9, inputs)


def test_an_encoder_of_a_later_version_is_told(tmp_path: Path) -> None:
    """The message has its name and those that are known."""
    with pytest.raises(RunError, match="tokenizer 'runes', expected one of tokenizers, transformers, words"):
        make_encoder(tmp_path, 9, Inputs("runes", {"input_ids": 0}))


def test_what_a_graph_states_is_compared_with_the_record_of_its_run(tmp_path: Path) -> None:
    """Cleaning, length, order of the labels and temperature; what older graphs do not state is not asked for."""
    plain = Inputs("words", {"input_ids": 0})
    assert plain.differing(RECORD) == []
    write_inputs(tmp_path, plain.as_recorded(RECORD))
    stated = read_inputs(tmp_path)
    assert (stated.text_cleaning, stated.max_length, stated.temperature) == ("letters_only", 3, 1.5)
    assert stated.differing(RECORD) == []
    other = replace(stated, text_cleaning="social_media", max_length=4, labels=stated.labels[::-1], temperature=2.0)
    assert [line.partition(":")[0] for line in other.differing(RECORD)] == [
        "text_cleaning",
        "max_length",
        "labels",
        "temperature",
    ]
    assert len(other.differing(replace(RECORD, members=["model/a"]))) == 3
