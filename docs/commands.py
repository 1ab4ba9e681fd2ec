"""The reference of the command lines, made of what their programs show with ``--help``.

A page names a program by a line such as ``::: commands emotion_core.cli.main:main emotion-core``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import click

LINE = re.compile(r"^::: commands (?P<module>\S+):(?P<attribute>\w+) (?P<name>.+)$", re.MULTILINE)

WIDTH = 78
"""Of a help text on a terminal of 80 columns."""

UNWRAPPED = re.compile(r"^\x08\n?", re.MULTILINE)
"""click's mark before a paragraph whose lines are kept."""


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by mkdocs with each page before it is made."""
    return LINE.sub(_reference, markdown)


def _reference(line: re.Match[str]) -> str:
    program = getattr(import_module(line["module"]), line["attribute"])
    return "\n".join(command_lines(program, line["name"]))


def _fence(text: str) -> Iterator[str]:
    yield from ("```text", text.strip("\n"), "```", "")


def _shown(context: click.Context, write: Callable[[click.Context, click.HelpFormatter], None]) -> str:
    formatter = context.make_formatter()
    write(context, formatter)
    return formatter.getvalue()


def command_lines(command: click.Command, name: str, level: int = 1) -> Iterator[str]:
    """The Markdown of a command and of those below it: what it does, an example, how it is called, its options.

    Args:
        command: a group or a single one.
        name: that it is called by, with the program before it.
        level: of the heading.
    """
    context = click.Context(command, info_name=name, help_option_names=["-h", "--help"], terminal_width=WIDTH)
    example = getattr(command, "example", "")
    yield from (f"{'#' * level} {name}", "", UNWRAPPED.sub("", command.help or ""), "")
    if example:
        yield from ("Example:", "", *_fence(example))
    yield from _fence(_shown(context, command.format_usage))
    below = command.commands if isinstance(command, click.Group) else {}
    if below:
        yield from (f"- [{word}](#{name}-{word}): {below[word].get_short_help_str()}" for word in sorted(below))
        yield ""
    else:
        yield from _fence(_shown(context, command.format_options))
    for word in sorted(below):
        yield from command_lines(below[word], f"{name} {word}", level + 1)
