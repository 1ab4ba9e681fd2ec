"""The rooms of the three packages stay as small as docs/design.md says; `nox -s lint` checks which way imports go."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

MODULES, LINES, LEVELS = 10, 250, 2
"""The most modules of a room besides ``__init__``, lines of a module, and folders below the package."""

PACKAGES = sorted((Path(__file__).parents[3] / "packages").glob("*/src/*"))


def rooms() -> Iterator[tuple[str, list[Path]]]:
    """Each folder of the packages that holds code, and its modules, ``__init__`` first."""
    for package in PACKAGES:
        for init in sorted(package.rglob("__init__.py")):
            modules = sorted(file for file in init.parent.glob("*.py") if file != init)
            yield init.parent.relative_to(package.parent).as_posix(), [init, *modules]


def test_no_room_has_more_modules_than_one_can_survey() -> None:
    """A room that is full gives a module to another, or becomes two."""
    assert [f"{room}: {len(files) - 1} modules" for room, files in rooms() if len(files) - 1 > MODULES] == []


def test_no_module_is_longer_than_one_can_read_at_once() -> None:
    """A module that is too long holds two things."""
    files = [file for _, files in rooms() for file in files]
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    assert [f"{file}: {length} lines" for file, length in lengths.items() if length > LINES] == []


def test_rooms_are_not_far_from_the_entrance() -> None:
    """One opens at most two folders below a package to find a module."""
    assert [room for room, _ in rooms() if room.count("/") > LEVELS] == []


def test_each_room_says_what_it_is_for() -> None:
    """The first line of its ``__init__`` is a sentence, which the picture of the house repeats."""
    purposes = {room: ast.get_docstring(ast.parse(files[0].read_text(encoding="utf-8"))) for room, files in rooms()}
    assert len(purposes) > len(PACKAGES)
    assert [room for room, purpose in purposes.items() if not (purpose or "").partition("\n")[0].endswith(".")] == []
