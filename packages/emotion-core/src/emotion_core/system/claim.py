"""One process at a time writes a path: aside, under a hidden name, which becomes the real one when all is written.

The claim on a path is a lock of the operating system on a hidden file beside it, so it ends with its process, however
that ends. Whoever has the claim knows that no other process writes there, and may throw away what killed ones left.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from emotion_core.errors import RunError
from emotion_core.system.places import is_stream, real_path


@contextmanager
def claimed(path: Path, *, wait: bool = False) -> Iterator[Path]:
    """Claim a path for the block; a block within it, of the same thread, may claim the path again.

    A link is followed, so that it stays a link, and the path has one lock whatever leads to it. A stream, such as a
    pipe, has none; it gets what was written aside when that is put in place.

    Args:
        path: a file or a folder, there or not, in a folder that is there.
        wait: until another process that writes there has ended.

    Yields:
        Where to write it aside: beside it, with the same ending. Nothing is there at first, and nothing afterwards.

    Raises:
        RunError: another process writes there, or it is a device.
        OSError: the folder cannot be written.
    """
    if is_stream(path):
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder) / hidden(path, "partial").name
        return
    real = real_path(path)
    if not real.parent.is_dir():  # which the lock would make
        raise FileNotFoundError(errno.ENOENT, "No such folder", str(path.parent))
    with _locked(real, path, wait=wait):
        yield hidden(real, "partial")


@contextmanager
def _locked(real: Path, path: Path, *, wait: bool) -> Iterator[None]:
    """Hold the lock of a path without links; nothing hidden is beside it at first, and nothing afterwards."""
    from filelock import FileLock, Timeout  # what writes nothing need not wait for it

    aside, replaced, lock_file = (hidden(real, word) for word in ("partial", "replaced", "lock"))
    # filelock takes one that cannot be made for one that another process holds
    os.close(os.open(lock_file, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644))
    lock = FileLock(lock_file, is_singleton=True)
    try:
        lock.acquire(timeout=-1 if wait else 0)
    except Timeout as error:
        raise RunError(
            f"{path}: another process is writing it. Wait until that has ended, or choose another output."
        ) from error
    try:
        if lock.lock_counter == 1:
            if real.exists():
                remove(replaced)
            elif replaced.exists():
                replaced.rename(real)  # the kill came between the two renames of `put_in_place`
            remove(aside)
        yield
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

    What a link leads to is replaced, and the link stays. A stream is given the content.

    Raises:
        OSError: that cannot be done, for one because a file would replace a folder; what had the name keeps it.
    """
    if is_stream(path):
        with aside.open("rb") as written, path.open("ab", buffering=0) as stream:
            shutil.copyfileobj(written, stream)
        return
    path = real_path(path)
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
