"""Reading GloVe text files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emotion_core.errors import DataError
from emotion_rnn.glove import RANDOM_SCALE, coverage, read_vectors

VOCABULARY = ["", "[UNK]", "happy", "unheard", "day"]


@pytest.fixture
def glove_file(tmp_path: Path) -> Path:
    """Three vectors of three dimensions, one word that nobody asks for, and a last line that is cut off."""
    path = tmp_path / "vectors.txt"
    path.write_text("day 1 2 3\nother 9 9 9\nhappy -1 0.5 2e-1\nfear 0 0 1\ncut 1 2", encoding="utf-8")
    return path


def test_words_of_the_vocabulary_get_their_vectors(glove_file: Path) -> None:
    """The rows of known words hold the numbers of the file, and only those rows are marked as found."""
    vectors = read_vectors(glove_file, VOCABULARY, seed=0)
    np.testing.assert_allclose(vectors.matrix[2], [-1, 0.5, 0.2], rtol=1e-6)
    np.testing.assert_allclose(vectors.matrix[4], [1, 2, 3])
    assert vectors.found.tolist() == [False, False, True, False, True]


def test_unknown_words_get_small_random_vectors_of_the_seed(glove_file: Path) -> None:
    """A word without a vector gets a small one that depends on the seed alone; padding is zero."""
    vectors = read_vectors(glove_file, VOCABULARY, seed=0)
    unheard = vectors.matrix[3]
    assert 0 < np.abs(unheard).max() <= RANDOM_SCALE
    np.testing.assert_array_equal(unheard, read_vectors(glove_file, VOCABULARY, seed=0).matrix[3])
    assert not np.array_equal(unheard, read_vectors(glove_file, VOCABULARY, seed=1).matrix[3])
    assert not vectors.matrix[0].any()


@pytest.mark.parametrize("line", ["cut 1 2", "word 1 2 x", "happy 1 2 nan", "happy 1 2", ""])
def test_a_malformed_line_is_skipped_and_counted(tmp_path: Path, line: str) -> None:
    """A line that is cut off, empty or not of numbers leaves the others as they are and is counted."""
    path = tmp_path / "vectors.txt"
    path.write_text(f"day 1 2 3\nother 1 1 1\n{line}\nhappy 4 5 6\n", encoding="utf-8")
    vectors = read_vectors(path, VOCABULARY, seed=0)
    numeric_but_unwanted = line == "word 1 2 x"  # a word that nobody asks for is not parsed
    assert vectors.malformed_lines == (0 if numeric_but_unwanted else 1)
    np.testing.assert_allclose(vectors.matrix[2], [4, 5, 6])


def test_coverage_counts_types_and_tokens(glove_file: Path) -> None:
    """Coverage is the share of vocabulary words, and of words in the training texts, that have a vector."""
    vectors = read_vectors(glove_file, VOCABULARY, seed=0)
    covered = coverage(vectors, [np.array([2, 2, 4]), np.array([3, 1])])
    assert covered == pytest.approx({"types": 2 / 3, "tokens": 3 / 5})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\ni am glad,1\nnot,2\n", "expected"),
        ("", "0 lines"),
        ("zzz 1 2 3\nyyy 1 2 3\n", "none of the 3 words"),
    ],
    ids=["a data file", "an empty file", "other words"],
)
def test_a_file_that_is_no_glove_file_is_refused_by_name(tmp_path: Path, content: str, message: str) -> None:
    """The message names the file and what was expected."""
    path = tmp_path / "wrong.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read_vectors(path, VOCABULARY, seed=0)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path to nothing is named in the message."""
    with pytest.raises(DataError, match="no such GloVe file"):
        read_vectors(tmp_path / "absent.txt", VOCABULARY, seed=0)


def test_the_cut_off_line_of_a_broken_download_is_the_only_one_skipped(real_glove: Path) -> None:
    """Of the real 100-dimensional head, whose last line is cut off, all lines but that one are usable."""
    path = real_glove / "glove.twitter.27B.100d.head.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    words = [line.partition(" ")[0] for line in lines]
    vectors = read_vectors(path, ["", "[UNK]", *words], seed=0)
    assert vectors.matrix.shape == (len(words) + 2, 100)
    assert vectors.malformed_lines == 1
    assert vectors.found[2:].sum() == len(set(words)) - 1
