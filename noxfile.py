"""Every task of the project, each in its own environment: `python -m nox` lints and runs all but the long tests."""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import sys
import urllib.request
from collections import Counter
from pathlib import Path

import nox

ROOT = Path(__file__).parent
CONSTRAINTS = ROOT / "constraints.txt"
CORE, RNN, BERT = (f"./packages/emotion-{name}" for name in ("core", "rnn", "bert"))
PACKAGES = ("core", "rnn", "bert")
STUDY = f"{CORE}[study]"
SOURCES = {"PYTHONPATH": os.pathsep.join(f"{package}/src" for package in (CORE, RNN, BERT))}
"""The environment in which imports are read without installing what they need."""
TESTED_EXTRAS = {
    "core": "onnx,study",
    "rnn": "postgresql",
    "bert": "bitsandbytes,lora,offline,onnx,tensorboard",
}
"""Those of each package that its tests use."""
TEST_TOOLS = ("pytest", "pytest-cov", "pytest-randomly", "pytest-xdist", "hypothesis")
TYPE_TOOLS = ("mypy", "pandas-stubs")
SIDE_BY_SIDE = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadgroup")
"""A test process on each core, four at most: each may hold TensorFlow or torch, and starts processes of its own. Tests
that share what is dear to make are a group, so that one process makes it."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
"""The environment of the tests: their models are tiny, and threads of several processes on the same cores would spend
most of their time waiting for each other."""
QUICK = ("-m", "not acceptance")
ACCEPTANCE = ("-m", "acceptance")
"""Chooses the tests that need processes, kills, databases, notebooks, many trainings or the commands of the pages."""
LEAST_COVERAGE = 92
"""Percent of the lines and branches of each package."""
HEART = {
    "labels": ("labels",),
    "data/cleaning": ("text", "clean_train"),
    "data/readers": ("readers", "predict"),
    "data/splits/*": ("splits", "dataset", "cli"),
    "evaluation/calibration": ("calibration",),
    "evaluation/differences": ("intervals", "paired_tests"),
    "evaluation/intervals": ("intervals", "metrics"),
    "evaluation/metrics": ("metrics", "evaluate"),
    "evaluation/paired_tests": ("paired_tests", "compare"),
    "evaluation/scores": ("scores", "metrics"),
}
"""What all figures depend on, and the tests of each: module in emotion_core, names of test files."""
LEAST_KILLED = 85
"""Percent of the mutants of `HEART`."""
KILLED = {"killed", "timeout"}
"""States of a mutant that made a test fail, or run without an end."""
MUTATION_OUTPUT = Path("mutation-output")
LIGHT_MB = 200
"""The most that emotion-core with ONNX Runtime may take in site-packages."""
DEMO_OUTPUT = Path("demo-output")
INTEROP = Path("tests", "interop")
INTEROP_OUTPUT = Path("interop-output")
RESULTS_OUTPUT = Path("results-output")
TWO_AT_A_TIME = ("--workers", "2", "--threads", "1")
DEMO_POSTS = Path("shared-data", "examples", "posts.csv")
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
"""PyTorch's own index of its builds for the CPU."""

TORCH_OPTION = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
TORCH_OPTION.add_argument(
    "--torch",
    choices=("cpu", "cuda"),
    help="the build of PyTorch on Linux: cpu, or the ordinary one, which brings gigabytes of CUDA libraries; "
    "by default cpu where there is no NVIDIA GPU and PyTorch's own index can be reached",
)

# pip leaves the compiling to the first import (see `install`); each process would do it again if none kept the result.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "test-core", "test-rnn", "test-bert"]


def install(session: nox.Session, *what: str) -> None:
    """Install with the exact versions of constraints.txt; quietly, but with pip's errors.

    Python compiles the modules that it imports, which are few of those that pip would compile.
    """
    session.install("--quiet", "--no-compile", "--constraint", str(CONSTRAINTS), *what)


def check_types(session: nox.Session, *paths: str) -> None:
    """Type-check with the libraries of the session; its cache is its own, since other sessions have other libraries."""
    session.run("mypy", f"--cache-dir=.mypy_cache/{session.name}", *paths)


def words_after(session: nox.Session) -> list[str]:
    """What stands after `--`, without the choice of a build of PyTorch."""
    return TORCH_OPTION.parse_known_args(session.posargs)[1]


def has_nvidia_gpu() -> bool:
    """Whether NVIDIA's driver is there."""
    return Path("/proc/driver/nvidia").exists() or shutil.which("nvidia-smi") is not None


