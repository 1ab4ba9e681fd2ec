"""One process at a time writes a path: aside, under a hidden name, which becomes the real one when all is written.

The claim on a path is a lock of the operating system on a hidden file beside it, so it ends with its process, however
that ends. Whoever has the claim knows that no other process writes there, and may throw away what killed ones left.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from emotion_core.errors import RunError


@contextmanager
def claimed(path: Path, *, wait: bool = False) -> Iterator[Path]:
    """Claim a path for the block; a block within it, of the same thread, may claim the path again.

    Args:
        path: a file or a folder, there or not, in a folder that is there.
        wait: until another process that writes there has ended.

    Yields:
        Where to write it aside: beside it, with the same ending. Nothing is there at first, and nothing afterwards.

    Raises:
        RunError: another process writes there.
        OSError: the folder cannot be written.
    """
    # absolute, so that one path has one lock however it is spelled
    aside, replaced, lock_file = (hidden(path.absolute(), word) for word in ("partial", "replaced", "lock"))
    if not path.absolute().parent.is_dir():  # which the lock would make
        raise FileNotFoundError(errno.ENOENT, "No such folder", str(path.parent))
    lock = FileLock(lock_file, is_singleton=True)
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout as error:
        raise RunError(
            f"{path}: another process is writing it. Wait until that has ended, or choose another output."
        ) from error
    try:
        if lock.lock_counter == 1:
            if path.exists():
                remove(replaced)
            elif replaced.exists():
                replaced.rename(path)  # the kill came between the two renames of `put_in_place`
            remove(aside)
        yield aside
    finally:
        if lock.lock_counter == 1:
            with suppress(OSError):
                remove(aside)
                lock_file.unlink()
        lock.release()


def write_aside(path: Path, text: str) -> None:
    """Write a text file under another name and rename it, so that it is there whole or not at all."""
    with claimed(path, wait=True) as aside:
        aside.write_text(text, encoding="utf-8")
        put_in_place(aside, path)


def put_in_place(aside: Path, path: Path) -> None:
    """Give what was written aside its name, in place of what has that name; only with the claim on it.

    Raises:
        OSError: that cannot be done, for one because a file would replace a folder; what had the name keeps it.
    """
    if not (path.is_dir() and aside.is_dir()):
        aside.replace(path)
        return
    replaced = hidden(path, "replaced")
    path.rename(replaced)  # a folder cannot be replaced at once
    try:
        aside.rename(path)
    except OSError:
        replaced.rename(path)
        raise
    shutil.rmtree(replaced, ignore_errors=True)


def hidden(path: Path, word: str) -> Path:
    """The name that something about a path has beside it; with the ending of the path, which tells the format."""
    return path.with_name(f".{path.name}.{word}{path.suffix}")


def remove(path: Path) -> None:
    """Remove a file or a folder, if there is one."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
