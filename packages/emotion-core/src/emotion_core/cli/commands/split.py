"""The command ``split``."""

from __future__ import annotations

from pathlib import Path

import click

from emotion_core.bounds import PART, count
from emotion_core.cli.groups import ColumnOptions, column_options, grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.numbers import number
from emotion_core.cli.options import Folder, Place, force_option, seed_option
from emotion_core.cli.printing import report_dropped
from emotion_core.errors import DataError

DEFAULT_FRACTION = 0.1


@click.command(cls=HelpfulCommand)
@click.argument("file", type=Place())
@option(
    "--output",
    section=Section.COMMON,
    required=True,
    type=Folder(),
    metavar="FOLDER",
    help="Write the splits into this folder.",
)
@option(
    "--validation",
    section=Section.COMMON,
    type=number(PART),
    show_default=str(DEFAULT_FRACTION),
    help="Put this share of the rows into the validation split.",
)
@option(
    "--test",
    section=Section.COMMON,
    type=number(PART),
    show_default=str(DEFAULT_FRACTION),
    help="Put this share of the rows into the test split.",
)
@option(
    "--folds",
    section=Section.COMMON,
    type=number(count(2, 1_000)),
    help="Make this many cross-validation folds instead.",
)
@seed_option
@force_option
@column_options
@grouped(columns=ColumnOptions)
def split(
    file: Path,
    output: Path,
    validation: float | None,
    test: float | None,
    folds: int | None,
    seed: int,
    force: bool,
    columns: ColumnOptions,
) -> None:
    """Split FILE into train, validation and test, or into folds.

    The class shares are kept, and a text never stands on both sides, also when spelt with other case, emoji or
    punctuation. All columns are kept.

    \b
    Example:
      emotion-core split tweets.csv --output my-data/
      emotion-core split tweets.csv --output folds/ --folds 5
    """
    from emotion_core.data.splits.files import Parts, write_splits

    for name, fraction in (("validation", validation), ("test", test)):
        if folds is not None and fraction is not None:
            raise DataError(f"--folds and --{name} exclude each other: each fold is the validation split once.")
    shares = [DEFAULT_FRACTION if fraction is None else fraction for fraction in (validation, test)]
    parts = Parts(shares[0], shares[1], folds, seed)
    tell_outputs(output)
    written = write_splits(file, output, columns.columns(), parts, force=force)
    for note in written.notes:
        click.echo(note, err=True)
    report_dropped(written.dropped, str(file), written.absent)
    for name, rows in written.rows.items():
        click.echo(f"{output / name}: {rows} rows")
