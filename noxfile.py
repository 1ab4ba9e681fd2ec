"""Every task of the project, each in its own environment: `python -m nox` lints and runs all but the long tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent))  # `nox` alone does not look for modules beside this file

from sessions import mutation, ready, release, results, site, versions  # noqa: F401 - which have sessions
from sessions.common import (
    BERT,
    CONSTRAINTS,
    CORE,
    RNN,
    ROOT,
    TEST_TOOLS,
    extras_of,
    install,
    install_with_torch,
    pythons,
    run_tests,
    session,
    words_after,
)

SOURCES = {"PYTHONPATH": os.pathsep.join(f"{package}/src" for package in (CORE, RNN, BERT))}
"""The environment in which imports are read without installing what they need."""
TYPE_TOOLS = ("mypy", "pandas-stubs")
ACCEPTANCE = ("-m", "acceptance")
"""Chooses the tests that need processes, kills, databases, notebooks, many trainings or the commands of the pages."""
LEAST_COVERAGE = 92
"""Percent of the lines and branches of each package."""

# pip leaves the compiling to the first import (see `install`); each process would do it again if none kept the result.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.needs_version = ">=2026.8.10"  # the first that takes a range of Python versions
nox.options.error_on_missing_interpreters = True
nox.options.sessions = ["lint", "test-core", "test-rnn", "test-bert"]


def check_types(session: nox.Session, *paths: str) -> None:
    """Type-check with the libraries of the session; its cache is its own, since other sessions have other libraries."""
    session.run("mypy", f"--cache-dir=.mypy_cache/{session.name}", *paths)


def run_again(session: nox.Session, name: str, *words: str) -> None:
    """Call the test session of a package once more, in the environment that it has, with other arguments for pytest."""
    session.run(sys.executable, "-m", "nox", "-r", "--session", f"test-{name}", "--", *words, *session.posargs)


def check_requirements(session: nox.Session, package: Path) -> None:
    """Compare what a package imports with what its requirement files state."""
    stated = ",".join(sorted(file.name for file in package.glob("requirements*.txt")))
    own = package.name.replace("-", "_")
    with session.chdir(package):
        words = ("--config", str(ROOT / "pyproject.toml"), "--requirements-files", stated, "--known-first-party", own)
        session.run("deptry", "src", "--no-ansi", *words, silent=True)


@session
def lint(session: nox.Session) -> None:
    """Check style, formatting, the types of emotion-core and of its users, and for what is known to be unsafe."""
    install(
        session,
        "ruff",
        "bandit",
        "deptry",
        "import-linter",
        "pytest",
        "zizmor",
        *TYPE_TOOLS,
        f"{CORE}[mcp,onnx,serve,study]",
    )
    session.install("--quiet", "--no-deps", RNN, BERT)  # for the types of their public names
    sources = [f"packages/emotion-{name}/src" for name in ("core", "rnn", "bert")]
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    check_types(session, f"{CORE}/src", "tests/typing")
    session.run("lint-imports", "--no-cache", env=SOURCES)
    session.run("python", "docs/house.py", "--check", env=SOURCES)
    session.run("python", "docs/published.py", "--check")
    for package in (CORE, RNN, BERT):
        check_requirements(session, Path(package))
    session.run("zizmor", "--offline", "--no-progress", "--quiet", ".github/workflows")
    # B615 asks for a revision wherever a model is loaded, of local folders too; the registry pins those of the hub.
    session.run("bandit", "--quiet", "--recursive", "--severity-level", "medium", "--skip", "B615", *sources)


@session
def house(session: nox.Session) -> None:
    """Draw docs/house.svg, the picture of the rooms, from the imports of the three packages."""
    install(session, "import-linter")
    session.run("python", "docs/house.py", *session.posargs, env=SOURCES)


@session
def published(session: nox.Session) -> None:
    """Write what follows from published.toml and VERSION: the lines that install the packages, links, the citation."""
    session.run("python", "docs/published.py", *session.posargs)


@session
def audit(session: nox.Session) -> None:
    """Look the exact versions of constraints.txt up among the known vulnerabilities; needs the network."""
    install(session, "pip-audit")
    session.run("pip-audit", "--requirement", str(CONSTRAINTS), "--no-deps", "--disable-pip", "--progress-spinner=off")


@nox.session(name="test-core", python=pythons("core"))
def test_core(session: nox.Session) -> None:
    """Test emotion-core.

    The names of emoji are compared with those of the package emoji, nox tests this file, onnx makes graphs, and
    datasets loads the sample corpus.
    """
    install(session, extras_of("core"), "datasets", "emoji", "nox", "onnx", "schemathesis", *TEST_TOOLS)
    run_tests(session, "emotion-core")


@session(name="test-rnn")
def test_rnn(session: nox.Session) -> None:
    """Test emotion-rnn, with TensorFlow and without torch; nbclient and ipykernel execute the notebooks of the site."""
    install(session, CORE, extras_of("rnn"), "nbclient", "ipykernel", *TEST_TOOLS, *TYPE_TOOLS)
    run_tests(session, "emotion-rnn")
    if words_after(session) == [*ACCEPTANCE]:
        check_types(session, f"{RNN}/src")


@nox.session(name="test-bert", python=pythons("core", "bert"))
def test_bert(session: nox.Session) -> None:
    """Test emotion-bert, with torch and without TensorFlow."""
    install_with_torch(session, CORE, extras_of("bert"), *TEST_TOOLS, *TYPE_TOOLS)
    run_tests(session, "emotion-bert")
    if words_after(session) == [*ACCEPTANCE]:
        check_types(session, f"{BERT}/src")


@nox.session(name="acceptance-core", venv_backend="none")
def acceptance_core(session: nox.Session) -> None:
    """Test what takes long in emotion-core."""
    run_again(session, "core", *ACCEPTANCE)


@nox.session(name="acceptance-rnn", venv_backend="none")
def acceptance_rnn(session: nox.Session) -> None:
    """Test what takes long in emotion-rnn, and check its types."""
    run_again(session, "rnn", *ACCEPTANCE)


@nox.session(name="acceptance-bert", venv_backend="none")
def acceptance_bert(session: nox.Session) -> None:
    """Test what takes long in emotion-bert, and check its types."""
    run_again(session, "bert", *ACCEPTANCE)


@nox.session(venv_backend="none", requires=["acceptance-core", "acceptance-rnn", "acceptance-bert"])
def acceptance(session: nox.Session) -> None:
    """Test all that takes long, in the environments of the test sessions."""
    session.log("all acceptance tests have passed")


@nox.session(venv_backend="none")
def coverage(session: nox.Session) -> None:
    """Measure which lines and branches all tests of each package run; fails where they are too few."""
    for name in ("core", "rnn", "bert"):
        measured = (f"--cov=emotion_{name}", "--cov-branch", f"--cov-fail-under={LEAST_COVERAGE}")
        run_again(session, name, "-m", "", *measured)
