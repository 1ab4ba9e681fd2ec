"""Whether the files of a folder are those that were once written there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePath

from emotion_core.system.places import leads_to_itself

FOLDER_SETTINGS = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini"})
"""Files that a file manager writes into a folder that it shows, in lower case, beside hidden ones as ``.DS_Store``."""


def differences(folder: Path, recorded: Mapping[str, str], may_be_new: Callable[[str], bool]) -> list[str]:
    """What differs between the files below a folder and their recorded hashes: one line each, none if all is well.

    New files that `is_passed_over` do no harm and are not told.

    Args:
        folder: where the files are.
        recorded: the sha256, in hex, by name relative to the folder.
        may_be_new: whether a file of a name may be there without a hash.
    """
    present = file_names(folder)
    new = [name for name in present if name not in recorded and not is_passed_over(name)]
    problems = [f"{name}: is a link to something outside {folder}" for name in links_out(folder)]
    problems += [f"{name}: is missing" for name in recorded if name not in present]
    problems += [f"{name}: is not part of the run" for name in new if not may_be_new(name)]
    for name in present:
        if name in recorded and (found := file_hash(folder / name)) != recorded[name]:
            problems.append(f"{name}: was altered, found sha256 {found}, expected {recorded[name]}")
    return problems


def is_passed_over(name: str | PurePath) -> bool:
    """Whether a file, by its name relative to a folder, is none of ours: hidden, or of a file manager."""
    path = PurePath(name)
    return any(part.startswith(".") for part in path.parts) or path.name.lower() in FOLDER_SETTINGS


def holds_something(folder: Path) -> bool:
    """Whether there is anything in a folder that is not passed over."""
    return not all(is_passed_over(entry.name) for entry in folder.iterdir())


def file_hash(path: Path) -> str:
    """The sha256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_names(folder: Path) -> list[str]:
    """The files below a folder, relative to it, sorted."""
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def links_out(folder: Path) -> list[str]:
    """The links below a folder that lead out of it, but for those into the blobs of the cache that it lies in; sorted.

    The client of the Hugging Face hub keeps the files of a repository in ``blobs`` and links to them from
    ``snapshots/COMMIT``.
    """
    links = (path for path in folder.rglob("*") if path.is_symlink())
    real = folder.resolve()
    caches = [place.parent / "blobs" for place in (real, *real.parents) if place.name == "snapshots"]
    allowed = [real, *caches[:1]]
    return sorted(path.relative_to(folder).as_posix() for path in links if not _leads_into(path, allowed))


def _leads_into(link: Path, folders: Iterable[Path]) -> bool:
    return not leads_to_itself(link) and any(link.resolve().is_relative_to(folder) for folder in folders)
