"""The options that mean the same in every command of the three packages, and how mistakes are shown."""

from __future__ import annotations

import errno
import io
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from emotion_core.bounds import SEED
from emotion_core.cli.numbers import number
from emotion_core.data.formats.table import FORMAT_NAMES, QUOTINGS, Reading
from emotion_core.defaults import DEFAULT_SEED, DEVICES
from emotion_core.errors import EmotionError, is_storage_fault, short_reason
from emotion_core.system.signals import ended_by_signals

if TYPE_CHECKING:
    from emotion_core.data.dataset import Dataset
    from emotion_core.data.dropped import Dropped
    from emotion_core.data.labelled.columns import Columns
    from emotion_core.reporting.compare import Entry


SHOWN_FILES = 20

Command = TypeVar("Command", bound=Callable[..., Any])


class Decorator(Protocol):
    """Adds options to a command."""

    def __call__(self, command: Command, /) -> Command:
        """The command with the options."""


class UserError(click.ClickException):
    """A mistake that the user can mend: one message on standard error, exit code 2."""

    exit_code = 2


class ClearErrors(click.Command):
    """Shows every EmotionError as one clear message instead of a traceback."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the program, which SIGTERM and SIGHUP end as Ctrl+C does."""
        with ended_by_signals():
            return super().main(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an EmotionError, a fault of the disk or a library that fails to load becomes a UserError."""
        try:
            return super().invoke(ctx)
        except EmotionError as error:
            raise UserError(str(error)) from error
        except Exception as error:
            message = _message(error, ctx)
            if message is None:
                raise
            raise UserError(message) from error


def _message(error: Exception, ctx: click.Context) -> str | None:
    """What a user can do about an error that a library or the system raised; None for a fault of the program."""
    from emotion_core.imports import import_message, is_import_fault

    if is_import_fault(error):
        return import_message(error, ctx.command_path, str(ctx.find_root().command.name))
    if is_storage_fault(error):
        reason = f"A file could not be written ({short_reason(error)})."
        return f"{reason} Make room on the disk and try again; what was complete is kept."
    if isinstance(error, OSError):  # no permission, a name too long
        # When the reader of standard output has left, click ends quietly.
        return None if error.errno == errno.EPIPE else str(error)
    return None


class Program(ClearErrors):
    """What a process starts with."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the program; if the process is its own, standard output takes every character from the beginning."""
        if options.get("standalone_mode", True):
            _print_every_character()
        return super().main(*args, **options)


def _print_every_character() -> None:
    """Print UTF-8 into files and pipes, and to a terminal what it can show.

    Standard output that is redirected has the code page of the system on Windows, which lacks most emoji. The name of a
    file may hold bytes that are no text; they are printed as escapes.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


class EmotionGroup(Program, click.Group):
    """The commands of a program."""


class EmotionCommand(Program):
    """A program that is one command."""


def program(name: str, example: str, description: str, set_up: Callable[[], None] | None = None) -> click.Group:
    """The command group of a program that is called like its package.

    Args:
        name: of the package.
        example: what to call it with.
        description: for the help.
        set_up: prepares the process, which is the program's own, before a command runs.
    """
    group = EmotionGroup(
        name=name,
        callback=set_up,
        help=description,
        epilog=f"Example: {name} {example}",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    return click.version_option(package_name=name, prog_name=name)(group)


def stack(*options: Decorator) -> Decorator:
    """Several options as one decorator, shown in the help in the order given."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


reading_options: Decorator = stack(
    click.option(
        "--format",
        type=click.Choice(FORMAT_NAMES),
        help="What the file is, if its ending does not say so, or it is a stream.",
    ),
    click.option(
        "--quoting",
        type=click.Choice(QUOTINGS),
        help="Quotation marks in csv and tsv: none, they are part of the texts; standard, they enclose cells, also "
        "those that look like several rows.",
    ),
)

column_options: Decorator = stack(
    click.option("--text-column", default="text", show_default=True, help="Name of the column with the texts."),
    click.option("--label-column", default="label", show_default=True, help="Name of the column with the labels."),
    click.option(
        "--on-bad-rows",
        type=click.Choice(["error", "drop"]),
        default="error",
        show_default=True,
        help="Stop at rows that cannot be used, or leave them out and count them.",
    ),
    click.option(
        "--label-map",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="JSON or csv: what each label of another set is, one of the six emotions or drop.",
    ),
    reading_options,
)


force_option: Decorator = click.option("--force", is_flag=True, help="Replace the output if it exists.")
seed_option: Decorator = click.option(
    "--seed", type=number(SEED), default=DEFAULT_SEED, show_default=True, help="Random seed."
)
json_option: Decorator = click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
quiet_option: Decorator = click.option("--quiet", is_flag=True, help="No progress and no remarks.")
uncalibrated_option: Decorator = click.option("--uncalibrated", is_flag=True, help="Ignore the temperature of the run.")
device_option: Decorator = click.option(
    "--device", type=click.Choice(DEVICES), default="auto", show_default=True, help="Where to compute."
)


Options = dict[str, Any]
"""The options of a command by name; a function that takes some of them out leaves the others."""


def make_reading(options: Options) -> Reading:
    """Take the options about how a file is read out of a command's options."""
    return Reading(options.pop("format"), options.pop("quoting"))


def make_columns(options: Options) -> Columns:
    """Take the column options out of a command's options."""
    from emotion_core.data.labelled.columns import Columns
    from emotion_core.data.labelled.label_map import LabelMap

    file = options.pop("label_map")
    label_map = None if file is None else LabelMap.read(file)
    names = (options.pop("text_column"), options.pop("label_column"))
    return Columns(*names, options.pop("on_bad_rows"), label_map=label_map, reading=make_reading(options))


def data_inputs(name_or_path: str | Path) -> list[Path]:
    """The files that ``--data`` names, and their folder, for `overwriting`; none for a dataset that has a name."""
    from emotion_core.data.named import DATASET_NAMES
    from emotion_core.data.split_files import find_split_files

    path = Path(name_or_path)
    if str(name_or_path) in DATASET_NAMES:
        return []
    if not path.is_dir():
        return [path]
    with suppress(EmotionError):  # that there are no splits is said when they are loaded
        return [path, *find_split_files(path).files.values()]
    return [path]


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
    """Aligned columns; wider than the terminal rather than cut."""
    widths = [max(len(row[i]) for row in (columns, *rows)) for i in range(len(columns))]
    for row in (columns, tuple("-" * width for width in widths), *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def print_comparison(entries: Sequence[Entry]) -> None:
    """The ranked table of `compare.ranked_runs`."""
    from emotion_core.reporting.compare import COLUMNS, table_rows

    data = entries[0].metrics.data
    click.echo(f"Measured on {data.split} of {data.name} ({data.rows} texts), 95 % intervals.")
    print_table(COLUMNS, table_rows(entries))