def can_reach(url: str) -> bool:
    """Whether a server answers within two seconds."""
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - an address of this file
            return True
    except OSError:
        return False


def takes_cpu_wheels(chosen: str | None) -> bool:
    """Whether PyTorch comes from `CPU_WHEELS`; elsewhere than on Linux the ordinary build is one for the CPU."""
    if sys.platform != "linux" or chosen == "cuda":
        return False
    return chosen == "cpu" or (not has_nvidia_gpu() and can_reach(f"{CPU_WHEELS}/torch/"))


def install_with_torch(session: nox.Session, *what: str) -> None:
    """As `install`, with the build of PyTorch that fits the machine or was chosen with `-- --torch`."""
    if takes_cpu_wheels(TORCH_OPTION.parse_known_args(session.posargs)[0].torch):
        # Alone, so that nothing else can come from a second index; what is there then satisfies the constraint.
        install(session, "--no-deps", "--index-url", CPU_WHEELS, "torch")
    install(session, *what)


def run_tests(session: nox.Session, package: str, *more: str) -> None:
    """Test a package as it was installed, not as it lies in the source tree.

    The acceptance tests are left out, unless the arguments after ``--`` have another ``-m``.
    """
    words = [*more, *words_after(session)]
    session.run("pytest", *SIDE_BY_SIDE, *QUICK, f"packages/{package}/tests", *words, env=ONE_THREAD)


