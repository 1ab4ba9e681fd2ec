"""The options that mean the same in every command of the three packages, and how mistakes are shown."""

from __future__ import annotations

import errno
import inspect
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from emotion_core.bounds import SEED
from emotion_core.cli.help.command import EXAMPLE, HelpfulCommand
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.interruption import WORDS, interruption
from emotion_core.cli.numbers import number
from emotion_core.defaults import DEFAULT_SEED, DEVICES
from emotion_core.errors import EmotionError, is_storage_fault, short_reason
from emotion_core.printable import printable
from emotion_core.system.signals import Ending, ended_by_signals

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Command = TypeVar("Command", bound=Callable[..., Any])


class Decorator(Protocol):
    """Adds options to a command."""

    def __call__(self, command: Command, /) -> Command:
        """The command with the options."""


class Place(click.Path):
    """The path of a file or folder; a file's must not end as a folder's does.

    Python takes the empty path for the working folder, and passes over a slash at the end of others.
    """

    def __init__(self, *, file: bool = False) -> None:
        self._file = file
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path, or click's error that says what is wrong."""
        name = os.fspath(value)
        if not name:
            advice = "Name a file" if self._file else "Write '.' for the working folder"
            self.fail(f"the path is empty. {advice}.", param, ctx)
        if self._file and isinstance(value, str) and name.endswith(("/", os.sep)):
            self.fail(f"{name!r} names a folder, expected a file.", param, ctx)
        return Path(os.fsdecode(super().convert(value, param, ctx)))


class Folder(Place):
    """The path of a folder; the Tab key offers no files."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The folders that begin so, which the shell finds."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type="dir")]


class UserError(click.ClickException):
    """A mistake that the user can mend: one message on standard error, exit code 2."""

    exit_code = 2

    def format_message(self) -> str:
        """The message, in which names of files cannot control the terminal."""
        return printable(self.message)


class ClearErrors(HelpfulCommand):
    """Shows every EmotionError as one clear message instead of a traceback."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run the program, which SIGTERM and SIGHUP end as Ctrl+C does."""
        with ended_by_signals() as ending:
            return super().main(*arguments, **{"obj": ending, **options})

    def make_context(self, info_name: str | None, args: list[str], *further: Any, **options: Any) -> click.Context:
        """Keep the words of the command line, for what is said when it is interrupted."""
        words = list(args)
        context = super().make_context(info_name, args, *further, **options)
        context.meta[WORDS] = words
        return context

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what a user can mend becomes a UserError, and a signal tells what is kept."""
        try:
            return self._invoke(ctx)
        except BaseException as error:
            ended = interruption(error, ctx.find_object(Ending), ctx)
            if ended is None:
                raise
            raise ended from error

    def _invoke(self, ctx: click.Context) -> Any:
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
    if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop"):  # of Path.resolve before Python 3.13
        return f"{error}: a link that leads back to itself. Name the file or folder itself."
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

    command_class = HelpfulCommand

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and the commands below them."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


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
        help=f"{inspect.cleandoc(description)}\n\n{EXAMPLE}{name} {example}",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    return click.version_option(package_name=name, prog_name=name)(group)


def stack(*options: Decorator) -> Decorator:
    """Several options as one decorator, shown in the help in the order given."""

    def decorate(command: Command) -> Command:
        for add in reversed(options):
            command = add(command)
        return command

    return decorate


force_option: Decorator = option(
    "--force", section=Section.OUTPUT, is_flag=True, help="Replace the output if it exists."
)
seed_option: Decorator = option(
    "--seed",
    section=Section.COMMON,
    type=number(SEED),
    default=DEFAULT_SEED,
    show_default=True,
    help="Draw random numbers from this seed.",
)
json_option: Decorator = option(
    "--json", "as_json", section=Section.OUTPUT, is_flag=True, help="Print JSON and nothing else."
)
quiet_option: Decorator = option(
    "--quiet", section=Section.OUTPUT, is_flag=True, help="Print no progress and no remarks."
)
uncalibrated_option: Decorator = option(
    "--uncalibrated", section=Section.MODEL, is_flag=True, help="Ignore the temperature of the run."
)
device_option: Decorator = option(
    "--device",
    section=Section.MACHINE,
    type=click.Choice(DEVICES),
    default="auto",
    show_default=True,
    help="Compute on this device; auto takes a GPU if there is one.",
)


def data_inputs(name_or_path: str | Path) -> list[Path]:
    """The files that ``--data`` names, and their folder, for `overwriting`; none for a dataset that has a name."""
    from emotion_core.data.published.manifests import named_datasets
    from emotion_core.data.split_files.find import find_split_files

    path = Path(name_or_path)
    if str(name_or_path) in named_datasets():
        return []
    if not path.is_dir():
        return [path]
    with suppress(EmotionError):  # that there are no splits is said when they are loaded
        return [path, *(file for files in find_split_files(path).files.values() for file in files)]
    return [path]
