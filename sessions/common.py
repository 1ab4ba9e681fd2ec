"""What the sessions share: paths, tools, and how a session installs and tests."""

from __future__ import annotations

import argparse
import shutil
import sys
import urllib.request
from functools import partial
from pathlib import Path

import nox

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
CORE, RNN, BERT = (f"./packages/emotion-{name}" for name in ("core", "rnn", "bert"))
PACKAGES = ("core", "rnn", "bert")
STUDY = f"{CORE}[study]"
TESTED_EXTRAS = {
    "core": "mcp,onnx,serve,study",
    "rnn": "onnx,postgresql",
    "bert": "bitsandbytes,lora,offline,onnx,tensorboard",
}
"""Those of each package that its tests use."""
TEST_TOOLS = ("psutil", "pyte", "pytest", "pytest-cov", "pytest-randomly", "pytest-xdist", "hypothesis")
SIDE_BY_SIDE = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadgroup")
"""A test process on each core, four at most: each may hold TensorFlow or torch, and starts processes of its own. Tests
that share what is dear to make are a group, so that one process makes it."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
"""The environment of the tests: their models are tiny, and threads of several processes on the same cores would spend
most of their time waiting for each other."""
QUICK = ("-m", "not acceptance")

CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
"""PyTorch's own index of its builds for the CPU."""
TORCH_OPTION = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
TORCH_OPTION.add_argument(
    "--torch",
    choices=("cpu", "cuda"),
    help="the build of PyTorch on Linux: cpu, or the ordinary one, which brings gigabytes of CUDA libraries; "
    "by default cpu where there is no NVIDIA GPU and PyTorch's own index can be reached",
)


def pythons(*packages: str) -> str:
    """The versions of Python that some packages take, as in their requires-python: a session runs on one of these.

    nox takes the Python that it runs on, or else the newest one that it finds on the machine.
    """
    projects = [nox.project.load_toml(ROOT / "packages" / f"emotion-{name}" / "pyproject.toml") for name in packages]
    return ",".join(dict.fromkeys(",".join(each["project"]["requires-python"] for each in projects).split(",")))


session = partial(nox.session, python=pythons(*PACKAGES))
"""Makes a session that runs on a Python for all packages."""


def install(session: nox.Session, *what: str) -> None:
    """Install with the exact versions of constraints.txt; quietly, but with pip's errors.

    Python compiles the modules that it imports, which are few of those that pip would compile.
    """
    session.install("--quiet", "--no-compile", "--constraint", str(CONSTRAINTS), *what)


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
