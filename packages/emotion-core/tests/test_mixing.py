"""Several sources as one dataset: how often each text is read, what is refused, and what a run records."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from emotion_core.cli.main import main
from emotion_core.data.dataset import Dataset, Split, fingerprint
from emotion_core.data.mixing.mix import mixed
from emotion_core.data.mixing.weights import times_read
from emotion_core.errors import DataError
from emotion_core.labels import EMOTIONS
from emotion_core.runs.folder import read_run

WORDS = ("amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath", "islet", "jetty", "knoll", "ledge")
PAIRS = [f"{one} {other}" for one in WORDS for other in WORDS]


def source(name: str, rows: int, *held_out: str, **given: list[str]) -> Dataset:
    """A dataset of texts that no other name has, so many of them in train; some splits begin with given texts."""
    splits = {}
    for split, size in {"train": rows, "validation": 6, **dict.fromkeys(held_out, 6)}.items():
        own = [f"{name} {split} {pair}" for pair in PAIRS]
        splits[split] = Split([*given.get(split, []), *own][:size], np.arange(size) % 6)
    return Dataset(name, splits)


def of_source(dataset: Dataset, name: str) -> list[str]:
    """The training texts that are of a source."""
    return [text for text in dataset.splits["train"].texts if text.startswith(name)]


def test_by_size_each_text_is_read_once() -> None:
    """Train, validation and test are those of one source after those of the other."""
    one, other = source("one", 12), source("other", 6, "test")
    dataset = mixed([one, other], "size", 1)
    assert dataset.splits["train"].texts == one.splits["train"].texts + other.splits["train"].texts
    assert dataset.splits["validation"].texts == one.splits["validation"].texts + other.splits["validation"].texts
    assert fingerprint(dataset.splits["test"]) == fingerprint(other.splits["test"])
    assert dataset.name == "one + other"


@pytest.mark.parametrize(
    ("mix", "expected"), [("equal", (30, 30)), ("1,1", (30, 30)), ("1,2", (30, 60)), ("10,1", (120, 12))]
)
def test_sources_weigh_what_is_asked_for_and_no_text_is_lost(mix: str, expected: tuple[int, int]) -> None:
    """The rows are in the ratio of the weights; of each source every text is read, none twice more than another."""
    dataset = mixed([source("one", 30), source("other", 12)], mix, 1)
    found = of_source(dataset, "one"), of_source(dataset, "other")
    assert tuple(map(len, found)) == expected
    for texts, rows in zip(found, (30, 12), strict=True):
        counts = {text: texts.count(text) for text in texts}
        assert len(counts) == rows
        assert max(counts.values()) - min(counts.values()) <= 1


def test_the_texts_that_are_read_once_more_depend_on_the_seed() -> None:
    """The same seed draws the same rows."""
    sources = [source("one", 30), source("other", 20)]
    first, same, other = (mixed(sources, "equal", seed).splits["train"].texts for seed in (1, 1, 2))
    assert first == same != other


@pytest.mark.parametrize(
    ("mix", "message"),
    [
        ("much", "found 'much', expected equal, size, or a weight for each --data, such as 1,2"),
        ("1,2,3", "found 3 weights for 2 sources"),
        ("1,0", "found the weight 0, expected a number above 0"),
        ("1,nan", "found the weight nan"),
        ("1,1000", "the 6 training texts of other would be read 2,000 times in an epoch, expected 100 at most"),
    ],
)
def test_weights_that_make_no_sense_are_refused(mix: str, message: str) -> None:
    """The message says what was found and what is expected."""
    with pytest.raises(DataError, match=message):
        times_read(mix, {"one": 12, "other": 6})


def test_a_source_is_named_once() -> None:
    """Twice the same source would be leakage of all its texts."""
    with pytest.raises(DataError, match="one is named twice"):
        mixed([source("one", 6), source("one", 6)], "size", 1)


LEAK = "Dawn over the quiet harbour!"


@pytest.mark.parametrize("held_out", ["validation", "test"])
def test_a_training_text_that_another_source_holds_out_is_refused(held_out: str) -> None:
    """In another spelling too; the message counts the texts, and says how to leave them out."""
    held = {held_out: ["dawn over the quiet harbour"]}
    sources = [source("one", 12, train=[LEAK]), source("other", 6, "test", **held)]
    with pytest.raises(DataError, match=r"Training texts \(1 of one\) stand in .* --drop-shared"):
        mixed(sources, "size", 1)


def test_shared_texts_are_left_out_of_the_training_if_that_is_asked_for() -> None:
    """The other source keeps them in its held-out split, and the record counts them."""
    sources = [source("one", 12, train=[LEAK]), source("other", 6, validation=[LEAK])]
    dataset = mixed(sources, "size", 1, drop_shared=True)
    assert LEAK not in dataset.splits["train"].texts
    assert LEAK in dataset.splits["validation"].texts
    assert [entry.shared for entry in dataset.mix.sources] == [1, 0]


def test_a_source_that_shares_all_its_texts_is_refused() -> None:
    """Nothing would be left of it."""
    sources = [source("one", 1, train=[LEAK]), source("other", 6, validation=[LEAK])]
    with pytest.raises(DataError, match="one: each of its training texts"):
        mixed(sources, "size", 1, drop_shared=True)


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A folder with a train file of 60 posts."""
    folder = tmp_path / "posts"
    folder.mkdir()
    rows = [f"a post about {pair},{EMOTIONS[place % 6]}" for place, pair in enumerate(PAIRS[:60])]
    (folder / "train.csv").write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return folder


