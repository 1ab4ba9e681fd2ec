"""What a program offers when the Tab key is pressed."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete


def offers(program: click.Command, words: str, beginning: str) -> list[tuple[str, str]]:
    """The kind and the value of each completion.

    Args:
        program: a group of commands.
        words: of the command line so far, without the program.
        beginning: of the word that is completed.
    """
    completion = ShellComplete(program, {}, program.name or "", "_COMPLETE")
    return [(item.type, item.value) for item in completion.get_completions(words.split(), beginning)]
