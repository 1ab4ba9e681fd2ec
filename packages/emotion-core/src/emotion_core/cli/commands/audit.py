"""The command ``audit``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.bounds import MANY, SIMILARITY
from emotion_core.cli.groups import ColumnOptions, column_options, grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import DATASET
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.numbers import number
from emotion_core.cli.options import Place, data_inputs, force_option, json_option
from emotion_core.cli.printing import report_unused
from emotion_core.defaults import DEFAULT_NEAR_THRESHOLD, DEFAULT_PAIRS, NEAR_UNASKED
from emotion_core.errors import DataError

if TYPE_CHECKING:
    from emotion_core.data.near.search import NearSearch


@dataclass(frozen=True, kw_only=True)
class LookOptions:
    """What the audit looks for beside the rest."""

    near_duplicates: bool | None
    near_threshold: float | None
    pairs: int
    profile: bool
    by_emotion: bool

    def search(self) -> NearSearch:
        """How to look for near duplicates; who states a threshold wants them.

        Raises:
            DataError: they are wanted and not wanted.
        """
        from emotion_core.data.near.search import NearSearch

        wanted = self.near_duplicates
        if self.near_threshold is not None:
            if wanted is False:
                raise DataError("--near-threshold and --no-near-duplicates exclude each other.")
            wanted = True
        return NearSearch(wanted, self.near_threshold or DEFAULT_NEAR_THRESHOLD, self.pairs)


@click.command(cls=HelpfulCommand)
@click.argument("data", metavar="DATA", type=DATASET)
@column_options
@option(
    "--near-duplicates/--no-near-duplicates",
    section=Section.COMMON,
    default=None,
    show_default=f"look in data of up to {NEAR_UNASKED:,} rows",
    help="Find pairs of texts that are nearly the same, or do not.",
)
@option(
    "--near-threshold",
    section=Section.COMMON,
    type=number(SIMILARITY),
    show_default=str(DEFAULT_NEAR_THRESHOLD),
    help="Call two texts nearly the same from this Jaccard index of their sequences of five letters on.",
)
@option(
    "--pairs",
    section=Section.COMMON,
    type=number(MANY),
    default=DEFAULT_PAIRS,
    show_default=True,
    help="Show at most so many near duplicates of each kind, the most similar first.",
)
@option(
    "--profile",
    section=Section.COMMON,
    is_flag=True,
    help="Say what the texts look like, too: lengths, typing, openers, words of emotion.",
)
@option(
    "--by-emotion",
    section=Section.COMMON,
    is_flag=True,
    help="Add the profile of each emotion in each split.",
)
@option(
    "--figure",
    section=Section.COMMON,
    type=Place(file=True),
    metavar="FILE",
    help="Draw the class distribution into this file (png, svg or pdf).",
)
@force_option
@json_option
@grouped(columns=ColumnOptions, look=LookOptions)
def audit(
    data: str, figure: Path | None, force: bool, as_json: bool, columns: ColumnOptions, look: LookOptions
) -> None:
    """Look for what spoils a dataset: imbalance, duplicates, conflicting labels, leakage between splits.

    DATA is sample, emotion, a folder with train/validation/test files, or one file.

    \b
    Example:
      emotion-core audit sample
      emotion-core audit sample --profile
      emotion-core audit my-data/ --near-duplicates --pairs 100
      emotion-core audit my-data/ --figure classes.png --json
    """
    from emotion_core.data.audit import audit_text, audited
    from emotion_core.data.load import load_dataset
    from emotion_core.evaluation.figures import audit_figure
    from emotion_core.imports import needs
    from emotion_core.system.overwriting import check_file

    search = look.search()
    if look.by_emotion and not look.profile:
        raise DataError("--by-emotion is about the profile: give --profile, too.")
    if search.wanted:
        needs("study", "sklearn", who="--near-duplicates")
    if figure is not None:
        needs("study", "matplotlib", who="--figure")
        check_file(figure, force=force, inputs=data_inputs(data), option="--figure")
        if not figure.suffix:
            raise DataError(
                f"{figure}: has no ending. Give --figure the name of a file that ends in .png, .svg or .pdf."
            )
        tell_outputs(figure)
    dataset = load_dataset(data, columns.columns())
    report_unused(dataset)
    found = audited(dataset, search, profile=look.profile, by_emotion=look.by_emotion or as_json)
    if figure is not None:
        from emotion_core.evaluation.figures import save

        save(audit_figure(found), figure)
    click.echo(json.dumps(found.to_json(), indent=2, ensure_ascii=False) if as_json else audit_text(found))
