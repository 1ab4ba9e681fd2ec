"""Where an output really is: behind a link, in a stream, or in a file or folder of its own."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from emotion_core.errors import RunError

HARMLESS_DEVICES = ("/dev/null", "/dev/full", "/dev/zero", "/dev/tty")
TERMINAL = re.compile(r"/dev/(pts/\d+|tty\d*)")
OPEN_FILES = re.compile(r"/dev/(std(out|err)|fd/\d+)|/proc/[^/]+/fd/\d+")
"""Names of files that the process has open already, such as what its standard output leads to."""


def real_path(path: Path, option: str = "--output") -> Path:
    """The path without links, absolute; so that one place has one lock and one name, and a link stays a link.

    Raises:
        RunError: a link leads in a circle, or into a folder that is not there.
    """
    if leads_to_itself(path):
        raise RunError(f"{path}: is a link that leads to itself. Choose another {option}.")
    real = path.resolve()
    for place in (path, *path.parents):
        if place.is_symlink() and not place.exists() and not (target := place.resolve()).parent.is_dir():
            raise RunError(
                f"{place}: is a link to {target}, and the folder {target.parent} does not exist. Make it first, or "
                f"choose another {option}."
            )
    return real


def leads_to_itself(path: Path) -> bool:
    """Whether a path is a link in a circle of links, which has no place."""
    try:
        path.resolve(strict=True)
    except RuntimeError:  # before Python 3.13
        return True
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def is_stream(path: Path, option: str = "--output") -> bool:
    """Whether an output is written to as it is, such as a pipe or a terminal, and not made or replaced.

    Raises:
        RunError: it is a device, or something else that no result belongs into.
    """
    try:
        found = path.stat()
    except OSError:
        return False  # a new file; why it cannot be made is told when it is
    if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
        return OPEN_FILES.fullmatch(str(path.absolute())) is not None
    if stat.S_ISFIFO(found.st_mode) or (stat.S_ISCHR(found.st_mode) and _is_harmless(path, found)):
        return True
    raise RunError(f"{path}: is a device or a socket and no file. Choose another {option}.")


def _is_harmless(path: Path, found: os.stat_result) -> bool:
    devices = [os.stat(name).st_rdev for name in HARMLESS_DEVICES if os.path.exists(name)]
    return found.st_rdev in devices or TERMINAL.fullmatch(str(path.resolve())) is not None
