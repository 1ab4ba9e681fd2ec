"""Say in one line why a library cannot be imported, and what helps."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from emotion_core.errors import MissingLibraryError, root_cause, short_reason

PROGRAM = "emotion-core"
OWN = "emotion_"
"""What the modules of these packages begin with."""

DISTRIBUTIONS = {"PIL": "pillow", "dateutil": "python-dateutil", "sklearn": "scikit-learn", "yaml": "pyyaml"}
"""What pip installs, for modules of another name; an absent package cannot be asked."""


def is_import_fault(error: BaseException) -> bool:
    """Whether an error came from the import of a library that is absent or broken."""
    root = root_cause(error)
    if isinstance(root, ImportError):
        return not (root.name or "").startswith(OWN)
    return _broken_package(root) is not None


def import_message(error: BaseException, who: str, program: str, extra: str = "") -> str:
    """The cause of an import fault and what helps, in one line.

    Args:
        error: for which `is_import_fault` holds.
        who: needs the library: a command, an option or a file.
        program: the package to install, as pip knows it.
        extra: of the package, which brings the library; empty where the package itself needs it.
    """
    cause, advice = import_problem(error, program, extra)
    return f"{who}: {cause}." + (f" Do: {advice}" if advice else "")


def needs(extra: str, *modules: str, who: str = PROGRAM) -> None:
    """Make sure that libraries of an extra of emotion-core can be imported, before they are.

    Args:
        extra: which brings them.
        modules: as they are imported.
        who: needs them, for the message.

    Raises:
        MissingLibraryError: one is absent or broken; the message names the extra and the command that helps.
    """
    for module in modules:
        try:
            import_module(module)
        except Exception as error:
            if not is_import_fault(error):
                raise
            raise MissingLibraryError(import_message(error, who, PROGRAM, extra)) from error


def import_problem(error: BaseException, program: str, extra: str = "") -> tuple[str, str]:
    """The cause of an import fault, and the command that helps, which is empty when none is known."""
    root = root_cause(error)
    if isinstance(root, ModuleNotFoundError) and _is_absent(root.name):
        name = str(root.name).partition(".")[0]
        package = f"'{program}[{extra}]'" if extra else _distribution(name)
        return f"the module {name} is not installed", f"pip install {package}"
    broken = _broken_package(root)
    if broken is None:  # said by a library of its own accord
        return short_reason(root).rstrip("."), f"pip install '{program}[{extra}]'" if extra else ""
    if sys.flags.optimize > 1:
        return f"Python was started with -OO, which removes the docstrings that {broken} reads", "start it without -OO"
    partners = _partners(root, broken)
    cause = f"{_with_version(broken)} cannot be imported ({type(root).__name__}: {short_reason(root)})"
    if partners:
        cause += f". It does not fit {', '.join(map(_with_version, partners))}"
    way = "--upgrade" if partners else "--force-reinstall"
    advice = f"pip install {way} {' '.join(map(_distribution, (broken, *partners)))}"
    required = _requirements(program, extra)
    if required and _distribution(broken) not in required:
        advice += f", or pip uninstall {_distribution(broken)}, which {program} does not need"
    return cause, advice


def _is_absent(module: str | None) -> bool:
    return module is not None and find_spec(module.partition(".")[0]) is None


def _frames(error: BaseException) -> Iterator[tuple[str, bool]]:
    """For each step to where an error arose, innermost last: the package, and whether a module of it was starting."""
    traceback = error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        yield str(frame.f_globals.get("__name__")).partition(".")[0], frame.f_code.co_name == "<module>"
        traceback = traceback.tb_next


def _is_library(package: str) -> bool:
    return not (package.startswith(OWN) or package in sys.stdlib_module_names or package == "__main__")


def _broken_package(root: BaseException) -> str | None:
    """The package whose import ended with an error: that of the last module that was starting."""
    starting = [package for package, starts in _frames(root) if starts]
    if starting and _is_library(starting[-1]):
        return starting[-1]
    named = (root.name or "").partition(".")[0] if isinstance(root, ImportError) else ""
    return named if named and not _is_absent(named) and _is_library(named) else None


def _partners(root: BaseException, broken: str) -> list[str]:
    """The installed packages that a broken one failed on, or that it asks for one exact version of."""
    frames = list(_frames(root))
    last = max((number for number, (_, starts) in enumerate(frames) if starts), default=len(frames))
    found = [package for package, _ in frames[last:]]
    if isinstance(root, ImportError) and root.name:
        found.append(root.name.partition(".")[0])
    pinned = (re.match(r"([\w.-]+) ?\(?==", line) for line in _requires(_distribution(broken)))
    found += [match[1] for match in pinned if match]
    return [name for name in dict.fromkeys(found) if name != broken and _is_library(name) and not _is_absent(name)]


def _distribution(module: str) -> str:
    """What pip calls the package of a module."""
    from importlib import metadata  # takes long to import, and only a fault asks for it

    installed = metadata.packages_distributions().get(module)
    return _normal(installed[0] if installed else DISTRIBUTIONS.get(module, module))


def _with_version(module: str) -> str:
    from importlib import metadata

    name = _distribution(module)
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return name


def _requirements(program: str, extra: str) -> set[str]:
    """What a package needs, and what that needs in turn; of the extras only the one that is named."""
    found: set[str] = set()
    lines = [line for line in _requires(program) if "extra ==" not in line or re.search(rf"['\"]{extra}['\"]", line)]
    while lines:
        match = re.match(r"[\w.-]+", lines.pop())
        if match and (name := _normal(match[0])) not in found:
            found.add(name)
            lines += [line for line in _requires(name) if "extra ==" not in line]
    return found


def _requires(distribution: str) -> list[str]:
    from importlib import metadata

    try:
        return metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return []


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
