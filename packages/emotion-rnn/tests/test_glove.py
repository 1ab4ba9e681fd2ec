"""Reading GloVe text files."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from emotion_core.data.published.manifests import manifest
from emotion_core.errors import DataError
from emotion_core.system.hashes import file_hash
from emotion_rnn.network.glove import RANDOM_SCALE, coverage, locate_glove, read_vectors
from emotion_rnn.network.glove_cache import cache_path
from emotion_rnn.network.options import VectorOptions
from kaggle_on_loopback import archive_of, kaggle_on_loopback

VOCABULARY = ["", "[UNK]", "happy", "unheard", "day"]


@pytest.fixture
def glove_file(tmp_path: Path) -> Path:
    """Three vectors of three dimensions, one word that nobody asks for, and a last line that is cut off."""
    path = tmp_path / "vectors.txt"
    path.write_text("day 1 2 3\nother 9 9 9\nhappy -1 0.5 2e-1\nfear 0 0 1\ncut 1 2", encoding="utf-8")
    return path


def test_words_of_the_vocabulary_get_their_vectors(glove_file: Path) -> None:
    """The rows of known words hold the numbers of the file, and only those rows are marked as found."""
    vectors = read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0)
    np.testing.assert_allclose(vectors.matrix[2], [-1, 0.5, 0.2], rtol=1e-6)
    np.testing.assert_allclose(vectors.matrix[4], [1, 2, 3])
    assert vectors.found.tolist() == [False, False, True, False, True]


def test_unknown_words_get_small_random_vectors_of_the_seed(glove_file: Path) -> None:
    """A word without a vector gets a small one that depends on the seed alone; padding is zero."""
    vectors = read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0)
    unheard = vectors.matrix[3]
    assert 0 < np.abs(unheard).max() <= RANDOM_SCALE
    np.testing.assert_array_equal(unheard, read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0).matrix[3])
    assert not np.array_equal(unheard, read_vectors(VectorOptions(glove_file), VOCABULARY, seed=1).matrix[3])
    assert not vectors.matrix[0].any()


@pytest.mark.parametrize("line", ["cut 1 2", "word 1 2 x", "happy 1 2 nan", "happy 1 2", ""])
def test_a_malformed_line_is_skipped_and_counted(tmp_path: Path, line: str) -> None:
    """A line that is cut off, empty or not of numbers leaves the others as they are and is counted."""
    path = tmp_path / "vectors.txt"
    path.write_text(f"day 1 2 3\nother 1 1 1\n{line}\nhappy 4 5 6\n", encoding="utf-8")
    vectors = read_vectors(VectorOptions(path), VOCABULARY, seed=0)
    numeric_but_unwanted = line == "word 1 2 x"  # a word that nobody asks for is not parsed
    assert vectors.malformed_lines == (0 if numeric_but_unwanted else 1)
    np.testing.assert_allclose(vectors.matrix[2], [4, 5, 6])


FORMS = {
    "GloVe": "day 1 2 3\nother 9 9 9\nhappy -1 0.5 2e-1\n",
    "spaces at the end": "day 1 2 3 \nother 9 9 9  \nhappy -1 0.5 2e-1 \n",
    "a line of counts, as in word2vec": "3 3\nday 1 2 3\nother 9 9 9\nhappy -1 0.5 2e-1\n",
    "a line of counts and spaces at the end, as in fastText": "3 3 \nday 1 2 3 \nother 9 9 9 \nhappy -1 0.5 2e-1 \n",
    "tabs": "day\t1\t2\t3\nother\t9\t9\t9\nhappy\t-1\t0.5\t2e-1\n",
    "a tab after the word": "day\t1 2 3\nother\t9 9 9\nhappy\t-1 0.5 2e-1\n",
    "two spaces": "day  1  2  3\nother  9  9  9\nhappy  -1  0.5  2e-1\n",
    "a byte-order mark": "\ufeffday 1 2 3\nother 9 9 9\nhappy -1 0.5 2e-1\n",
    "a byte-order mark and counts": "\ufeff3\t3\nday 1 2 3\nother 9 9 9\nhappy -1 0.5 2e-1\n",
    "line ends of Windows": "3 3\r\nday 1 2 3 \r\nother 9 9 9\r\nhappy -1 0.5 2e-1\r\n",
    "names of several words": "day 1 2 3\nother 9 9 9\nday out 9 9 9\nfear 9 9 9\nat the 9 9 9\nhappy -1 0.5 2e-1\n",
    "no line end": "3 3\nday 1 2 3\nother 9 9 9\nhappy -1 0.5 2e-1",
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS)
def test_all_text_forms_of_word_vectors_are_read(tmp_path: Path, content: str) -> None:
    """Every word has its vector, the first one too, and no line counts as malformed."""
    path = tmp_path / "vectors.txt"
    path.write_bytes(content.encode())
    vectors = read_vectors(VectorOptions(path), VOCABULARY, seed=0)
    np.testing.assert_allclose(vectors.matrix[[2, 4]], [[-1, 0.5, 0.2], [1, 2, 3]], rtol=1e-6)
    assert vectors.malformed_lines == 0


@pytest.mark.parametrize("content", [b"\x1f\x8b\x08\0 packed\n", b"3 3\nday \0\0\x80?\n\xff\xfe\0\0 x\n"])
def test_packed_and_binary_vectors_are_refused_with_the_form_that_is_read(tmp_path: Path, content: bytes) -> None:
    """What is no text is named, with the forms that are read."""
    path = tmp_path / "vectors.bin"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"vectors\.bin.*text file of GloVe, word2vec or fastText.*unpack"):
        read_vectors(VectorOptions(path), VOCABULARY, seed=0)


def test_coverage_counts_types_and_tokens(glove_file: Path) -> None:
    """Coverage is the share of vocabulary words, and of words in the training texts, that have a vector."""
    vectors = read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0)
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
        read_vectors(VectorOptions(path), VOCABULARY, seed=0)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path to nothing is named in the message."""
    with pytest.raises(DataError, match="no such GloVe file"):
        read_vectors(VectorOptions(tmp_path / "absent.txt"), VOCABULARY, seed=0)