def extras_of(name: str) -> str:
    """A package with the extras that its tests need, as pip takes it."""
    return f"./packages/emotion-{name}[{TESTED_EXTRAS[name]}]"


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


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, the types of emotion-core and of its users, and for what is known to be unsafe."""
    install(
        session, "ruff", "bandit", "deptry", "import-linter", "pytest", "zizmor", *TYPE_TOOLS, f"{CORE}[onnx,study]"
    )
    session.install("--quiet", "--no-deps", RNN, BERT)  # for the types of their public names
    sources = [f"packages/emotion-{name}/src" for name in ("core", "rnn", "bert")]
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    check_types(session, f"{CORE}/src", "tests/typing")
    session.run("lint-imports", "--no-cache", env=SOURCES)
    session.run("python", "docs/house.py", "--check", env=SOURCES)
    for package in (CORE, RNN, BERT):
        check_requirements(session, Path(package))
    session.run("zizmor", "--offline", "--no-progress", "--quiet", ".github/workflows")
    # B615 asks for a revision wherever a model is loaded, of local folders too; the registry pins those of the hub.
    session.run("bandit", "--quiet", "--recursive", "--severity-level", "medium", "--skip", "B615", *sources)


@nox.session
def house(session: nox.Session) -> None:
    """Draw docs/house.svg, the picture of the rooms, from the imports of the three packages."""
    install(session, "import-linter")
    session.run("python", "docs/house.py", *session.posargs, env=SOURCES)


@nox.session
def audit(session: nox.Session) -> None:
    """Look the exact versions of constraints.txt up among the known vulnerabilities; needs the network."""
    install(session, "pip-audit")
    session.run("pip-audit", "--requirement", str(CONSTRAINTS), "--no-deps", "--disable-pip", "--progress-spinner=off")


@nox.session(name="test-core")
def test_core(session: nox.Session) -> None:
    """Test emotion-core; the names of emoji are compared with those of the package emoji."""
    install(session, extras_of("core"), "emoji", "nox", *TEST_TOOLS)  # nox for the tests of this file
    run_tests(session, "emotion-core")


@nox.session(name="test-rnn")
def test_rnn(session: nox.Session) -> None:
    """Test emotion-rnn, with TensorFlow and without torch; nbclient and ipykernel execute the notebooks of the site."""
    install(session, CORE, extras_of("rnn"), "nbclient", "ipykernel", *TEST_TOOLS, *TYPE_TOOLS)
    run_tests(session, "emotion-rnn")
    if words_after(session) == [*ACCEPTANCE]:
        check_types(session, f"{RNN}/src")


@nox.session(name="test-bert")
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


def write_requirements(names: tuple[str, ...], path: Path) -> None:
    """Write the requirements of packages with all their extras into one file, without those of our own packages."""
    files = [file for name in names for file in sorted(Path(f"packages/emotion-{name}").glob("requirements*.txt"))]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    path.write_text("\n".join(line for line in lines if not line.startswith("emotion-")) + "\n", encoding="utf-8")


@nox.session
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
    session.install("--quiet", "--no-compile", *pinned, *own, "emoji", *TEST_TOOLS)
    # What old versions say of their own future is nobody's concern.
    run_tests(session, f"emotion-{name}", "-W", "default")


@nox.session
@nox.parametrize("name", PACKAGES, ids=PACKAGES)
def newest(session: nox.Session, name: str) -> None:
    """Test with the newest versions that the requirement files allow, e.g. `nox -s "newest(core)"`."""
    own = (extras_of("core"),) if name == "core" else (CORE, extras_of(name))
    if name == "bert" and takes_cpu_wheels(TORCH_OPTION.parse_known_args(session.posargs)[0].torch):
        session.install("--quiet", "--no-compile", "--no-deps", "--index-url", CPU_WHEELS, "torch")
    newest = ("--upgrade", "--upgrade-strategy", "eager")
    session.install("--quiet", "--no-compile", *newest, *own, "emoji", *TEST_TOOLS)
    run_tests(session, f"emotion-{name}")


@nox.session
def mutation(session: nox.Session) -> None:
    """Change the heart of emotion-core in small ways, one at a time, and see whether a test fails; not part of CI.

    `nox -s mutation -- labels data/cleaning` changes these modules alone. What survives is listed; `mutmut show NAME`
    in the folder `mutation-output/packages` shows the change.
    """
    install(session, extras_of("core"), "emoji", *TEST_TOOLS)
    session.install("--quiet", "mutmut")
    chosen = words_after(session) or list(HEART)
    folder = lay_out_for_mutation(chosen)
    environment = ONE_THREAD | {"PYTHONPATH": ""}
    with session.chdir(folder):
        session.run("mutmut", "run", "--max-children", "1", env=environment, silent=True, success_codes=[0, 1])
        results = session.run("mutmut", "results", "--all", "true", env=environment, silent=True)
    states = [line.rpartition(": ")[::2] for line in str(results).splitlines() if ": " in line]
    found = Counter(state for _, state in states)
    for name, state in states:
        if state not in KILLED:
            session.log(f"{name.strip()}: {state}")
    share = 100 * sum(found[state] for state in KILLED) / sum(found.values())
    session.log(f"{sum(found.values())} mutants, {share:.1f} % killed: {dict(found)}")
    if share < LEAST_KILLED:
        session.error(f"less than {LEAST_KILLED} % of the mutants were killed")


def lay_out_for_mutation(modules: list[str]) -> Path:
    """Copy what the tests of emotion-core need, since mutmut writes beside it; the folder to start mutmut in."""
    shutil.rmtree(MUTATION_OUTPUT, ignore_errors=True)
    packages = MUTATION_OUTPUT / "packages"
    unwanted = shutil.ignore_patterns("__pycache__")
    for part in ("shared-data", "tests/support"):
        shutil.copytree(part, MUTATION_OUTPUT / part, ignore=unwanted)
    for part in ("src", "tests"):
        shutil.copytree(Path(CORE, part), packages / part, ignore=unwanted)
    for file in ("pyproject.toml", "VERSION", "constraints.txt"):
        shutil.copy(file, MUTATION_OUTPUT)
    tests = sorted({f"tests/test_{name}.py" for module in modules for name in HEART[module]})
    settings = {
        "source_paths": ["src"],
        "only_mutate": [f"src/emotion_core/{module}.py" for module in modules],
        "timeout_multiplier": ["5"],  # of a test's own time: many mutants of a loop have no end
        "pytest_add_cli_args": ["-pno:randomly", "-pno:xdist", "-pno:cov"],
        "pytest_add_cli_args_test_selection": tests,
    }
    lines = ["[mutmut]", *(f"{name} =\n    " + "\n    ".join(values) for name, values in settings.items())]
    (packages / "setup.cfg").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return packages


def make_site(session: nox.Session, *words: str) -> None:
    """Call mkdocs with what the pages need."""
    install(session, STUDY, "-r", "docs/requirements.txt")
    session.install("--quiet", "--no-deps", RNN, BERT)  # their command lines need neither TensorFlow nor torch
    session.run("mkdocs", *words, env={"NO_MKDOCS_2_WARNING": "1"})  # the theme's advertisement of its successor


@nox.session
def browser(session: nox.Session) -> None:
    """Test the comparison page and the site in Chrome or Chromium, which must be there with its chromedriver."""
    session.run("chromedriver", "--version", external=True)  # the tests would be skipped without it
    make_site(session, "build", "--strict")
    install(session, *TEST_TOOLS, "selenium")
    session.run("pytest", "packages/emotion-core/tests/test_compare_browser.py", "tests/site", *words_after(session))


@nox.session(name="interop-runs")
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


@nox.session(requires=["interop-runs"])
def interop(session: nox.Session) -> None:
    """Open runs of emotion-bert with transformers 4 and Optimum, in an environment without emotion-bert."""
    session.install("--quiet", "--requirement", str(INTEROP / "requirements.txt"))
    session.run("pytest", str(INTEROP), env={"INTEROP_RUNS": str(INTEROP_OUTPUT)})


def check_release(session: nox.Session, tag: str) -> None:
    """Stop unless VERSION and the changelog have the version of a release's tag."""
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    if tag != f"v{version}":
        session.error(f"the tag is {tag} and VERSION says {version}")
    if f"## {version}" not in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"):
        session.error(f"CHANGELOG.md has no heading for {version}")


