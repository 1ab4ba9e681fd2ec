"""Values that the Tab key offers where others may be given, too."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.types import StringParamType

from emotion_core.data.published.manifests import manifest, named_datasets

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class KnownValues(StringParamType):
    """A text; the Tab key offers values that have a name, and files if the text may be a path."""

    def __init__(self, names: Callable[[], Iterable[str]], *, path: bool = False) -> None:
        self._names = names
        self._path = path

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """What the help calls the value, unless the option says so."""
        return "NAME|PATH" if self._path else "NAME"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The names that begin so, in any case, and what the working folder has beside them.

        If there is no such name, the shell looks for files, which it does better; but Bash offers either its files or
        the names that it is given, never both.
        """
        from click.shell_completion import CompletionItem

        names = [name for name in self._names() if name.lower().startswith(incomplete.lower())]
        if not self._path:
            return [CompletionItem(name) for name in names]
        if not names:
            return [CompletionItem(incomplete, type="file")]
        return [CompletionItem(name) for name in (*names, *entries_here(incomplete))]


def entries_here(beginning: str) -> Iterator[str]:
    """The files and folders here that begin so, but hidden ones and those that a shell would read as something else."""
    for entry in sorted(Path().iterdir()):
        name = entry.name
        if name.startswith(beginning) and not name.startswith(".") and shlex.quote(name) == name:
            yield f"{name}/" if entry.is_dir() else name


def dataset_names() -> tuple[str, ...]:
    """The datasets that have a name."""
    return tuple(named_datasets())


def _split_names() -> Iterable[str]:
    from emotion_core.data.split_files.find import SPLIT_ALIASES

    return SPLIT_ALIASES


BUNDLED = ", ".join(manifest("datasets"))
"""The datasets that have a name everywhere, for help texts."""
DATASETS = f"{BUNDLED}, a folder with train/validation/test files, or one file"
"""What can be named as data, for help texts."""

DATASET = KnownValues(dataset_names, path=True)
SPLIT = KnownValues(_split_names)
CAPABILITY = KnownValues(lambda: manifest("behaviour/manifest"))
STREAM_OR_FILE = KnownValues(tuple, path=True)
"""A file, or ``-`` for standard input, which needs no Tab key."""
