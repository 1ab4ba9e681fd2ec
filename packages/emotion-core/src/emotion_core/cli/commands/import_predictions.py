"""The command ``import-predictions``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emotion_core.cli.groups import ColumnOptions, column_options, grouped
from emotion_core.cli.help.command import HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import DATASET, DATASETS, SPLIT
from emotion_core.cli.interruption import tell_outputs
from emotion_core.cli.options import Place, data_inputs, force_option, json_option, quiet_option
from emotion_core.cli.printing import report_unused
from emotion_core.cli.training import output_option
from emotion_core.defaults import RUNS_FOLDER
from emotion_core.errors import DataError

if TYPE_CHECKING:
    from emotion_core.data.dataset import Dataset
    from emotion_core.evaluation.imported.run import Imported


@dataclass(frozen=True, kw_only=True)
class ImportOptions(ColumnOptions):
    """The options of ``import-predictions``, as the command line gives them."""

    file: Path
    name: str
    data: str
    split: str | None
    output: Path | None
    predicted_column: str | None
    predicted_text_column: str | None
    force: bool
    as_json: bool
    quiet: bool


@click.command("import-predictions", cls=HelpfulCommand)
@click.argument("file", type=Place(file=True))
@option(
    "--name",
    section=Section.COMMON,
    required=True,
    metavar="NAME",
    help="Call the model that made the predictions by this name.",
)
@option(
    "--data",
    section=Section.COMMON,
    required=True,
    type=DATASET,
    help=f"Compare with the labels of this dataset, which was predicted: {DATASETS}.",
)
@option(
    "--split",
    section=Section.COMMON,
    type=SPLIT,
    show_default="test, or all rows of one file",
    help="Say which split was predicted.",
)
@output_option("NAME")
@option(
    "--predicted-column",
    section=Section.DATA,
    metavar="COLUMN",
    help="Read the emotions from this column of FILE, and no probabilities.",
)
@option(
    "--predicted-text-column",
    section=Section.DATA,
    metavar="COLUMN",
    show_default="as --text-column",
    help="Find the rows by the texts in this column of FILE.",
)
@column_options
@force_option
@json_option
@quiet_option
@grouped(asked=ImportOptions)
def import_predictions(asked: ImportOptions) -> None:
    """Make a run of FILE, the predictions of any other program, to compare it with runs of these packages.

    FILE is csv, tsv, jsonl, json or parquet. It has six columns of probabilities, called like the emotions or
    probability_sadness, ..., or one column of predicted emotions, by name or id. Its rows are matched to the texts of
    --data by a column of texts, or by their order if there is none. --label-map says what other names mean.

    \b
    Example:
      emotion-core import-predictions theirs.csv --name theirs --data sample
    """
    from emotion_core.data.dataset import WHOLE_FILE
    from emotion_core.data.formats.table import Reading
    from emotion_core.data.load import load_dataset
    from emotion_core.data.published.manifests import named_datasets
    from emotion_core.evaluation.imported.reading import FileColumns
    from emotion_core.evaluation.imported.run import import_predictions as write_run
    from emotion_core.imports import needs
    from emotion_core.system.overwriting import check_output

    needs("study", "matplotlib", who="emotion-core import-predictions")
    if not asked.name.strip() or Path(asked.name).name != asked.name:
        raise DataError(f"--name: found {asked.name!r}, expected a name that a folder can have.")
    output = asked.output or Path(RUNS_FOLDER) / asked.name
    check_output(output, force=asked.force, inputs=[asked.file, *data_inputs(asked.data)], keep_model=True)
    tell_outputs(output)
    columns = asked.columns()
    # The labels of a dataset with a name are the six emotions, so that the map speaks of the file alone.
    of_data = replace(columns, label_map=None) if asked.data in named_datasets() else columns
    dataset = load_dataset(asked.data, replace(of_data, reading=Reading()))  # --format and --quoting are of FILE
    report_unused(dataset, quiet=asked.quiet)
    split = asked.split or (WHOLE_FILE if dataset.is_one_file else "test")
    of_file = FileColumns(
        asked.predicted_text_column or columns.text,
        asked.predicted_column,
        columns.label,
        columns.label_map,
        asked.reading,
        needs_text=asked.predicted_text_column is not None,
    )
    found = write_run(asked.file, of_file, dataset, split, output, name=asked.name, force=asked.force)
    _tell(asked, dataset, split, output, found)


def _tell(asked: ImportOptions, dataset: Dataset, split: str, output: Path, found: Imported) -> None:
    from emotion_core.evaluation.imported.matching import numbers
    from emotion_core.runs.typed_json import json_text

    said, matched = found.said, found.matched
    if not asked.quiet:
        click.echo(f"{said.path}: read {said.source}; matched {matched.how}.", err=True)
        if matched.unused:
            rows = f"{len(matched.unused)} rows are not used, since their texts are not in {split} of {dataset.name}"
            click.echo(f"{said.path}: {rows}: {said.unit}s {numbers(said, matched.unused)}", err=True)
    click.echo(json_text(found.metrics, indent=2) if asked.as_json else f"{output}: {found.metrics.summary()}")
