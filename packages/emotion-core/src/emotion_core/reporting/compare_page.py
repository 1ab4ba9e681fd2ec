"""The comparison as one HTML file that needs no network and no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from math import isnan
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from emotion_core.defaults import DEFAULT_EXAMPLES
from emotion_core.errors import RunError
from emotion_core.evaluation.behaviour.record import Behaviour
from emotion_core.evaluation.transfer.record import Transfer
from emotion_core.labels import EMOTIONS
from emotion_core.reporting.beyond import transfer_table
from emotion_core.reporting.beyond.behaviours import behaviour_table
from emotion_core.reporting.compare import Entry
from emotion_core.reporting.compare_table import (
    COLUMNS,
    DIFFERENCES,
    mean_confusion,
    remarks,
    sort_values,
    table_rows,
)
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
    records: list[RunRecord]
    cells: list[tuple[str, str, str | float | None]]
    f1: list[tuple[str, float | None]]
    confusion: list[list[tuple[str, float]]]


class Vote(NamedTuple):
    """An emotion that was predicted for a text, and of each run that did the title and how sure it was."""

    emotion: str
    right: bool
    runs: list[tuple[str, str]]


class Example(NamedTuple):
    """A text on which the runs disagree: its true id, the id that each run predicted, and the votes."""

    text: str
    label: int
    predicted: list[int]
    said: list[Vote]


class Beyond(NamedTuple):
    """What the page shows below the comparison: how runs behave, and what they are worth on other data."""

    behaviours: Sequence[Behaviour] = ()
    transfer: Transfer | None = None


def write_page(
    entries: Sequence[Entry], path: str | Path, *, examples: int = DEFAULT_EXAMPLES, beyond: Beyond | None = None
) -> None:
    """Write the page for the result of `compare.ranked_runs`, replacing an older one.

    Args:
        entries: the compared runs.
        path: of the page.
        examples: how many texts on which the runs disagree it shows, at most.
        beyond: what it shows below that.

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
        remarks=remarks(entries),
        runs=[_run(entry, cells) for entry, cells in zip(entries, table_rows(entries), strict=True)],
        emotions=EMOTIONS,
        data=entries[0].data,
        total=disagreements.total,
        examples=_examples(entries, disagreements),
        longest_text=LONGEST_TEXT,
        behaviour=behaviour_table(beyond.behaviours) if beyond else None,
        transfer=_transfer(beyond.transfer) if beyond and beyond.transfer else None,
    )
    path = Path(path)
    try:
        write_aside(path, page.encode(errors="replace").decode())  # a name may hold half a character
    except OSError as error:
        raise RunError(f"{path}: the page cannot be written ({error}).") from error


class ShownTransfer(NamedTuple):
    """The table of a transfer: its columns, their cells, and what a reader has to know of it."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    remarks: list[str]


def _transfer(found: Transfer) -> ShownTransfer:
    return ShownTransfer(transfer_table.COLUMNS, transfer_table.table_rows(found), transfer_table.remarks(found))


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode("ascii")


def _title(entry: Entry) -> str:
    """What an entry is called on the page."""
    return f"{entry.rank}. {entry.run}"


def _run(entry: Entry, cells: tuple[str, ...]) -> Panel:
    return Panel(
        title=_title(entry),
        entry=entry,
        records=[read_run(run.path) for run in entry.runs],
        cells=list(zip(COLUMNS, cells, sort_values(entry), strict=True)),
        f1=[_f1(entry, name) for name in EMOTIONS],
        confusion=[_confusion_row(counts) for counts in mean_confusion(entry)],
    )


def _f1(entry: Entry, emotion: str) -> tuple[str, float | None]:
    """F1 of an emotion as it is shown, and as a number: of a run with its interval, of several seeds their mean."""
    if entry.seeds is None:
        score = entry.metrics.per_class[emotion].f1
        return score.text(3), score.value
    values = [run.metrics.per_class[emotion].f1.value for run in entry.runs]
    defined = [value for value in values if value is not None]
    if not defined:
        return "undefined", None
    return f"{fmean(defined):.3f}" + (f" ± {stdev(defined):.3f}" if len(defined) > 1 else ""), fmean(defined)


def _confusion_row(counts: list[float]) -> list[tuple[str, float]]:
    """Each count of a true emotion with its share of them; the mean over seeds may have decimals."""
    total = max(1, sum(counts))
    return [(f"{count:.1f}".removesuffix(".0"), count / total) for count in counts]


def _examples(entries: Sequence[Entry], found: Disagreements) -> list[Example]:
    titles = [_title(entry) for entry in entries]
    return [
        Example(
            text=text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " …",
            label=label,
            predicted=predicted,
            said=_said(label, list(zip(titles, predicted, sure, strict=True))),
        )
        for text, label, predicted, sure in zip(
            found.texts, found.labels.tolist(), found.predicted.tolist(), _how_sure(entries, found), strict=True
        )
    ]


def _how_sure(entries: Sequence[Entry], found: Disagreements) -> list[list[str]]:
    """Of each text, for each entry, the probability of what it predicted, and how many of several seeds did so."""
    several = [f", {{}} of {len(entry.runs)} seeds" if entry.seeds else "" for entry in entries]
    return [
        [
            ("no probability" if isnan(value) else f"{value:.2f}") + words.format(count)
            for value, words, count in zip(values, several, counts, strict=True)
        ]
        for values, counts in zip(found.probabilities.tolist(), found.agreeing.tolist(), strict=True)
    ]


def _said(label: int, votes: list[tuple[str, int, str]]) -> list[Vote]:
    """The predicted emotions, each with the runs that said so: the right one first, then those with most runs."""
    by_emotion: dict[int, list[tuple[str, str]]] = {}
    for title, predicted, sure in votes:
        by_emotion.setdefault(predicted, []).append((title, sure))
    ordered = sorted(by_emotion.items(), key=lambda item: (item[0] != label, -len(item[1])))
    return [Vote(EMOTIONS[predicted], predicted == label, runs) for predicted, runs in ordered]
