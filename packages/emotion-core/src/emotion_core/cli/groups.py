"""Options that go together reach a command as one record, whose fields are called like the options."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from emotion_core.cli.help.option import Section, option
from emotion_core.cli.options import Command, Decorator, Place, stack
from emotion_core.data.formats.table import FORMAT_NAMES, QUOTINGS, Quoting, Reading
from emotion_core.labels import parse_emotions

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from emotion_core.data.labelled.columns import Columns, OnBadRows


def grouped(**kinds: type[DataclassInstance]) -> Decorator:
    """Collect the options that the fields of each dataclass name into one record for the command.

    What no dataclass has a field for reaches the command by its own name.

    Args:
        kinds: the dataclasses, by the names of the command's parameters.
    """
    fields = {parameter: [field.name for field in dataclasses.fields(kind)] for parameter, kind in kinds.items()}

    def decorate(command: Command) -> Command:
        @wraps(command)
        def with_records(**options: Any) -> Any:
            taken = {parameter: {name: options.pop(name) for name in names} for parameter, names in fields.items()}
            return command(**{parameter: kinds[parameter](**found) for parameter, found in taken.items()}, **options)

        return cast(Command, with_records)

    return decorate


text_column_option: Decorator = option(
    "--text-column",
    section=Section.DATA,
    default="text",
    show_default=True,
    metavar="COLUMN",
    help="Read the texts from this column.",
)


def _emotions(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """The names of emotions that a value has, with commas between them; in label order."""
    try:
        return None if value is None else parse_emotions(value.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from error


only_option: Decorator = option(
    "--only",
    section=Section.MODEL,
    callback=_emotions,
    metavar="EMOTION,EMOTION...",
    help="Decide among these emotions alone: their probabilities are scaled so that they sum to 1.",
)

reading_options: Decorator = stack(
    option(
        "--format",
        section=Section.DATA,
        type=click.Choice(FORMAT_NAMES),
        help="Read the file in this format, if its ending does not say so or it is a stream.",
    ),
    option(
        "--quoting",
        section=Section.DATA,
        type=click.Choice(QUOTINGS),
        help="Take the quotation marks in csv and tsv as part of the texts (none), or as enclosing cells, also those "
        "that look like several rows (standard).",
    ),
)

column_options: Decorator = stack(
    text_column_option,
    option(
        "--label-column",
        section=Section.DATA,
        default="label",
        show_default=True,
        metavar="COLUMN",
        help="Read the labels from this column.",
    ),
    option(
        "--on-bad-rows",
        section=Section.DATA,
        type=click.Choice(["error", "drop"]),
        default="error",
        show_default=True,
        help="Stop at rows that cannot be used, or drop and count them.",
    ),
    option(
        "--label-map",
        section=Section.DATA,
        type=Place(file=True),
        metavar="FILE",
        help="Read from this JSON or csv file what each label of another set is: one of the six emotions, or drop.",
    ),
    reading_options,
)


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """What `reading_options` say."""

    format: str | None
    quoting: Quoting | None

    @property
    def reading(self) -> Reading:
        """How a file is read."""
        return Reading(self.format, self.quoting)


@dataclass(frozen=True, kw_only=True)
class ColumnOptions(ReadingOptions):
    """What `column_options` say."""

    text_column: str
    label_column: str
    on_bad_rows: OnBadRows
    label_map: Path | None

    def columns(self) -> Columns:
        """The columns, with the map of the labels.

        Raises:
            DataError: the file of the map cannot be read.
        """
        from emotion_core.data.labelled.columns import Columns
        from emotion_core.data.labelled.label_map import LabelMap

        label_map = None if self.label_map is None else LabelMap.read(self.label_map)
        return Columns(self.text_column, self.label_column, self.on_bad_rows, label_map=label_map, reading=self.reading)
