"""The run that a command names, and its classifier."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from emotion_core.bounds import SHARE
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.help.values import entries_here
from emotion_core.cli.numbers import number
from emotion_core.cli.options import Decorator, Folder, stack
from emotion_core.data.formats.table import FORMAT_NAMES
from emotion_core.data.published.ready import READY, is_ready, run_folder
from emotion_core.errors import RunError
from emotion_core.labels import NEUTRAL, UNCERTAIN

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from emotion_core.classifier import Classifier
    from emotion_core.runs.record import RunRecord

Loader = Callable[[Path, str], "Classifier"]
"""Loads the classifier of a run folder on a device."""

NAMES_MODEL = f"--model {READY}"

PATH = re.compile(r"([A-Za-z]:)?[.~]?[\w.~-]*[/\\_-][\w.~/\\-]*|[.~]\w[\w.~-]*")
"""A word that would be a strange text: it has what paths and the names of folders have between their parts."""

FILE_ENDINGS = tuple(f".{name}" for name in FORMAT_NAMES)


class Run(Folder):
    """The folder of a run, or the name of the ready model, which the Tab key offers as well."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The run folder; raises as `ready.run_folder`."""
        return run_folder(READY) if value == READY else super().convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The name of the ready model and the folders here that begin so; other folders are found by the shell."""
        from click.shell_completion import CompletionItem

        if not READY.startswith(incomplete):
            return super().shell_complete(ctx, param, incomplete)
        folders = (name for name in entries_here(incomplete) if name.endswith("/"))
        return [CompletionItem(name) for name in (READY, *folders)]


class RunOrText(click.types.StringParamType):
    """A text, or the run that may stand before all texts; the Tab key offers runs."""

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """As `Run`, for the first word."""
        return [] if ctx.params.get(str(param.name)) else Run().shell_complete(ctx, param, incomplete)


model_option: Decorator = option(
    "--model",
    section=Section.COMMON,
    type=Run(),
    metavar="RUN",
    show_default=READY,
    help=f"Use the model of this run; {READY} is the one that emotion-core carries.",
)

abstain_option: Decorator = option(
    "--abstain-below",
    section=Section.COMMON,
    type=number(SHARE),
    show_default="what the run says, which is never but for the ready model",
    help=f"Say {UNCERTAIN} if the highest probability is below this.",
)

answer_options: Decorator = stack(
    abstain_option,
    option(
        "--neutral-threshold",
        section=Section.COMMON,
        type=number(SHARE),
        show_default="what the run says, else never",
        help=f"Say {NEUTRAL} if the probability that a text shows no emotion is above this, which 1 never is; the run "
        "must have been trained with --neutral.",
    ),
)


class Chosen(NamedTuple):
    """What the words of a command line say.

    Attributes:
        run: the run folder.
        texts: what is no run.
    """

    run: Path
    texts: tuple[str, ...]


def run_and_texts(words: Sequence[str], model: Path | None, *, texts_elsewhere: bool) -> Chosen:
    """The run and the texts that a command line names; without a run, that of the ready model.

    The first word is the run if it names one. One that may be a mistyped run is refused, and never taken for a text.

    Args:
        words: in their order.
        model: the run that an option names, so that all words are texts.
        texts_elsewhere: the texts come from a file, so that the first word can only be a run.

    Raises:
        RunError: the first word may be a run and is none, or there is no ready model.
    """
    if model is not None or not words:
        return Chosen(model or run_folder(None), tuple(words))
    first, *texts = words
    if first == READY or texts_elsewhere or os.path.isdir(first):
        return Chosen(run_folder(first), tuple(texts))
    if problem := _doubt(first, alone=not texts):
        raise RunError(problem)
    return Chosen(run_folder(None), tuple(words))


def _doubt(first: str, *, alone: bool) -> str | None:
    """Why a first word that is no folder may still have been meant as one; None for what is a text."""
    several_words = len(first.split()) > 1
    if os.path.isfile(first) or (not several_words and first.lower().endswith(FILE_ENDINGS)):
        return f"{first}: is no run and looks like a file. Read the texts of a file with --input {first}"
    start = f"relative paths start at {Path.cwd()}"
    if os.path.isdir(os.path.dirname(first)) or PATH.fullmatch(first):
        return f"{first}: no such run folder. Check the path; {start}. If it is a text, write {NAMES_MODEL} before it."
    if several_words or alone:
        return None
    return (
        f"{first!r}: no such run folder, and before other texts a single word may be a mistyped one. Check the path; "
        f"{start}. Put a text of several words in quotation marks, or write {NAMES_MODEL} before the texts."
    )


def chosen_runs(runs: Sequence[Path], model: Path | None) -> tuple[Path, ...]:
    """The runs that a command serves: its arguments, or that of an option, or else that of the ready model.

    Raises:
        RunError: there is no ready model.
    """
    if runs and model is not None:
        raise click.UsageError("Name the run either as RUN or with --model, not with both.")
    return tuple(runs) or (model or run_folder(None),)


def package_of(program: str, run: Path) -> str | None:
    """Whose runs a program takes: emotion-core those of any package, if it loads their format; all the ready model."""
    from emotion_core.imports import PROGRAM

    return None if program == PROGRAM or is_ready(run) else program


def load_classifier(load: Loader, run: Path, device: str, *, uncalibrated: bool) -> Classifier:
    """The classifier of a run folder, without its temperature if that is asked for."""
    classifier = load(run, device)
    if uncalibrated:
        classifier.temperature = 1.0
    return classifier


def report_never_predicted(run: Path, record: RunRecord, *, quiet: bool) -> None:
    """Say on standard error which emotions a run cannot predict, since it was trained on no text of them."""
    if record.never_predicted and not quiet:
        emotions = ", ".join(record.never_predicted)
        click.echo(f"{run}: never predicts {emotions}, since no training text had that emotion.", err=True)
