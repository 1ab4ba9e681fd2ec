"""Whether the tests of what all figures depend on notice small changes."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import nox

from sessions.common import CORE, ONE_THREAD, TEST_TOOLS, extras_of, install, session, words_after

HEART = {
    "labels": ("labels",),
    "data/cleaning": ("text", "clean_train"),
    "data/readers": ("readers", "predict"),
    "data/splits/*": ("splits", "dataset", "cli"),
    "evaluation/calibration": ("calibration",),
    "evaluation/versus/differences": ("intervals", "paired_tests"),
    "evaluation/intervals": ("intervals", "metrics"),
    "evaluation/metrics": ("metrics", "evaluate"),
    "evaluation/versus/paired_tests": ("paired_tests", "compare"),
    "evaluation/versus/seed_differences": ("seed_differences",),
    "evaluation/scores": ("scores", "metrics"),
}
"""What all figures depend on, and the tests of each: module in emotion_core, names of test files."""
LEAST_KILLED = 85
"""Percent of the mutants of `HEART`."""
KILLED = {"killed", "timeout"}
"""States of a mutant that made a test fail, or run without an end."""
MUTATION_OUTPUT = Path("mutation-output")


@session
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
    for part in ("docs/report", "shared-data", "tests/support"):
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