@nox.session
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
    session.run("emotion-rnn", "train", "gru", "--data", "sample", "--output", gru, "--epochs", "1", "--units", "8")
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
    """Use a run in ONNX, and what needs no extra, in an environment that has emotion-core and ONNX Runtime alone."""
    environment = Path("light").absolute()
    session.run("python", "-m", "venv", "--clear", str(environment))
    python = str(next(environment.glob("[bS]*/python*")))
    pip = (python, "-m", "pip", "--quiet", "--disable-pip-version-check")
    session.run(*pip, "install", "--constraint", str(CONSTRAINTS), f"{core}[onnx]", external=True)
    session.run(*pip, "uninstall", "--yes", "pip", "setuptools", external=True)
    folder = next(environment.glob("[lL]ib*/**/site-packages"))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20
    session.log(f"emotion-core[onnx] takes {size:.0f} MB")
    if size > LIGHT_MB:
        session.error(f"emotion-core[onnx] takes more than {LIGHT_MB} MB")
    program = (python, "-m", "emotion_core")
    session.run(*program, "predict", str(run), "i did not see that coming", external=True)
    session.run(*program, "evaluate", str(run), "--data", "sample", external=True)
    session.run(*program, "audit", "sample", external=True, silent=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the site strictly into site/; `nox -s docs -- serve` shows it while you write."""
    make_site(session, *(words_after(session) or ("build", "--strict")))


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the speed figures."""
    install_with_torch(session, CORE, RNN, f"{BERT}[offline]")
    for script in sorted(Path("benchmarks").glob("*.py")):
        session.run("python", str(script))


@nox.session
def demo(session: nox.Session) -> None:
    """Train a BiGRU and MiniLM on the bundled corpus, measure both, predict a file, and compare."""
    install_with_torch(session, CORE, RNN, f"{BERT}[offline]")
    shutil.rmtree(DEMO_OUTPUT, ignore_errors=True)
    DEMO_OUTPUT.mkdir()
    gru, minilm = (str(DEMO_OUTPUT / name) for name in ("gru", "minilm"))
    session.run("emotion-rnn", "train", "gru", "--data", "sample", "--output", gru, "--batch-size", "16")
    session.run("emotion-bert", "train", "--model", "minilm", "--data", "sample", "--output", minilm)
    for program, run in (("emotion-rnn", gru), ("emotion-bert", minilm)):
        session.run(program, "evaluate", run, "--data", "sample", "--split", "test", "--output", f"{run}-test")
    predicted = DEMO_OUTPUT / "predicted.csv"
    session.run("emotion-bert", "predict", minilm, "--input", str(DEMO_POSTS), "--output", str(predicted))
    with predicted.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            session.log(f"{row['predicted_emotion']:<9} {row['text']}")
    page = str(DEMO_OUTPUT / "comparison.html")
    session.run("emotion-core", "compare", f"{gru}-test", f"{minilm}-test", "--html", page)


def results_options(session: nox.Session) -> argparse.Namespace:
    """What stands after `--`, with the folders of the runs and of the report."""
    parser = argparse.ArgumentParser(
        prog="nox -s results --",
        parents=[TORCH_OPTION],
        description="Train LSTM, GRU and MiniLM with several seeds, compress MiniLM, search a grid, and write a report "
        f"on all runs into {RESULTS_OUTPUT}/. What is there already is not trained again, so an interrupted command "
        "goes on; remove the folder to begin anew. The sample took 19 minutes, the emotion tweets take about three "
        "hours on two cores without a GPU (a sum of the times of its parts, not measured in one go).",
    )
    parser.add_argument("--data", default="sample", help="as in the train commands: sample, emotion, a folder, a file")
    parser.add_argument("--quick", action="store_true", help="two seeds, one epoch each: shows that everything works")
    parser.add_argument("--seeds", type=int, metavar="N", help="trainings of each model; default 3, of the sample 2")
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="train nothing: report on the runs below FOLDER")
    parser.add_argument("--report", type=Path, metavar="FOLDER", help="write the report there instead")
    options = parser.parse_args(session.posargs)
    if options.seeds is not None and options.seeds < 2:
        parser.error("--seeds: 2 at least, since the report shows a spread")
    name = options.runs.resolve().name if options.runs else Path(options.data).stem
    options.folder = RESULTS_OUTPUT / (f"{name}-quick" if options.quick else name)
    options.report = options.report or options.folder / "report"
    options.small = options.quick or options.data == "sample"
    options.seeds = options.seeds or (2 if options.small else 3)
    folder = os.environ.get("EMOTION_DATA_DIR") if options.data == "emotion" else options.data
    options.has_test = options.data == "sample" or not folder or any(Path(folder).glob("test.*"))
    return options


