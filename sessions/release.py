"""Wheels that are tried without the source tree, and runs that other libraries open."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

from sessions.common import BERT, CONSTRAINTS, CORE, RNN, ROOT, install, install_with_torch, session, words_after

LIGHT_MIB = 210
"""The most that emotion-core with ONNX Runtime may take in site-packages, with what Python compiles of it."""
CHOSEN_MIB = 22
"""The most of that which is not `GIVEN`; 10 are for the ready model."""
SERVE_MIB = 15
"""The most that the service takes beside that."""
GIVEN = ("numpy", "onnxruntime", "tokenizers")
"""What nobody can do without who runs such a model, and what these need."""
SERVES = """
import sys
from services import running
with running(sys.argv[1]) as service:
    print(service.ask("i did not see that coming"))
    assert service.end() == (0, "")
"""
INTEROP = Path("tests", "interop")
INTEROP_OUTPUT = Path("interop-output")


@session(name="interop-runs")
def interop_runs(session: nox.Session) -> None:
    """Train and compress MiniLM on the bundled corpus, for `interop`."""
    install_with_torch(session, CORE, f"{BERT}[offline,onnx]")
    shutil.rmtree(INTEROP_OUTPUT, ignore_errors=True)
    INTEROP_OUTPUT.mkdir()
    run, compressed = INTEROP_OUTPUT / "run", INTEROP_OUTPUT / "compressed"
    session.run("emotion-bert", "train", "--model", "minilm", "--data", "sample", "--output", str(run), "--epochs", "1")
    techniques = (f"--technique={name}" for name in ("onnx", "onnx-int8"))
    session.run("emotion-bert", "compress", str(run), *techniques, "--data", "sample", "--output", str(compressed))
    for folder in (run, compressed / "onnx", compressed / "onnx-int8"):
        predicted = str(INTEROP_OUTPUT / f"{folder.name}.csv")
        texts = ("--input", str(INTEROP / "texts.txt"), "--uncalibrated")
        session.run("emotion-bert", "predict", str(folder), *texts, "--output", predicted)


@session(requires=["interop-runs"])
def interop(session: nox.Session) -> None:
    """Open runs of emotion-bert with transformers 4 and Optimum, in an environment without emotion-bert."""
    session.install("--quiet", "--requirement", str(INTEROP / "requirements.txt"))
    session.run("pytest", str(INTEROP), env={"INTEROP_RUNS": str(INTEROP_OUTPUT)})


def check_release(session: nox.Session, tag: str) -> None:
    """Stop unless VERSION and the changelog have the version of a release's tag, and the pages install from PyPI."""
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    if tag != f"v{version}":
        session.error(f"the tag is {tag} and VERSION says {version}")
    if f"## {version}" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        session.error(f"CHANGELOG.md has no heading for {version}")
    published = nox.project.load_toml(ROOT / "published.toml")
    if not (published["released"] and published["repository"]):
        session.error("published.toml must say `released = true` and the address of the repository")
    session.run("python", str(ROOT / "docs" / "published.py"), "--check")


@session
def wheels(session: nox.Session) -> None:
    """Build the wheels, install them without the source tree, and try each command; `-- FOLDER` keeps them there."""
    install(session, "build", "twine")
    if tag := os.environ.get("RELEASE_TAG"):
        check_release(session, tag)
    words = words_after(session)
    dist = (Path(words[0]) if words else Path(session.create_tmp()) / "dist").absolute()
    shutil.rmtree(dist, ignore_errors=True)
    for package in (CORE, RNN, BERT):
        session.run("python", "-m", "build", "--outdir", str(dist), package, silent=True)
    files = sorted(dist.iterdir())
    session.run("twine", "check", "--strict", *map(str, files))
    built = [str(file) for file in files if file.suffix == ".whl"]
    bert = next(file for file in built if "emotion_bert" in file)
    install_with_torch(session, *(file for file in built if file != bert), f"{bert}[offline,onnx]")
    session.chdir(session.create_tmp())
    smoke_test(session, Path("smoke"))
    light_test(session, next(file for file in built if "emotion_core" in file), Path("smoke", "onnx", "onnx"))


def smoke_test(session: nox.Session, folder: Path) -> None:
    """Use every command once, far from the source tree."""
    shutil.rmtree(folder, ignore_errors=True)
    gru, minilm = str(folder / "gru"), str(folder / "minilm")
    session.run("emotion-core", "audit", "sample", silent=True)
    small = ("--epochs", "1", "--units", "8")
    session.run("emotion-rnn", "train", "gru", "--data", "sample", "--glove", "sample", "--output", gru, *small)
    session.run("emotion-bert", "models")
    session.run("emotion-bert", "train", "--model", "minilm", "--data", "sample", "--output", minilm, "--epochs", "1")
    for program, run in (("emotion-rnn", gru), ("emotion-bert", minilm)):
        session.run(program, "evaluate", run, "--data", "sample", "--split", "test")
        session.run(program, "predict", run, "i did not see that coming")
        session.run("emotion-core", "verify", run)
    session.run("emotion-core", "compare", gru, minilm, "--html", str(folder / "comparison.html"))
    compressed = ("--data", "sample", "--output", str(folder / "onnx"))
    session.run("emotion-bert", "compress", minilm, "--technique", "onnx", *compressed)


def light_test(session: nox.Session, core: str, run: Path) -> None:
    """Use a run in ONNX, and what needs no extra, in an environment that has emotion-core and ONNX Runtime alone.

    Then serve it there, with what the service needs.
    """
    environment = Path("light").absolute()
    session.run("python", "-m", "venv", "--clear", str(environment))
    python = str(next(environment.glob("[bS]*/python*")))
    empty = size_with(session, environment, python)
    given = size_with(session, environment, python, *GIVEN)
    light = size_with(session, environment, python, f"{core}[onnx]")
    check_size(session, "emotion-core[onnx]", light - empty, LIGHT_MIB)
    check_size(session, f"emotion-core[onnx] without {', '.join(GIVEN)}", light - given, CHOSEN_MIB)
    program = (python, "-m", "emotion_core")
    session.run(*program, "predict", str(run), "i did not see that coming", external=True)
    session.run(*program, "predict", "i did not see that coming", external=True)  # with the ready model
    session.run(*program, "evaluate", str(run), "--data", "sample", external=True)
    session.run(*program, "audit", "sample", external=True, silent=True)
    check_size(
        session, "the extra serve", size_with(session, environment, python, f"{core}[onnx,serve]") - light, SERVE_MIB
    )
    support = {"PYTHONPATH": str(ROOT / "tests" / "support")}
    session.run(python, "-c", SERVES, str(run), env=support, external=True)


def size_with(session: nox.Session, environment: Path, python: str, *what: str) -> float:
    """MiB in an environment after something was installed there."""
    if what:
        pip = (python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install")
        session.run(*pip, "--constraint", str(CONSTRAINTS), *what, external=True)
    folder = next(environment.glob("[lL]ib*/**/site-packages"))
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


def check_size(session: nox.Session, what: str, size: float, most: int) -> None:
    """Say what something takes, and stop if that is too much."""
    session.log(f"{what} takes {size:.1f} MiB, at most {most} are allowed")
    if size > most:
        session.error(f"{what} takes too much")
