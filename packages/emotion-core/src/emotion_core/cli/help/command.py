"""A command whose help has headings where it is long, and ends with an example."""

from __future__ import annotations

import inspect
import re
from typing import Any

import click

from emotion_core.cli.help.option import HelpfulOption, Section

MANY_OPTIONS = 12
"""More options than these stand below headings."""

WIDTH = 30
"""Of the options beside which their help stands; the help of a longer one begins on the next line."""

DEFAULT = re.compile(r"\[[^]]{1,30}\]$")
"""A default that has room on a line, with what else stands in its brackets."""

UNBROKEN = "\xa0"
"""A space at which click begins no line."""

EXAMPLE = "\b\nExample:\n"
"""Begins the last part of a help text: commands, one a line."""


class HelpfulCommand(click.Command):
    """A command with headings above its options if they are many, and with its example at the end of the help.

    Attributes:
        example: commands that call it, one a line.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        text, _, example = inspect.cleandoc(self.help or "").partition(EXAMPLE)
        self.help, self.example = text.strip(), inspect.cleandoc(example)

    def headed(self, ctx: click.Context) -> dict[str, list[click.Option]]:
        """The options that the help shows, by heading; what click itself adds is among the most used."""
        shown = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        shown = [parameter for parameter in shown if not parameter.hidden]
        if len(shown) <= MANY_OPTIONS:
            return {"Options": shown}
        headed: dict[str, list[click.Option]] = {section.value: [] for section in Section}
        for parameter in shown:
            section = parameter.section if isinstance(parameter, HelpfulOption) else None
            headed[(section or Section.COMMON).value].append(parameter)
        return {heading: options for heading, options in headed.items() if options}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options below their headings, all in the same columns."""
        headed = {
            heading: [row for option in options if (row := option.get_help_record(ctx))]
            for heading, options in self.headed(ctx).items()
        }
        width = max(len(name) for rows in headed.values() for name, _ in rows if len(name) <= WIDTH)
        for heading, rows in headed.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), _whole(text)) for name, text in rows], col_max=width)
        formatter.buffer = [part.replace(UNBROKEN, " ") for part in formatter.buffer]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        with formatter.section("Example"):
            formatter.write_text(f"\b\n{self.example}")

    def get_short_help_str(self, limit: int = 0) -> str:
        """The first sentence, whole; a list of commands that has no room for it on one line wraps it."""
        return super().get_short_help_str(max(limit, len(self.help or "") + 1))


def _whole(text: str) -> str:
    """The help of an option, whose default is not spread over two lines."""
    return DEFAULT.sub(lambda match: match.group().replace(" ", UNBROKEN), text)
