"""Merge the posts into a corpus, as shared-data/sample/PLAN.md has it: `python corpus/merge.py FOLDER`.

Writes train, validation and test with 890, 100 and 100 texts of each emotion, the first edition's test split, and the
neutral texts, and prints how far the second reading agreed with the labels.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sklearn.metrics import accuracy_score, cohen_kappa_score

from emotion_core import EMOTIONS

CORPUS = Path(__file__).parent
SIZES = {"train": 890, "validation": 100, "test": 100}
"""Texts of each emotion in each split."""
TEACHING = {"14", "15", "16"}
"""Parts that were written about the errors of a model that the others had taught, and that only teach."""
NEUTRAL = {"train": 400, "test": 200}
DROPPED = "x"
"""The mark of a text that the corpus does without, such as a near duplicate of another."""
COLUMNS = ("text", "label", "second", "register", "variety", "topic", "way", "part")
NEUTRAL_COLUMNS = ("text", "split", *COLUMNS[3:])
"""A neutral text has none of the six labels, so that its file has no column for one."""
Row = dict[str, str]


def read(path: Path) -> list[Row]:
    """The rows of a file, with their part, the name of the file."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{"part": path.stem, "second": "", **row} for row in csv.DictReader(file)]


def agreed(row: Row) -> bool:
    """Whether the second reading found the label or the second emotion that was noted."""
    return DROPPED not in row["mark"] and row["reading"] in {row["label"], row["second"] or row["label"]}


def order(row: Row) -> str:
    """What texts are ordered by: as good as a draw, and the same on every machine."""
    return hashlib.sha256(" ".join(row["text"].lower().split()).encode()).hexdigest()


def share_out(rows: Iterable[Row], wanted: int, cell: Callable[[Row], str]) -> list[Row]:
    """So many rows, of each cell in proportion to its size."""
    ordered = sorted(rows, key=lambda row: (cell(row), order(row)))
    return [ordered[(2 * place + 1) * len(ordered) // (2 * wanted)] for place in range(wanted)]


def print_agreement(rows: list[Row]) -> None:
    """Cohen's kappa of the labels and the second reading, for each emotion, too."""
    labels, readings = [row["label"] for row in rows], [row["reading"] for row in rows]
    same = accuracy_score(labels, readings)
    print(f"{len(rows)} texts, kappa {cohen_kappa_score(labels, readings):.3f}, the same label {same:.3f}")
    print(f"{sum(not agreed(row) for row in rows)} have another label in the second reading, or were dropped")
    for emotion in EMOTIONS:
        one, other = ([name == emotion for name in column] for column in (labels, readings))
        print(f"  {emotion:<9} kappa {cohen_kappa_score(one, other):.3f}")


def merge(posts: list[Row], pilot: list[Row], first: list[Row]) -> dict[str, list[Row]]:
    """The splits: the first edition keeps its own, the pilot and TEACHING teach, new posts are shared out by part."""
    splits: dict[str, list[Row]] = defaultdict(list)
    for emotion in EMOTIONS:
        new, tried, old = (
            sorted((row for row in rows if row["label"] == emotion and agreed(row)), key=order)
            for rows in (posts, pilot, first)
        )
        tried += [row for row in new if row["part"] in TEACHING]
        new = [row for row in new if row["part"] not in TEACHING]
        # What the first edition has too much of goes first, then what reads less like a post.
        surplus = len(new) + len(tried) + len(old) - sum(SIZES.values())
        chosen = sorted(old, key=lambda row: bool(row["mark"]))[: max(0, len(old) - surplus)]
        if len(chosen) + surplus > len(old):
            new = sorted(new, key=lambda row: bool(row["mark"]))[: len(new) - (surplus - len(old))]
        splits["train"] += tried + [row for row in chosen if row["split"] == "train"]
        splits["validation"] += (known := [row for row in chosen if row["split"] == "validation"])
        test = share_out(new, SIZES["test"], lambda row: row["part"])
        rest = [row for row in new if row not in test]
        validation = share_out(rest, SIZES["validation"] - len(known), lambda row: row["part"])
        splits["test"] += test
        splits["validation"] += validation
        splits["train"] += [row for row in rest if row not in validation]
    return {name: sorted(rows, key=order) for name, rows in splits.items()}


def merge_neutral(rows: list[Row]) -> list[Row]:
    """The neutral texts, each kind in both splits in proportion."""
    chosen = share_out(filter(agreed, rows), sum(NEUTRAL.values()), lambda row: row["way"])
    test = share_out(chosen, NEUTRAL["test"], lambda row: row["way"])
    return [{**row, "split": "test" if row in test else "train"} for row in sorted(chosen, key=order)]


def write(path: Path, rows: list[Row], columns: Sequence[str] = COLUMNS) -> None:
    """Write a file of the corpus aside, and rename it."""
    aside = path.with_suffix(".part")
    with aside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    aside.replace(path)
    print(f"{path}: {len(rows)} texts")


def main() -> None:
    """Merge into the folder that the command line names."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python corpus/merge.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    posts = [row for path in sorted((CORPUS / "posts").glob("[01]*.csv")) for row in read(path)]
    pilot, first = read(CORPUS / "posts" / "pilot.csv"), read(CORPUS / "first_edition.csv")
    print_agreement([*posts, *pilot, *first])
    for name, rows in merge(posts, pilot, [row for row in first if row["split"] != "test"]).items():
        write(folder / f"{name}.csv", rows)
    write(folder / "first_edition_test.csv", [row for row in first if row["split"] == "test"])
    neutral = [row for path in sorted((CORPUS / "posts").glob("neutral_*.csv")) for row in read(path)]
    write(folder / "neutral.csv", merge_neutral(neutral), NEUTRAL_COLUMNS)


if __name__ == "__main__":
    main()
