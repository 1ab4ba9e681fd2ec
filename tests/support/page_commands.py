"""Read the commands that the Markdown pages show, and look whether the programs take them."""

from __future__ import annotations

import argparse
import re
import runpy
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest

LANGUAGES = {"", "console", "bash", "sh"}
"""Of the fences that hold commands."""

FENCE = re.compile(r"^ *```(?P<language>\S*)")
MARK = re.compile(r"^ *<!-- (?P<kind>not run|parsed only)(?: \((?P<program>\S+)\))?: (?P<reason>.+) -->$")
BETWEEN = {"|", "&&"}
"""Words between two commands of a line."""


@dataclass(frozen=True)
class Command:
    """A command of a page.

    Attributes:
        place: file and line of its fence, for messages.
        words: without comments; ``python -m`` and such in front of a program of ours is kept.
        mark: why it is not executed; empty when a test executes it.
        kind: of the mark: ``not run``, ``parsed only`` or empty.
    """

    place: str
    words: tuple[str, ...]
    mark: str = ""
    kind: str = ""

    @property
    def page(self) -> str:
        """The file, from the root of the repository."""
        return self.place.partition(":")[0]

    @property
    def program(self) -> str:
        """What is called: the first word, the module after ``python -m``, or ``python`` for a script."""
        return _program(self.words)

    @property
    def arguments(self) -> list[str]:
        """The words after the program."""
        return list(self.words[3 if self.words[:2] == ("python", "-m") else 1 :])


def _program(words: tuple[str, ...]) -> str:
    return words[2] if words[:2] == ("python", "-m") else words[0]


def documented_commands(root: Path) -> list[Command]:
    """The commands of all pages, in the order in which a reader of the site comes to them.

    Args:
        root: of the repository.
    """
    site = re.findall(r"\S+\.md", (root / "mkdocs.yml").read_text(encoding="utf-8"))
    pages = [root / "README.md", *(root / "docs" / name for name in site), root / "CONTRIBUTING.md"]
    pages += sorted((root / "packages").glob("*/README.md"))
    return [command for page in pages for command in _commands(page, root)]


def _commands(page: Path, root: Path) -> Iterator[Command]:
    lines = page.read_text(encoding="utf-8").splitlines()
    number = 0
    while number < len(lines):
        if start := FENCE.match(lines[number]):
            end = next(n for n in range(number + 1, len(lines)) if lines[n].strip() == "```")
            if start["language"] in LANGUAGES:
                marks = list(_marks(lines[:number]))
                for words in split_commands("\n".join(lines[number + 1 : end])):
                    kind, why = _mark_of(words, marks)
                    yield Command(f"{page.relative_to(root)}:{number + 1}", words, why, kind)
            number = end
        number += 1


def _marks(before: list[str]) -> Iterator[re.Match[str]]:
    """The comments right before a fence."""
    for line in reversed(before):
        if mark := MARK.match(line):
            yield mark
        elif line.strip():
            return


def _mark_of(words: tuple[str, ...], marks: list[re.Match[str]]) -> tuple[str, str]:
    for mark in sorted(marks, key=lambda mark: mark["program"] is None):  # what is said of one program goes first
        if mark["program"] in (None, _program(words)):
            return mark["kind"], mark["reason"]
    return "", ""


def split_commands(fence: str) -> Iterator[tuple[str, ...]]:
    """The words of each command, without comments."""
    for line in fence.replace("\\\n", " ").splitlines():
        words: list[str] = []
        for word in [*shlex.split(line, comments=True), "&&"]:
            if word not in BETWEEN:
                words.append(word)
            elif words:
                yield tuple(words)
                words = []


def check_words(command: click.Command, words: list[str], parent: click.Context | None = None) -> None:
    """Parse the words of a command line as the command would, and run nothing.

    Raises:
        click.UsageError: what a user would be told.
    """
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=command.name)
        _, subcommand, rest = command.resolve_command(context, words)
        assert subcommand is not None
        check_words(subcommand, rest, context)
    else:
        command.make_context(command.name, words, parent=parent)


def faults(commands: list[Command], programs: Mapping[str, click.Command]) -> list[str]:
    """What the programs would refuse of the commands: place, command and message."""
    found = []
    for command in commands:
        try:
            check_words(programs[command.program], command.arguments)
        except click.ClickException as error:
            found.append(f"{command.place}: {shlex.join(command.words)}: {error.format_message()}")
    return found


def scripts(commands: list[Command], package: str, root: Path) -> list[Command]:
    """The commands that call a script of the repository which imports a package.

    Args:
        commands: of the pages.
        package: for instance ``emotion_rnn``.
        root: of the repository.
    """
    called = [command for command in commands if command.program == "python"]
    imports = re.compile(rf"^from {package}", re.MULTILINE)
    return [command for command in called if imports.search((root / command.words[1]).read_text(encoding="utf-8"))]


class Parsed(Exception):
    """A script has read its command line and would begin its work."""


def check_script(command: Command, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start a script and stop it when it has read its command line; ``SystemExit`` is what a user would be told."""
    parse = argparse.ArgumentParser.parse_args

    def parse_and_stop(self: argparse.ArgumentParser, *arguments: Any, **options: Any) -> None:
        parse(self, *arguments, **options)
        raise Parsed

    script = root / command.words[1]
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_and_stop)
    monkeypatch.setattr("sys.argv", list(command.words[1:]))
    monkeypatch.syspath_prepend(str(script.parent))
    with pytest.raises(Parsed):
        runpy.run_path(str(script), run_name="__main__")
