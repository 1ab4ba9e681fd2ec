"""Which Python and which build of PyTorch the sessions of nox take."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml
from packaging.specifiers import SpecifierSet

from emotion_core.errors import MissingLibraryError
from emotion_core.imports import needs

pytest.importorskip("nox", reason="nox is not installed: python -m nox -s test-core")

ROOT = Path(__file__).parents[3]
NOWHERE = "http://127.0.0.1:9"
(PINNED,) = re.findall(r"^torch==(.+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)


class Session:
    """Stands for a session of nox: what it installs goes into an environment, without settings of the machine."""

    def __init__(self, folder: Path, *posargs: str) -> None:
        self.posargs = list(posargs)
        self._folder = folder
        venv.create(folder, with_pip=False)

    def pip(self, *words: str) -> str:
        """What pip prints, asked to work on the environment."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHONPATH"))}
        settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}
        command = [sys.executable, "-m", "pip", "--python", str(self._folder), *words]
        result = subprocess.run(command, env=clean | settings, capture_output=True, encoding="utf-8", check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def install(self, *words: str) -> None:
        """As the method of nox."""
        self.pip("install", *words)

    def installed(self) -> dict[str, str]:
        """The version of each package that is there."""
        packages = json.loads(self.pip("list", "--format", "json"))
        return {package["name"]: package["version"] for package in packages}


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


def write_wheel(index: Path, name: str, version: str, *needs: str) -> None:
    """Put an empty package into a simple index."""
    (index / name).mkdir(exist_ok=True)
    about = f"{name}-{version}.dist-info"
    required = "".join(f"Requires-Dist: {need}\n" for need in needs)
    with zipfile.ZipFile(index / name / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an index like that of PyTorch, with two builds and another package."""
    folder = tmp_path_factory.mktemp("index")
    write_wheel(folder, "torch", PINNED, "filelock")
    write_wheel(folder, "torch", f"{PINNED}+cpu", "filelock")
    write_wheel(folder, "torch", "999.0+cpu", "filelock")
    write_wheel(folder, "filelock", "999.0")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def loaded() -> ModuleType:
    """What the sessions share, as a module."""
    spec = importlib.util.spec_from_file_location("sessions_common", ROOT / "sessions" / "common.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def noxfile(loaded: ModuleType, index: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What the sessions share, with the index of these tests."""
    monkeypatch.setattr(loaded, "CPU_WHEELS", index)
    monkeypatch.setattr(sys, "platform", "linux")
    return loaded


def test_the_pinned_build_for_the_cpu_is_taken_and_kept(noxfile: ModuleType, tmp_path: Path) -> None:
    """The local version wins, satisfies the constraint of what is installed next, and brings nothing else along."""
    session = Session(tmp_path / "environment", "--torch", "cpu")
    noxfile.install_with_torch(session, "--no-deps", "torch")
    assert session.installed() == {"torch": f"{PINNED}+cpu"}


def test_a_chosen_build_needs_no_look_at_the_machine(noxfile: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a GPU nor the network changes what was chosen."""
    for address in (noxfile.CPU_WHEELS, NOWHERE):
        monkeypatch.setattr(noxfile, "CPU_WHEELS", address)
        assert noxfile.takes_cpu_wheels("cpu")
        assert not noxfile.takes_cpu_wheels("cuda")


def test_without_a_choice_the_gpu_and_the_network_decide(noxfile: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ordinary build is for machines with an NVIDIA GPU, and for those that cannot reach PyTorch's index."""
    assert noxfile.takes_cpu_wheels(None) == (not noxfile.has_nvidia_gpu())
    monkeypatch.setattr(noxfile, "CPU_WHEELS", NOWHERE)
    assert not noxfile.takes_cpu_wheels(None)


def test_other_systems_take_their_ordinary_build(noxfile: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS and Windows that is one for the CPU, so the choice changes nothing."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not any(map(noxfile.takes_cpu_wheels, (None, "cpu", "cuda")))


def test_the_choice_is_not_handed_on(noxfile: ModuleType) -> None:
    """pytest gets all words after `--` but the choice of a build, in their order."""
    session = SimpleNamespace(posargs=["-k", "audit", "--torch", "cuda", "-x"])
    assert noxfile.words_after(session) == ["-k", "audit", "-x"]


PACKAGES = ("core", "rnn", "bert")


def project(name: str) -> dict[str, Any]:
    """What the pyproject.toml of a package says of it."""
    path = ROOT / "packages" / f"emotion-{name}" / "pyproject.toml"
    described: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    return described


def classified(name: str) -> list[str]:
    """The versions of Python that a package states as tested."""
    stated = (
        re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", line) for line in project(name)["classifiers"]
    )
    return [match[1] for match in stated if match]


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_can_be_installed_where_it_is_tested_and_nowhere_else(name: str) -> None:
    """On another Python pip says that the package requires a different one, and does not look for wheels in vain."""
    first, *_, last = classified(name)
    assert project(name)["requires-python"] == f">={first},<3.{int(last.removeprefix('3.')) + 1}"


@pytest.mark.parametrize("name", PACKAGES)
def test_the_workflow_tests_a_package_on_its_oldest_and_newest_python(name: str) -> None:
    """What the classifiers state is what the workflow does."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    matrix = workflow["jobs"]["session"]["strategy"]["matrix"]
    more = [entry["python"] for entry in matrix["include"] if entry["session"] == f"test-{name}"]
    assert f"test-{name}" in matrix["session"]
    first, *_, last = classified(name)
    assert {first, last} <= {*matrix["python"], *more} <= {*classified(name)}


def test_a_session_looks_for_a_python_that_all_its_packages_take(loaded: ModuleType) -> None:
    """The range that nox searches holds each of those for which all have wheels, and no other."""
    for names in (("core",), ("core", "bert"), PACKAGES):
        wanted = SpecifierSet(loaded.pythons(*names))
        common = [version for version in classified("core") if all(version in classified(name) for name in names)]
        assert [f"3.{minor}" for minor in range(9, 20) if f"3.{minor}" in wanted] == common


@pytest.mark.acceptance
def test_a_session_without_a_python_fails_in_one_sentence(tmp_path: Path) -> None:
    """It is not skipped, as nox does by default: a command that did nothing must not look like success."""
    stated = re.findall(r"^nox\..+$", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    options = [line for line in stated if "options.sessions" not in line]
    asked = '@nox.session(python=">=3.90,<3.91")\ndef test_rnn(session):\n    """Nothing."""\n'
    (tmp_path / "noxfile.py").write_text("\n".join(["import nox", *options, asked]), encoding="utf-8")
    command = [sys.executable, "-m", "nox", "-s", "test_rnn"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 1
    assert "Session test_rnn failed: Python interpreter >=3.90,<3.91 not found" in result.stderr


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/index.md", "docs/start.md"])
def test_the_pages_name_the_pythons(page: str) -> None:
    """A reader is told, before the first command, on which Pythons it works."""
    *others, last = [version for version in classified("core") if all(version in classified(name) for name in PACKAGES)]
    assert f"Python {', '.join(others)} or {last}" in " ".join((ROOT / page).read_text(encoding="utf-8").split())


@pytest.mark.acceptance
def test_the_advice_of_a_message_works_for_a_package_from_a_clone(tmp_path: Path) -> None:
    """pip takes the installed package and adds what the extra requires, though no index has the package."""
    with pytest.raises(MissingLibraryError) as raised:
        needs("study", "a_package_that_nobody_has")
    words = shlex.split(str(raised.value).partition("Do: pip ")[2])
    write_wheel(tmp_path, "statistics", "1.0")
    write_wheel(tmp_path, "emotion_core", "0.1.0", 'statistics; extra == "study"\nProvides-Extra: study')
    session = Session(tmp_path / "environment")
    session.install("--no-index", str(next((tmp_path / "emotion_core").iterdir())))
    shutil.rmtree(tmp_path / "emotion_core")
    session.pip(*words, "--no-index", "--find-links", str(tmp_path / "statistics"))
    assert [name.replace("_", "-") for name in session.installed()] == ["emotion-core", "statistics"]
