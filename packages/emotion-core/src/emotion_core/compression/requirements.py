"""What is installed of the packages that something needs, and whether it works."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emotion_core.errors import short_reason


@dataclass(frozen=True)
class Package:
    """A package that may be installed.

    Attributes:
        name: as it is imported.
        version: None when it is absent, ``unknown`` when it does not say.
        problem: why it cannot be imported, though it is there.
    """

    name: str
    version: str | None = None
    problem: str | None = None


def find_packages(wanted: Mapping[str, bool]) -> dict[str, Package]:
    """Some packages as they are found here.

    Args:
        wanted: by name; True for those whose native code may fail to load, which only importing them shows.
    """
    return {name: find_package(name, load=load) for name, load in wanted.items()}


def find_package(name: str, *, load: bool) -> Package:
    """Look for a package.

    Args:
        name: as it is imported.
        load: import it, to see whether that works.
    """
    if importlib.util.find_spec(name) is None:
        return Package(name)
    from importlib import metadata  # help texts need none of it

    distributions = metadata.packages_distributions().get(name, [name])
    try:
        version = metadata.version(distributions[0])
    except metadata.PackageNotFoundError:
        version = "unknown"
    problem = None
    if load:
        try:
            with contextlib.redirect_stdout(sys.stderr):  # standard output is for the report
                importlib.import_module(name)
        except Exception as error:  # a broken build fails with errors of any kind
            problem = f"{type(error).__name__}: {short_reason(error)}"
    return Package(name, version, problem)


@dataclass(frozen=True)
class Verdict:
    """Whether something runs here, and if not the reason and what to do."""

    runs: bool
    reason: str | None = None
    fix: str | None = None


def verdict(requirements: Sequence[Requirement], packages: Mapping[str, Package]) -> Verdict:
    """Whether all requirements are met."""
    absent, reasons, wanted = [], [], []
    for requirement in requirements:
        name, minimum = requirement.package, requirement.minimum
        package = packages.get(name, Package(name))
        if package.version is None:
            absent.append(name)
        elif package.problem:
            reasons.append(f"{name} {package.version} cannot be imported ({package.problem})")
        elif minimum and _numbers(package.version) < _numbers(minimum):
            reasons.append(f"{name} {package.version} is older than {minimum}")
        else:
            continue
        wanted.append(f'"{name}>={minimum}"' if minimum else name)
    if absent:
        reasons.insert(0, f"{', '.join(absent)} not installed")
    fix = f"pip install --upgrade {' '.join(wanted)}" if wanted else None
    return Verdict(not wanted, "; ".join(reasons) or None, fix)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


@dataclass(frozen=True)
class Requirement:
    """A package that a technique needs.

    Attributes:
        package: its name.
        minimum: the oldest version that works, None for any.
    """

    package: str
    minimum: str | None = None
