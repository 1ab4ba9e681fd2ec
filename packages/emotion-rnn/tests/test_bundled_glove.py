"""The vectors of the sample's words, which the package brings along."""

from __future__ import annotations

import csv
import runpy
from pathlib import Path

import pytest

from emotion_core.data.cleaning import CLEANERS
from emotion_core.data.published.manifests import manifest, shared_data_dir
from emotion_core.errors import DataError
from emotion_core.system.hashes import file_hash
from emotion_rnn.network.glove import locate_glove, read_vectors
from emotion_rnn.network.options import CLEANING, VectorOptions

ENTRY = manifest("glove")["sample"]
CUTTING = Path(__file__).parents[1] / "cut_glove.py"
LARGEST = 2_000_000
"""Bytes that the vectors may have."""


@pytest.fixture(scope="module")
def bundled_words() -> list[str]:
    """The words of the file, in its order."""
    lines = locate_glove("sample").read_text(encoding="utf-8").splitlines()
    return [line.partition(" ")[0] for line in lines]


def test_the_bundled_vectors_are_those_of_the_manifest(bundled_words: list[str]) -> None:
    """Sha256, number of words and size are as stated, and so is what they were cut from."""
    path = locate_glove("sample")
    assert file_hash(path) == ENTRY["sha256"]
    assert len(set(bundled_words)) == len(bundled_words) == ENTRY["rows"]
    assert path.stat().st_size <= LARGEST
    assert ENTRY["licence"] == "PDDL-1.0"
    assert ENTRY["cut_from"].keys() == {"file", "rows", "sha256"}


def test_every_bundled_vector_is_read(bundled_words: list[str]) -> None:
    """The reader takes each line, and none is malformed."""
    vectors = read_vectors(VectorOptions("sample"), ["", "[UNK]", *bundled_words], seed=0)
    assert vectors.found[2:].all()
    assert vectors.matrix.shape == (ENTRY["rows"] + 2, ENTRY["dimension"])
    assert vectors.malformed_lines == 0


def test_the_bundled_words_are_most_of_the_sample(bundled_words: list[str]) -> None:
    """Seventeen of twenty words of its training texts have a vector; with fewer, the vectors must be cut again."""
    clean, known = CLEANERS[CLEANING], set(bundled_words)
    with (shared_data_dir() / "sample" / "train.csv").open(encoding="utf-8", newline="") as file:
        words = [word for row in csv.DictReader(file) for word in clean(row["text"]).split()]
    assert sum(word in known for word in words) / len(words) >= 0.85


def test_cutting_the_same_file_again_gives_the_same_vectors(
    real_glove: Path, tmp_path: Path, bundled_words: list[str]
) -> None:
    """Whoever has the file that the manifest names gets the bundled one to the byte."""
    source = real_glove / ENTRY["cut_from"]["file"]
    if not source.is_file() or file_hash(source) != ENTRY["cut_from"]["sha256"]:
        pytest.skip("the file that the vectors were cut from is not here")
    target = tmp_path / ENTRY["file"]
    told = runpy.run_path(str(CUTTING))["cut"](source, bundled_words, target)
    assert told == {name: ENTRY[name] for name in told}
    assert target.read_bytes() == locate_glove("sample").read_bytes()


def test_the_words_are_those_of_the_texts_as_the_networks_read_them(tmp_path: Path) -> None:
    """All csv files of a folder count, each word once, cleaned as in training."""
    (tmp_path / "train.csv").write_text('text,label\n"So GLAD, so glad",joy\n', encoding="utf-8")
    (tmp_path / "test.csv").write_text("text,label\nglad again,joy\n", encoding="utf-8")
    assert runpy.run_path(str(CUTTING))["corpus_words"](tmp_path) == ["again", "glad", "so"]


def test_vectors_that_were_altered_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says how to get them again."""
    monkeypatch.setitem(ENTRY, "sha256", "0" * 64)
    with pytest.raises(DataError, match=r"not the vectors 'sample'.*Install emotion-rnn again"):
        read_vectors(VectorOptions("sample"), ["", "[UNK]", "day"], seed=0)
