"""What several commands print: what of the data is not used, tables, and comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from emotion_core.printable import cell

if TYPE_CHECKING:
    from emotion_core.data.dataset import Dataset
    from emotion_core.data.dropped import Dropped
    from emotion_core.reporting.compare import Entry

SHOWN_FILES = 20


def report_unused(dataset: Dataset, *, quiet: bool = False) -> None:
    """Say on standard error what of the data is not used: dropped rows, splits without labels, and other files."""
    if quiet:
        return
    for note in dataset.notes:
        click.echo(note, err=True)
    for split, dropped in dataset.dropped.items():
        report_dropped(dropped, f"{split} ({dataset.sources[split]})", dataset.splits[split].absent())
    for split, why in dataset.left_out.items():
        click.echo(f"The {split} split has no labels and is not used: {why.splitlines()[0]}", err=True)
    if dataset.unused:
        more = f" and {len(dataset.unused) - SHOWN_FILES} more" if len(dataset.unused) > SHOWN_FILES else ""
        click.echo(f"{dataset.name}: not used: {', '.join(dataset.unused[:SHOWN_FILES])}{more}", err=True)


def report_dropped(dropped: Dropped, where: str, absent: Sequence[str]) -> None:
    """Say on standard error how many rows were left out and why, and which emotions have none left."""
    for line in dropped.lines(where):
        click.echo(line, err=True)
    if dropped.rows and absent:
        click.echo(f"No row of {', '.join(absent)} is left in {where}.", err=True)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Aligned columns, wider than the terminal rather than cut; a name that is endless is cut all the same."""
    rows = [[cell(entry) for entry in row] for row in rows]
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    for row in (columns, tuple("-" * width for width in widths), *rows):
        click.echo("  ".join(entry.ljust(width) for entry, width in zip(row, widths, strict=True)).rstrip())


def print_comparison(entries: Sequence[Entry]) -> None:
    """The ranked table of `compare.ranked_runs`."""
    from emotion_core.reporting.compare_table import COLUMNS, remarks, table_rows

    data = entries[0].data
    click.echo(
        f"Measured on {cell(data.split)} of {cell(data.name)} ({data.rows} texts){data.among()}, 95 % intervals."
    )
    print_table(COLUMNS, table_rows(entries))
    for line in remarks(entries):
        click.echo(line)
