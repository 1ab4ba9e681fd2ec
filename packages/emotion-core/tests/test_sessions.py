"""Which build of PyTorch the sessions of nox install."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import threading
import venv
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

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

    def _pip(self, *words: str) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHONPATH"))}
        settings = {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}
        command = [sys.executable, "-m", "pip", "--python", str(self._folder), *words]
        result = subprocess.run(command, env=clean | settings, capture_output=True, encoding="utf-8", check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def install(self, *words: str) -> None:
        """As the method of nox."""
        self._pip("install", *words)

    def installed(self) -> dict[str, str]:
        """The version of each package that is there."""
        packages = json.loads(self._pip("list", "--format", "json"))
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
