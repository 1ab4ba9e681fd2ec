"""The bundled corpus: what it holds, that no text stands in it twice, and that it is what its sources say."""

from __future__ import annotations

import csv
import importlib.util
import re
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
import yaml

from emotion_core import EMOTIONS, Dataset, Split, fingerprint, load_dataset
from emotion_core.data.near.search import NearSearch, near_duplicates
from emotion_core.data.published.manifests import manifest, shared_data_dir
from emotion_core.data.same_text import normalized_key

FOLDER = shared_data_dir() / "sample"
MERGE = Path(__file__).parents[3] / "corpus" / "merge.py"
FILES = ("train", "validation", "test", "first_edition_test", "neutral")


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a file of the corpus."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def bundled() -> Iterator[Dataset]:
    """The corpus as a user loads it, who has not the variable of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("EMOTION_DATASETS")
        yield load_dataset("sample")


@pytest.fixture(scope="module")
def texts() -> dict[str, list[str]]:
    """The texts of every file."""
    return {name: [row["text"] for row in rows_of(name)] for name in FILES}


@pytest.mark.parametrize(("split", "rows"), [("train", 5_340), ("validation", 600), ("test", 600)])
def test_it_has_its_rows_its_balance_and_its_fingerprints(bundled: Dataset, split: str, rows: int) -> None:
    """Each split has a sixth of its rows in each class, and is what the manifest says."""
    rows_of_split = bundled.split(split)
    assert np.bincount(rows_of_split.labels).tolist() == [rows // 6] * 6
    assert manifest("datasets")["sample"]["splits"][split] == {"rows": rows, "sha256": fingerprint(rows_of_split)}


def test_what_else_lies_in_its_folder_makes_no_noise(bundled: Dataset) -> None:
    """The neutral texts, the first edition's test split, the card and the plan are no part of the dataset."""
    assert (bundled.unused, bundled.notes, bundled.left_out) == ((), (), {})
    assert not any(dropped.reasons for dropped in bundled.dropped.values())


def test_the_test_split_of_the_first_edition_stays_as_it_was() -> None:
    """Figures that were measured on it stay comparable."""
    split = load_dataset(FOLDER / "first_edition_test.csv").split("all")
    assert np.bincount(split.labels).tolist() == [25] * 6
    earlier = Path(__file__).parents[3] / "tests" / "support" / "first_edition" / "sample" / "test.csv"
    assert sorted(zip(*split_rows(split), strict=True)) == sorted(
        zip(*split_rows(load_dataset(earlier).split("all")), strict=True)
    )


def split_rows(split: Split) -> tuple[list[str], list[int]]:
    """The texts and labels."""
    return list(split.texts), split.labels.tolist()


def test_the_neutral_texts_have_two_splits_and_no_label() -> None:
    """400 teach a gate, 200 measure it; none of the six emotions is theirs."""
    rows = rows_of("neutral")
    assert [sum(row["split"] == name for row in rows) for name in ("train", "test")] == [400, 200]
    assert list(rows[0]) == ["text", "split", "register", "variety", "topic", "way", "part"]


def test_the_second_emotion_is_another(bundled: Dataset) -> None:
    """One text in six has one; training reads text and label alone."""
    rows = [row for name in ("train", "validation", "test") for row in rows_of(name)]
    assert {row["second"] for row in rows} <= {"", *EMOTIONS}
    assert all(row["second"] != row["label"] for row in rows)
    assert sum(bool(row["second"]) for row in rows) / len(rows) > 0.17
    assert list(bundled.split("test").frame().columns) == ["text", "label"]


def test_no_text_stands_in_it_twice(texts: dict[str, list[str]]) -> None:
    """Within a file and in two of them, also in another spelling."""
    keys = [normalized_key(text) for name in FILES for text in texts[name]]
    assert len(set(keys)) == len(keys)


def test_no_two_files_share_near_duplicates(texts: dict[str, list[str]]) -> None:
    """No two texts of different files share half of their sequences of five letters."""
    data = Dataset("corpus", {name: Split(of_file, [0] * len(of_file)) for name, of_file in texts.items()})
    found = near_duplicates(data, NearSearch(wanted=True))
    assert found is not None
    pairs = {tuple(part.splits): part.pairs for part in found.found if len(part.splits) == 2}
    assert pairs == dict.fromkeys(combinations(FILES, 2), 0)


def test_it_names_no_account_and_no_site(texts: dict[str, list[str]]) -> None:
    """Mentions are @user or @user1 to @user9, links lead to example.com, and there is no email address."""
    text = "\n".join(text for of_file in texts.values() for text in of_file)
    assert set(re.findall(r"@\w+", text)) <= {"@user", *(f"@user{n}" for n in range(1, 10))}
    hosts = re.findall(r"(?:https?://|www\.)([^\s/]+)", text, re.IGNORECASE)
    assert set(hosts) <= {"example.com", "www.example.com"}
    assert not re.search(r"\w@\w", text)


def test_it_is_what_its_sources_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``corpus/merge.py`` writes the bundled files, byte for byte."""
    spec = importlib.util.spec_from_file_location("merge", MERGE)
    assert spec is not None
    assert spec.loader is not None
    merge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(merge)
    monkeypatch.setattr(sys, "argv", ["merge.py", str(tmp_path)])
    merge.main()
    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert made == {f"{name}.csv": (FOLDER / f"{name}.csv").read_bytes() for name in FILES}


def test_its_card_is_one_for_the_hub() -> None:
    """The head names every file of the corpus once, its licence, and what the hub filters by."""
    _, head, _ = (FOLDER / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    card = yaml.safe_load(head)
    assert (card["license"], card["language"], card["task_categories"]) == ("cc0-1.0", ["en"], ["text-classification"])
    named = [file["path"] for config in card["configs"] for file in config["data_files"]]
    assert sorted(named) == sorted(f"{name}.csv" for name in FILES)


def test_the_library_datasets_loads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same rows, the labels by the ids that they have here."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_OFFLINE", True)
    loaded = {
        config: datasets.load_dataset(str(FOLDER), config, cache_dir=str(tmp_path))
        for config in ("default", "first_edition_test", "neutral")
    }
    sizes = {config: {name: len(rows) for name, rows in splits.items()} for config, splits in loaded.items()}
    assert sizes == {
        "default": {"train": 5_340, "validation": 600, "test": 600},
        "first_edition_test": {"test": 150},
        "neutral": {"neutral": 600},
    }
    test = loaded["default"]["test"]
    assert test.features["label"].names == list(EMOTIONS)
    assert [test.features["label"].int2str(label) for label in test["label"]] == [r["label"] for r in rows_of("test")]
    assert list(test["text"]) == [row["text"] for row in rows_of("test")]
