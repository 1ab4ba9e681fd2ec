"""Execute the commands that the Markdown pages show, in the order of the pages."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path

import click
from click.testing import CliRunner

from emotion_core.data.load import load_dataset
from page_commands import Command

FEW = "few"
"""A folder with some texts of the sample, in the place of a data set of thousands."""

POSTS, TEXTS = "posts.csv", "texts.txt"
OUTPUTS = ("--output", "--html")


def lay_out(folder: Path) -> None:
    """Write the files that the pages presume into a folder: data of the reader's own, and `FEW`."""
    sample = load_dataset("sample")
    for own in (folder / FEW, folder / "path" / "to" / "folder"):
        own.mkdir(parents=True)
        for name, rows in (("train", 8), ("validation", 4), ("test", 4)):
            sample.splits[name].frame().groupby("label").head(rows).to_csv(own / f"{name}.csv", index=False)
    for name, split in (("tweets.csv", "train"), ("a.csv", "validation"), ("b.csv", "test")):
        sample.splits[split].frame().to_csv(folder / name, index=False)
    posts = sample.splits["test"].frame().head(6).rename(columns={"label": "feeling"})
    posts.assign(tweet=posts["text"]).to_csv(folder / POSTS, index=False)
    theirs = {0: "neutral", 1: "happiness", 2: "love", 3: "hate", 4: "worry", 5: "surprise"}
    crowd = sample.splits["train"].frame().assign(label=lambda rows: rows["label"].map(theirs))
    crowd.columns = ["content", "sentiment"]
    crowd.to_csv(folder / "crowd.csv", index=False)
    stated = {"happiness": "joy", "hate": "anger", "worry": "fear", "neutral": "drop", "boredom": "drop"}
    (folder / "map.json").write_text(json.dumps(stated), encoding="utf-8")
    (folder / TEXTS).write_text("i did not see that coming\nbest day in months\n", encoding="utf-8")


def replaced(words: list[str], option: str, value: Callable[[str], str]) -> list[str]:
    """The words with another value for an option, wherever it is given."""
    pairs = zip(["", *words], words, strict=False)
    return [value(word) if before == option else word for before, word in pairs]


def without(words: list[str], *options: str) -> list[str]:
    """The words without some options and their values."""
    pairs = zip(["", *words], words, strict=False)
    return [word for before, word in pairs if before not in options and word not in options]


def executed(
    commands: list[Command], programs: Mapping[str, click.Command], pages: tuple[str, ...] = (), mark: str = ""
) -> list[Command]:
    """The commands that a test executes.

    Args:
        commands: of all pages, in order.
        programs: whose commands are executed, by name.
        pages: on which they stand; all, if it is empty.
        mark: that they have; those that have none, if it is empty.
    """
    return [
        command
        for command in commands
        if command.mark == mark and command.program in programs and (not pages or command.page in pages)
    ]


def run_pages(
    commands: list[Command], programs: Mapping[str, click.Command], cheap: Callable[[list[str]], list[str]]
) -> list[str]:
    """Execute commands in the current folder; what one makes is there for the next.

    Args:
        commands: in order.
        programs: by name.
        cheap: makes words of a command line cost little. A command that is then like one before is not repeated.

    Returns:
        What those said that did not end well.
    """
    found, ran = [], set()
    for command in commands:
        words = cheap(replaced(command.arguments, "--data", lambda _: FEW))
        if (command.program, *words) not in ran:
            _make_room(words)
            typed = Path(POSTS if "csv" in words else TEXTS).read_text(encoding="utf-8")
            result = CliRunner().invoke(programs[command.program], words, input=typed)
            if result.exit_code:
                found.append(f"{command.place}: {shlex.join(words)}: {result.output[-500:]} {result.exception!r}")
                continue
            ran.add((command.program, *words))
    return found


def _make_room(words: list[str]) -> None:
    """Remove what an earlier page left where a command will write."""
    for option, value in pairwise(words):
        if option in OUTPUTS and Path(value).is_dir():
            shutil.rmtree(value)
        elif option in OUTPUTS:
            Path(value).unlink(missing_ok=True)
