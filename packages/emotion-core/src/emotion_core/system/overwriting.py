"""Whether a command may write its output: nothing is replaced unasked, and no input and no model is ever lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from emotion_core.errors import RunError
from emotion_core.system.hashes import file_names, holds_something, is_passed_over
from emotion_core.system.places import is_stream, real_path

RUN_FILE = "run.json"
MODEL_DIR = "model"

Inputs = Iterable[str | Path]
"""Files and folders that a command reads; what does not exist, for one a hub id, does no harm."""


def check_output(
    output: str | Path,
    *,
    force: bool = False,
    mark: str = RUN_FILE,
    what: str = "run",
    inputs: Inputs = (),
    keep_model: bool = False,
    own: Callable[[str], bool] | None = None,
) -> None:
    """Raise a RunError unless a folder may be written.

    Args:
        output: the folder, which would be replaced as a whole.
        force: replace a folder of ``what``.
        mark: a file that only such a folder holds.
        what: for messages.
        inputs: of the command.
        keep_model: refuse a run that holds a model; what replaces it has none. A run within the folder that holds one
            is always refused.
        own: whether a file, by its name relative to the folder, is one that such a folder has; None for those that the
            record of the run names. Any other is lost with the folder, so it is refused.
    """
    output = Path(output)
    check_apart(output, inputs)
    check_folder(output)
    if not output.exists():
        return
    check_force(output, force=force)
    if not (output / mark).is_file() and holds_something(output):
        raise RunError(f"{output}: is not a {what} folder, so --force does not replace it. Choose another --output.")
    check_no_run(output, but_itself=mark == RUN_FILE)
    if keep_model and (output / MODEL_DIR).is_dir():
        raise RunError(f"{output}: holds a model, so --force does not replace it. Choose another --output.")
    _check_own(output, what, own or _recorded_in(output))


def check_file(output: Path, *, force: bool = False, inputs: Inputs = (), option: str = "--output") -> None:
    """Raise a RunError unless a file may be written; ``force`` replaces one, ``option`` is what names it.

    A stream, such as a pipe or a terminal, is written to and never replaced; a device is refused.
    """
    check_apart(output, inputs, option)
    if is_stream(output, option):
        return
    if output.is_dir():
        raise RunError(f"{output}: is a folder. Give {option} the name of a file.")
    check_force(output, force=force, option=option)
    if not real_path(output, option).parent.is_dir():
        raise RunError(f"{output}: the folder {output.parent} does not exist. Make it first.")


def check_collection(output: Path, inputs: Inputs = ()) -> None:
    """Raise a RunError unless run folders may be made in a folder, which itself is not replaced."""
    check_folder(output)
    for source in _present(inputs):
        _check_other(output, source, "--output")
    _check_not_in_run(output, "--output")


def check_folder(output: Path) -> None:
    """Raise a RunError if there is something else than a folder, which is never replaced by one."""
    if is_stream(output) or (output.exists() and not output.is_dir()):
        raise RunError(f"{output}: is a file and no folder. Choose another --output.")


def check_apart(output: Path, inputs: Inputs, option: str = "--output") -> None:
    """Raise a RunError if an output is an input, holds one, or lies in a run; links are followed."""
    for source in _present(inputs):
        _check_other(output, source, option)
        if any(place.is_relative_to(output.resolve()) for place in _places(source)):
            raise RunError(f"{output}: holds the input {source}, so it is not replaced. Choose another {option}.")
    _check_not_in_run(output, option)


def check_force(output: Path, *, force: bool, option: str = "--output") -> None:
    """Raise a RunError if an output exists and nobody said that it may be replaced."""
    if output.exists() and not force:
        raise RunError(f"{output}: exists already. Choose another {option}, or replace it with --force.")


def check_no_run(output: Path, *, but_itself: bool = False) -> None:
    """Raise a RunError if there is a run in a folder; ``but_itself`` allows that the folder is one."""
    for file in output.rglob(RUN_FILE):
        run = file.parent
        if not (but_itself and run == output):
            held = "holds a model" if (run / MODEL_DIR).is_dir() else "is a run"
            raise RunError(f"{run}: {held}, so --force does not replace {output}. Choose another --output.")


def _recorded_in(run: Path) -> Callable[[str], bool] | None:
    """Whether a name is of a file that the record of a run names; None where the record does not say."""
    try:
        recorded = json.loads((run / RUN_FILE).read_text(encoding="utf-8")).get("files")
    except (OSError, ValueError, RecursionError, AttributeError):  # damaged, which is no reason to keep it
        return None
    return (lambda name: name == RUN_FILE or name in recorded) if isinstance(recorded, dict) else None


def _check_own(output: Path, what: str, own: Callable[[str], bool] | None) -> None:
    foreign = [name for name in file_names(output) if not is_passed_over(name) and not own(name)] if own else []
    if foreign:
        shown = ", ".join(foreign[:3]) + (f" and {len(foreign) - 3} more" if len(foreign) > 3 else "")
        raise RunError(
            f"{output}: holds what is no part of the {what} ({shown}), so --force does not replace it. Move that "
            "elsewhere, or choose another --output."
        )


def _check_not_in_run(output: Path, option: str) -> None:
    for folder in real_path(output, option).parents:
        if (folder / RUN_FILE).is_file():
            raise RunError(f"{output}: lies in the run {folder}, which stays as it is. Choose another {option}.")


def _check_other(output: Path, source: Path, option: str) -> None:
    hard_link = output.exists() and output.samefile(source)
    if hard_link or output.resolve() in _places(source):
        raise RunError(f"{output}: is the input itself. Choose another {option}.")


def _present(inputs: Inputs) -> list[Path]:
    return [source for source in map(Path, inputs) if source.exists()]


def _places(source: Path) -> list[Path]:
    """Where an input is, and where the link to it is, if it is one."""
    link = [source.parent.resolve() / source.name] if source.is_symlink() else []
    return [source.resolve(), *link]
