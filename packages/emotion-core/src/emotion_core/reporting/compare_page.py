"""The comparison as one HTML file that needs no network and no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from emotion_core.defaults import DEFAULT_EXAMPLES
from emotion_core.errors import RunError
from emotion_core.labels import EMOTIONS
from emotion_core.reporting.compare import COLUMNS, DIFFERENCES, Entry, sort_values, table_rows
from emotion_core.reporting.disagreements import Disagreements, find_disagreements
from emotion_core.runs.folder import read_run
from emotion_core.runs.record import RunRecord
from emotion_core.system.claim import write_aside

LONGEST_TEXT = 500
"""Characters of a text that are shown, so that no text makes the page large."""

HIGHER_IS_BETTER = ("macro-F1", "accuracy", "texts/s", *DIFFERENCES)
"""Columns whose largest values a reader wants to see first."""


class Panel(NamedTuple):
    """What the page shows of a run."""

    title: str
    entry: Entry
    record: RunRecord
    cells: list[tuple[str, str, str | float | None]]
    f1: list[tuple[str, float | None]]
    confusion: list[list[tuple[int, float]]]


class Vote(NamedTuple):
    """An emotion that was predicted for a text, and the title and the probability of each run that did."""

    emotion: str
    right: bool
    runs: list[tuple[str, float]]


class Example(NamedTuple):
    """A text on which the runs disagree: its true id, the id that each run predicted, and the votes."""

    text: str
    label: int
    predicted: list[int]
    said: list[Vote]


def write_page(entries: Sequence[Entry], path: str | Path, *, examples: int = DEFAULT_EXAMPLES) -> None:
    """Write the page for the result of `compare.ranked_runs`, replacing an older one.

    Args:
        entries: the compared runs.
        path: of the page.
        examples: how many texts on which the runs disagree it shows, at most.

    Raises:
        RunError: the file cannot be written, or the predictions of a run cannot be read.
    """
    environment = Environment(
        loader=PackageLoader("emotion_core.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    style, script = (environment.get_template(f"compare.{kind}").render() for kind in ("css", "js"))
    disagreements = find_disagreements(entries, examples)
    page = environment.get_template("compare.html").render(
        style=style,
        script=script,
        # Nothing but this style and this script may run or load, whatever a text or a name holds.
        policy=f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; "
        "form-action 'none'",
        columns=COLUMNS,
        higher_is_better=HIGHER_IS_BETTER,
        known=[(entry.run, entry.metrics.data.trained_on) for entry in entries if entry.metrics.data.trained_on],
        runs=[_run(entry, cells) for entry, cells in zip(entries, table_rows(entries), strict=True)],
        emotions=EMOTIONS,
        data=entries[0].metrics.data,
        total=disagreements.total,
        examples=_examples(entries, disagreements),
        longest_text=LONGEST_TEXT,
    )
    path = Path(path)
    try:
        write_aside(path, page.encode(errors="replace").decode())  # a name may hold half a character
    except OSError as error:
        raise RunError(f"{path}: the page cannot be written ({error}).") from error


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode("ascii")


def _title(entry: Entry) -> str:
    """What a run is called on the page; two runs may have one name, but not one rank."""
    return f"{entry.rank}. {entry.run}"


def _run(entry: Entry, cells: tuple[str, ...]) -> Panel:
    f1 = [entry.metrics.per_class[name].f1 for name in EMOTIONS]
    return Panel(
        title=_title(entry),
        entry=entry,
        record=read_run(entry.path),
        cells=list(zip(COLUMNS, cells, sort_values(entry), strict=True)),
        f1=[(score.text(3), score.value) for score in f1],
        confusion=[_confusion_row(counts) for counts in entry.metrics.confusion_matrix],
    )


def _confusion_row(counts: list[int]) -> list[tuple[int, float]]:
    """Each count of a true emotion with its share of them."""
    total = max(1, sum(counts))
    return [(count, count / total) for count in counts]


def _examples(entries: Sequence[Entry], found: Disagreements) -> list[Example]:
    titles = [_title(entry) for entry in entries]
    return [
        Example(
            text=text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " …",
            label=label,
            predicted=predicted,
            said=_said(label, list(zip(titles, predicted, probabilities, strict=True))),
        )
        for text, label, predicted, probabilities in zip(
            found.texts, found.labels.tolist(), found.predicted.tolist(), found.probabilities.tolist(), strict=True
        )
    ]


def _said(label: int, votes: list[tuple[str, int, float]]) -> list[Vote]:
    """The predicted emotions, each with the runs that said so: the right one first, then those with most runs."""
    by_emotion: dict[int, list[tuple[str, float]]] = {}
    for title, predicted, probability in votes:
        by_emotion.setdefault(predicted, []).append((title, probability))
    ordered = sorted(by_emotion.items(), key=lambda item: (item[0] != label, -len(item[1])))
    return [Vote(EMOTIONS[predicted], predicted == label, runs) for predicted, runs in ordered]
