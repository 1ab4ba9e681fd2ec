"""How our packages and programs begin: names that load on first use, and Ctrl+C before a command could answer it."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

VERSION = "__version__"

INTERRUPTED = 128 + signal.SIGINT
"""The exit code after Ctrl+C, as shells have it."""


@contextmanager
def own_process() -> Iterator[None]:
    """Import a program and run it in the block; Ctrl+C before its command or after its end gets no traceback."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted: nothing was written.\n")
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def lazy_names(
    package: str, modules: Mapping[str, str], *defined: str
) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """Make ``__all__``, ``__getattr__`` and ``__dir__`` of a package, whose version loads on first use, too.

    Args:
        package: its ``__name__``.
        modules: the module of the package that defines each lazy name.
        defined: the public names that the package defines itself.
    """
    names = sorted([*modules, *defined])

    def load(name: str) -> object:
        if name == VERSION:
            return _version(package)
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return names, load, lambda: [*names, VERSION]


def _version(package: str) -> str:
    from importlib import metadata  # takes long to import

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError as error:
        raise AttributeError(f"{package} has no {VERSION}: it is not installed") from error