def test_the_cut_off_line_of_a_broken_download_is_the_only_one_skipped(real_glove: Path) -> None:
    """Of the real 100-dimensional head, whose last line is cut off, all lines but that one are usable."""
    path = real_glove / "glove.twitter.27B.100d.head.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    words = [line.partition(" ")[0] for line in lines]
    vectors = read_vectors(VectorOptions(path), ["", "[UNK]", *words], seed=0)
    assert vectors.matrix.shape == (len(words) + 2, 100)
    assert vectors.malformed_lines == 1
    assert vectors.found[2:].sum() == len(set(words)) - 1


def test_unknown_words_can_start_from_zero(glove_file: Path) -> None:
    """With zeros, a word without a vector has none, and the others keep theirs."""
    vectors = read_vectors(VectorOptions(glove_file, "zeros"), VOCABULARY, seed=0)
    assert not vectors.matrix[[0, 1, 3]].any()
    np.testing.assert_allclose(vectors.matrix[4], [1, 2, 3])


def test_a_file_of_mostly_bad_lines_is_refused(tmp_path: Path) -> None:
    """When most lines are not a word and its numbers, the message counts them."""
    path = tmp_path / "vectors.txt"
    path.write_text("happy 1 2 3\n" * 10 + "day 1 2\n" * 20, encoding="utf-8")
    with pytest.raises(DataError, match="20 of 30 lines are not a word and 3 numbers"):
        read_vectors(VectorOptions(path), VOCABULARY, seed=0)


def test_the_cache_holds_the_rows_of_one_file_and_vocabulary(glove_file: Path) -> None:
    """The second look-up reads the cache, which another vocabulary or an altered file does not."""
    first = read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0)
    entry = cache_path(file_hash(glove_file), VOCABULARY)
    with np.load(entry, allow_pickle=False) as stored:
        altered = {name: stored[name] for name in stored.files}
    np.savez(entry, **altered | {"rows": altered["rows"] + 1})
    np.testing.assert_allclose(
        read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0).matrix[4], first.matrix[4] + 1
    )
    np.testing.assert_allclose(
        read_vectors(VectorOptions(glove_file), [*VOCABULARY, "fear"], seed=0).matrix[4], first.matrix[4]
    )
    glove_file.write_text("day 7 7 7\nhappy 1 1 1\n", encoding="utf-8")
    np.testing.assert_allclose(read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0).matrix[4], [7, 7, 7])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"\x93NUMPY\x01\x00 no array"])
def test_a_damaged_cache_entry_is_read_anew(glove_file: Path, content: bytes) -> None:
    """A cache entry that was cut short or is no archive does not change the result and is replaced."""
    first = read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0)
    entry = cache_path(file_hash(glove_file), VOCABULARY)
    entry.write_bytes(content)
    np.testing.assert_array_equal(read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0).matrix, first.matrix)
    with np.load(entry, allow_pickle=False) as stored:
        assert stored["found"].tolist() == first.found.tolist()