def evaluate_test(session: nox.Session, options: argparse.Namespace, program: str, model: str) -> None:
    """Measure the first seed of a model on the test split, where the data have one."""
    run, output = (str(options.folder / "runs" / name) for name in (f"{model}/seed-42", f"{model}-test"))
    if options.has_test:
        words = ("--data", options.data, "--split", "test", "--output", output, "--force")
        session.run(program, "evaluate", run, *words)


@nox.session(name="results-rnn")
def results_rnn(session: nox.Session) -> None:
    """Train LSTM and GRU and search a small grid, for `results`."""
    options = results_options(session)
    if options.runs:
        return
    install(session, CORE, RNN)
    data, runs = ("--data", options.data), options.folder / "runs"
    epochs = ("--epochs", "1") if options.quick else ()
    batches = ("--batch-size", "16") if options.data == "sample" else ()
    seeds = ("--seeds", str(options.seeds), *TWO_AT_A_TIME)
    for model in ("lstm", "gru"):
        session.run("emotion-rnn", "train", model, *data, *seeds, *epochs, *batches, "--output", str(runs / model))
        evaluate_test(session, options, "emotion-rnn", model)
    plan = ("--train-embedding", "--max-trials", "20", "--batch-size", "128", "--learning-rate", "0.004")
    epochs = ("--epochs", "1") if options.quick else ("--epochs", "4") if options.small else ()
    words = (*plan, *epochs, *TWO_AT_A_TIME, "--resume", "--output", str(runs / "gru-grid"))
    session.run("emotion-rnn", "search", "gru", *data, *words)


@nox.session(name="results-bert")
def results_bert(session: nox.Session) -> None:
    """Fine-tune and compress MiniLM, for `results`."""
    options = results_options(session)
    if options.runs:
        return
    install_with_torch(session, CORE, f"{BERT}[offline,onnx]")
    data, runs = ("--data", options.data), options.folder / "runs"
    settings = ("--epochs", "1") if options.quick else () if options.small else ("--recipe", "tuned")
    seeds = ("--seeds", str(options.seeds), *TWO_AT_A_TIME, "--resume")
    minilm, first = runs / "minilm", str(runs / "minilm" / "seed-42")
    session.run("emotion-bert", "train", "--model", "minilm", *data, *settings, *seeds, "--output", str(minilm))
    evaluate_test(session, options, "emotion-bert", "minilm")
    made = {"compressed": ("--technique=prune", "--technique=onnx", "--technique=onnx-int8")}
    made |= {f"pruned-{amount}": ("--technique=prune", f"--amount=0.{amount}") for amount in (50, 70)}
    for name, techniques in made.items():
        output = ("--resume", "--output", str(runs / f"minilm-{name}"))
        session.run("emotion-bert", "compress", first, *techniques, *data, *output)


@nox.session(requires=["results-rnn", "results-bert"])
def results(session: nox.Session) -> None:
    """Train, compress and search, or take the runs of a folder, and write a report; `-- --help` says more."""
    options = results_options(session)
    install(session, STUDY)
    runs = options.runs or options.folder / "runs"
    session.run("emotion-core", "report", str(runs), "--output", str(options.report), "--force")
