"""What the help of every command of a program must be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import click

from emotion_core.cli.help.command import MANY_OPTIONS, HelpfulCommand
from emotion_core.cli.help.option import HelpfulOption, Section
from emotion_core.cli.numbers import FiniteNumber, WholeNumber
from numeric_options import commands
from page_commands import Command, faults, split_commands

COLUMNS = 80

VERBS = {
    "Add", "Answer", "Average", "Call", "Compare", "Compile", "Compress", "Compute", "Decay", "Decide", "Draw", "Drop",
    "End", "Find", "Fine-tune", "Go", "Halve", "Ignore", "Keep", "Learn", "Let", "Listen", "Log", "Make", "Mark",
    "Measure", "Multiply", "Name", "Predict", "Print", "Prune", "Put", "Read", "Refuse", "Remove", "Replace", "Say",
    "Search", "Set", "Share", "Shorten", "Show", "Smooth", "Start", "Stop", "Take", "Teach", "Train", "Try", "Use",
    "Weight", "Write",
}  # fmt: skip
"""What an option can do; a help text begins with one of them, so that it is a sentence that stands alone."""

OF_CLICK = {"--help", "--version"}
"""Options that click makes itself."""

RANGE = re.compile(r"(INT|FLOAT) (>=? (?P<from>\S+?)(, <=? \S+)?|(?P<low>-?[\d.]+)(-| to )[\d.]+)")


def help_faults(programs: Mapping[str, click.Command]) -> list[str]:
    """What is wrong with the help of some programs and of all their commands.

    Args:
        programs: groups of commands or single ones, by what they are called: a name, or a module after ``python -m``.
    """
    found = []
    for name, program in programs.items():
        every = dict(commands(program)) | {(): program}
        for path, command in every.items():
            called = " ".join((name, *path))
            context = click.Context(command, info_name=called, help_option_names=["-h", "--help"])
            of_command = (*_of_options(command, context), *_of_page(command, context), *_of_example(command, programs))
            found += [f"{called}: {fault}" for fault in of_command]
    return found


def _of_options(command: click.Command, context: click.Context) -> Iterator[str]:
    options = [option for option in command.get_params(context) if isinstance(option, click.Option)]
    for option in options:
        text, value = option.help or "", option.make_metavar(context)
        words = text.split()
        if len(words) < 3 or words[0] not in VERBS or not text.endswith(".") or "[" in text:
            yield f"{option.opts[0]}: {text!r} is no sentence that begins with what the option does and ends with a dot"
        if isinstance(option.type, WholeNumber | FiniteNumber):
            shown = RANGE.fullmatch(value.strip("[]"))
            if shown is None or float(shown["from"] or shown["low"]) != option.type.bounds.low:
                yield f"{option.opts[0]}: {value!r} does not say which numbers it may be"
        if len(options) > MANY_OPTIONS and isinstance(option, HelpfulOption) and option.section is None:
            yield f"{option.opts[0]}: stands below no heading"
        if not isinstance(option, HelpfulOption) and OF_CLICK.isdisjoint(option.opts):
            yield f"{option.opts[0]}: is not of `emotion_core.cli.help`"


def _of_page(command: click.Command, context: click.Context) -> Iterator[str]:
    if not isinstance(command, HelpfulCommand):
        yield "is no command of `emotion_core.cli.help`"
        return
    context.terminal_width = COLUMNS - 2  # as click does on a terminal of so many columns
    page = command.get_help(context)
    headings = re.findall(r"^(\S.*):$", page, re.MULTILINE)
    of_options = [heading for heading in headings if heading not in ("Commands", "Example")]
    many = sum(isinstance(parameter, click.Option) for parameter in command.get_params(context)) > MANY_OPTIONS
    in_order = [section.value for section in Section if section.value in of_options]
    if of_options != (in_order if many else ["Options"]):
        yield f"the headings are {', '.join(headings)}"
    if headings[-1] != "Example":
        yield "does not end with an example"
    yield from (f"is too wide: {line}" for line in page.splitlines() if len(line) > COLUMNS)


def _of_example(command: click.Command, programs: Mapping[str, click.Command]) -> Iterator[str]:
    example = command.example if isinstance(command, HelpfulCommand) else ""
    called = [Command("its example", words) for words in split_commands(example)]
    called = [words for words in called if words.program in programs]  # the file of a pipe is given by others
    yield from faults(called, programs) if called else ["has no example that calls it"]