def test_a_cache_entry_with_a_damaged_header_is_read_anew(glove_file: Path) -> None:
    """A byte that no parser of NumPy's expects is found before the checksum, and does not end the training."""
    first = read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0)
    entry = cache_path(file_hash(glove_file), VOCABULARY)
    np.savez(entry, rows=np.ones((2, 2000), np.float32), found=first.found, malformed=0)
    entry.write_bytes(entry.read_bytes().replace(b"(2, 2000)", b"(2, 2000 "))
    np.testing.assert_array_equal(read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0).matrix, first.matrix)


@pytest.mark.acceptance
def test_processes_that_fill_one_cache_at_once_all_get_the_vectors(glove_file: Path) -> None:
    """Each has the same rows, and one entry is left, with nothing beside it."""
    read = partial(read_vectors, VectorOptions(glove_file), VOCABULARY, seed=0)
    with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as pool:
        found = [future.result().matrix for future in [pool.submit(read) for _ in range(4)]]
    for matrix in found:
        np.testing.assert_array_equal(matrix, read().matrix)
    entry = cache_path(file_hash(glove_file), VOCABULARY)
    assert list(entry.parent.iterdir()) == [entry]


def test_a_cache_entry_that_is_a_link_is_not_followed(glove_file: Path, tmp_path: Path) -> None:
    """Vectors of somebody else do not get in by a link, and what it leads to stays as it is."""
    first = read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0)
    entry = cache_path(file_hash(glove_file), VOCABULARY)
    with np.load(entry, allow_pickle=False) as stored:
        altered = {name: stored[name] for name in stored.files}
    np.savez(tmp_path / "elsewhere.npz", **altered | {"rows": altered["rows"] + 1})
    before = (tmp_path / "elsewhere.npz").read_bytes()
    entry.unlink()
    entry.symlink_to(tmp_path / "elsewhere.npz")
    np.testing.assert_array_equal(read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0).matrix, first.matrix)
    assert not entry.is_symlink()
    assert (tmp_path / "elsewhere.npz").read_bytes() == before


def test_a_cache_that_cannot_be_written_is_done_without(
    glove_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in the place of the cache folder changes nothing but the speed."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("EMOTION_CACHE_DIR", str(tmp_path / "file"))
    assert read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0).found.sum() == 2


def test_a_named_glove_file_that_cannot_be_fetched_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the network the message names the Kaggle handle, a short cause and the ways to go on."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("KAGGLEHUB_CACHE", str(tmp_path))
    with pytest.raises(DataError, match=r"as \S+ \(Connection refused\)\. .*--glove PATH"):
        locate_glove("glove.twitter.27B.100d")


@pytest.fixture
def named_glove(tmp_path: Path, glove_file: Path) -> Iterator[str]:
    """The name of vectors on a Kaggle that has a few words of them."""
    (name, entry), *_ = manifest("glove").items()
    with kaggle_on_loopback(tmp_path / "home") as kaggle:
        kaggle.archives[entry["kaggle_handle"]] = archive_of({f"{name}.txt": glove_file.read_bytes()})
        yield name


@pytest.mark.acceptance
def test_a_named_glove_file_comes_from_kaggle(named_glove: str, glove_file: Path) -> None:
    """The vectors are those of the file, whose sha256 goes into the run."""
    found = read_vectors(VectorOptions(named_glove), VOCABULARY, seed=0)
    np.testing.assert_array_equal(found.matrix, read_vectors(VectorOptions(glove_file), VOCABULARY, seed=0).matrix)
    assert found.sha256 == file_hash(glove_file)


@pytest.mark.acceptance
def test_other_vectors_under_the_name_are_refused(
    named_glove: str, glove_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the manifest has a sha256, another file is named with both, and with what to delete."""
    monkeypatch.setitem(manifest("glove")[named_glove], "sha256", "0" * 64)
    with pytest.raises(DataError) as caught:
        read_vectors(VectorOptions(named_glove), VOCABULARY, seed=0)
    folder = locate_glove(named_glove).parent
    for part in (f"{folder / named_glove}.txt", f"found sha256 {file_hash(glove_file)}", f"expected {'0' * 64}"):
        assert part in str(caught.value)
    assert f"Delete the folder {folder} and run the command again" in str(caught.value)
