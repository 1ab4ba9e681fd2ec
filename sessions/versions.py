"""Tests with the lowest and the newest versions that the requirement files allow."""

from __future__ import annotations

import os
from pathlib import Path

import nox

from sessions.common import (
    CORE,
    CPU_WHEELS,
    PACKAGES,
    TEST_TOOLS,
    TORCH_OPTION,
    extras_of,
    run_tests,
    session,
    takes_cpu_wheels,
)

OTHER_TOOLS = ("emoji", "httpx", "schemathesis")
"""What tests of emotion-core compare with or ask with; the test client of older versions of starlette needs httpx."""


def write_requirements(names: tuple[str, ...], path: Path) -> None:
    """Write the requirements of packages with all their extras into one file, without those of our own packages."""
    files = [file for name in names for file in sorted(Path(f"packages/emotion-{name}").glob("requirements*.txt"))]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(line for line in lines if not line.startswith("emotion-")) + "\n", encoding="utf-8")


@session
@nox.parametrize("name", PACKAGES, ids=PACKAGES)
def oldest(session: nox.Session, name: str) -> None:
    """Test with the lowest versions that the requirement files allow, e.g. `nox -s "oldest(core)"`; uv finds them."""
    session.install("--quiet", "uv")
    stated, lowest = (Path(session.create_tmp(), file).absolute() for file in ("stated.txt", "lowest.txt"))
    write_requirements(("core",) if name == "core" else ("core", name), stated)
    words = ["--quiet", "--no-annotate", "--no-header", "--python", session.virtualenv.interpreter]
    if name == "bert" and takes_cpu_wheels(TORCH_OPTION.parse_known_args(session.posargs)[0].torch):
        words += ["--torch-backend", "cpu"]
    if folder := os.environ.get("PIP_FIND_LINKS"):  # uv does not read the settings of pip
        words += ["--find-links", folder]
    session.run(
        "uv", "pip", "compile", *words, "--resolution", "lowest-direct", "--output-file", str(lowest), str(stated)
    )
    pinned = ("--requirement", str(lowest))
    torch = next((line for line in lowest.read_text(encoding="utf-8").splitlines() if line.startswith("torch==")), "")
    if "+cpu" in torch:
        session.install("--quiet", "--no-compile", "--no-deps", "--index-url", CPU_WHEELS, torch)
    own = (extras_of("core"),) if name == "core" else (CORE, extras_of(name))
    session.install("--quiet", "--no-compile", *pinned, *own, *OTHER_TOOLS, *TEST_TOOLS)
    # What old versions say of their own future is nobody's concern.
    run_tests(session, f"emotion-{name}", "-W", "default")


@session
@nox.parametrize("name", PACKAGES, ids=PACKAGES)
def newest(session: nox.Session, name: str) -> None:
    """Test with the newest versions that the requirement files allow, e.g. `nox -s "newest(core)"`."""
    own = (extras_of("core"),) if name == "core" else (CORE, extras_of(name))
    if name == "bert" and takes_cpu_wheels(TORCH_OPTION.parse_known_args(session.posargs)[0].torch):
        session.install("--quiet", "--no-compile", "--no-deps", "--index-url", CPU_WHEELS, "torch")
    newest = ("--upgrade", "--upgrade-strategy", "eager")
    session.install("--quiet", "--no-compile", *newest, *own, *OTHER_TOOLS, *TEST_TOOLS)
    run_tests(session, f"emotion-{name}")