def train(*words: object) -> str:
    """What ``baseline`` prints."""
    told = CliRunner().invoke(main, ["baseline", *map(str, words)], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    return told.output


def test_a_run_records_its_sources(posts: Path, tmp_path: Path) -> None:
    """Names, rows, weights, fingerprints and figures on each one's validation texts; the card has the licences."""
    said = train("--data", "sample", "--data", posts, "--mix", "1,2", "--output", tmp_path / "runs")
    data = read_run(tmp_path / "runs" / "tfidf-svm").data
    assert data.name == f"sample + {posts}"
    sample, own = data.mix.sources
    assert (data.mix.rule, sample.name, own.name) == ("1,2", "sample", str(posts))
    assert own.rows == 2 * sample.rows == 2 * sample.splits["train"].rows
    assert own.weight == pytest.approx(2 / 3)
    assert own.splits["train"].rows + own.splits["validation"].rows == 60
    assert sample.splits["validation"].fingerprint != data.splits["validation"].fingerprint
    assert data.splits["train"].rows == sample.rows + own.rows
    right = sum(entry.accuracy * entry.splits["validation"].rows for entry in data.mix.sources)
    assert "validation of sample (150 texts): accuracy" in said
    assert f"{right / data.splits['validation'].rows:.4f}" in said
    card = (tmp_path / "runs" / "tfidf-svm" / "README.md").read_text(encoding="utf-8")
    assert "CC0-1.0" in card
    assert "own data, of whose source" in card


@pytest.mark.parametrize("words", [("--mix", "equal"), ("--drop-shared",)])
def test_options_about_several_sources_need_several(words: tuple[str, ...], tmp_path: Path) -> None:
    """With one source the command says how to name more."""
    told = CliRunner().invoke(main, ["baseline", "--data", "sample", *words, "--output", str(tmp_path / "runs")])
    assert told.exit_code == 2
    assert f"{words[0]} is about several sources: repeat --data." in told.stderr


def test_a_label_map_is_for_the_sources_without_a_name(posts: Path, tmp_path: Path) -> None:
    """The sample has our labels, so that the map of another source does not stand in the way."""
    file, label_map = posts / "train.csv", tmp_path / "map.json"
    file.write_text(file.read_text(encoding="utf-8").replace(",joy", ",happiness"), encoding="utf-8")
    names = {emotion: emotion for emotion in EMOTIONS if emotion != "joy"} | {"happiness": "joy"}
    label_map.write_text(str(names).replace("'", '"'), encoding="utf-8")
    train("--data", "sample", "--data", posts, "--label-map", label_map, "--output", tmp_path / "runs", "--quiet")
    assert read_run(tmp_path / "runs" / "majority").data.mix.sources[1].rows == 54


def test_a_run_without_sources_has_none_in_its_record(tmp_path: Path) -> None:
    """Runs of one source are written as before, and old ones load."""
    train("--data", "sample", "--output", tmp_path / "runs", "--quiet")
    record = read_run(tmp_path / "runs" / "majority")
    assert record.data.mix is None
    assert "mix" not in record.to_json()["data"]
    assert record.data.names == ["sample"]
