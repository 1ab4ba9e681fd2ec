"""The image of the service, without Docker: its files agree, and what it runs is run in an environment of its own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from emotion_core.cli.commands.serve import serve
from emotion_core.data.dataset import Dataset
from emotion_core.serving.server import GRACE_SECONDS
from emotion_core.training.baseline import BASELINES, train_baseline
from emotion_core.training.options import RunOptions
from services import PATIENCE_SECONDS, Running, answering

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "guides" / "serve.md").read_text(encoding="utf-8")
MODEL = "/model"
"""Where the container has its run."""


@dataclass
class Stage:
    """What a stage of the Dockerfile does: the words after each instruction, in their order."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        """What stands after each instruction of a name."""
        return [words for instruction, words in self.found if instruction == name]

    def one(self, name: str) -> str:
        """What stands after the only instruction of a name."""
        (words,) = self.all(name)
        return words

    def words(self, name: str) -> list[str]:
        """The words of an instruction that has them as a list, as those do which start no shell."""
        text = self.one(name)
        words: list[str] = yaml.safe_load(text[text.index("[") :])
        return words


def stages() -> list[Stage]:
    """The stages of the Dockerfile."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    made: list[Stage] = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, words = line.partition(" ")
            if name == "FROM":
                made.append(Stage())
            made[-1].found.append((name, words.strip()))
    return made


BUILD, IMAGE = stages()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["emotions"]


def kubernetes() -> dict[str, Any]:
    """The pod of the guide's example."""
    (text,) = re.findall(r"```yaml\n(apiVersion.+?)```", GUIDE, re.DOTALL)
    pod: dict[str, Any] = yaml.safe_load(text)["spec"]["template"]["spec"]
    return pod


def started(words: list[str]) -> dict[str, Any]:
    """The options of the service in a container that is started with some words."""
    program, command, *rest = IMAGE.words("ENTRYPOINT")
    assert (program, command) == ("emotion-core", "serve")
    with serve.make_context(command, [*rest, *words]) as context:
        return context.params


class TestFiles:
    """Dockerfile, .dockerignore, compose.yaml and the guide."""

    def test_the_port_of_the_service_is_that_of_the_image_and_of_all_that_asks_it(self) -> None:
        """The default of ``serve`` is published, and its health asked for."""
        port = started([MODEL])["port"]
        assert IMAGE.one("EXPOSE") == str(port)
        assert COMPOSE["ports"] == [f"127.0.0.1:{port}:{port}"]
        assert f"127.0.0.1:{port}/health" in IMAGE.words("HEALTHCHECK")[-1]
        (container,) = kubernetes()["containers"]
        assert container["ports"] == [{"containerPort": port}]
        for probe in ("readinessProbe", "livenessProbe"):
            assert container[probe]["httpGet"] == {"path": "/health", "port": port}

    @pytest.mark.parametrize(
        "words",
        [IMAGE.words("CMD"), COMPOSE["command"], kubernetes()["containers"][0]["args"]],
        ids=["Dockerfile", "compose.yaml", "Kubernetes"],
    )
    def test_each_way_to_start_it_serves_the_run_to_those_outside(self, words: list[str]) -> None:
        """Within a container, the service listens on all addresses."""
        options = started(words)
        assert options["runs"] == (Path(MODEL),)
        assert options["host"] == "0.0.0.0"

    def test_the_run_is_mounted_where_the_service_looks_for_it(self) -> None:
        """By compose.yaml and by the guide, without the right to write; an absent folder is not made."""
        (volume,) = COMPOSE["volumes"]
        assert (volume["target"], volume["read_only"]) == (MODEL, True)
        assert volume["bind"] == {"create_host_path": False}
        assert f":{MODEL}:ro emotion-core\n" in GUIDE

    def test_the_user_is_a_number_and_not_root(self) -> None:
        """Kubernetes looks for a number; compose.yaml leaves the user as it is, and the guide names it."""
        user, group = IMAGE.one("USER").split(":")
        assert int(user) > 0
        assert int(group) > 0
        assert "user" not in COMPOSE
        assert f"user {user}" in GUIDE

    def test_nothing_is_written_but_temporary_files(self) -> None:
        """compose.yaml and the example for Kubernetes have a root file system that is read-only, and ``/tmp``."""
        assert COMPOSE["read_only"] is True
        assert COMPOSE["tmpfs"] == ["/tmp"]
        pod = kubernetes()
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert {"name": "tmp", "mountPath": "/tmp"} in container["volumeMounts"]
        assert {"name": "tmp", "emptyDir": {}} in pod["volumes"]

    def test_it_has_the_time_to_answer_what_it_has_taken(self) -> None:
        """Longer than the service itself gives to requests at its end."""
        times = [int(COMPOSE["stop_grace_period"].rstrip("s")), kubernetes()["terminationGracePeriodSeconds"]]
        times += map(int, re.findall(r"(?:TimeoutStopSec=|docker stop --time )(\d+)", GUIDE))
        assert len(times) == 4
        assert min(times) > GRACE_SECONDS

    def test_the_image_is_made_of_what_the_context_has(self) -> None:
        """Each file that is copied exists, and .dockerignore lets it and nothing else through."""
        lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        patterns = [line for line in lines if not line.startswith("#")]
        assert patterns[0] == "*"
        let_through = {pattern[1:] for pattern in patterns if pattern.startswith("!")}
        copied = copied_files()
        assert {str(path.relative_to(ROOT)) for path in copied} == let_through
        assert all(path.exists() for path in copied)


def copied_files() -> list[Path]:
    """What the image is made of."""
    return [ROOT / source for words in BUILD.all("COPY") for source in words.split()[:-1]]


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the build has it, with what is copied into it and nothing else."""
    folder = tmp_path_factory.mktemp("source")
    for path in copied_files():
        place = folder / path.relative_to(ROOT)
        if path.is_dir():
            shutil.copytree(path, place, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.egg-info"))
        else:
            shutil.copy(path, place)
    return folder


@pytest.fixture(scope="module")
def environment(context: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment that the Dockerfile makes; the test skips where pip can install nothing."""
    folder = tmp_path_factory.mktemp("image") / "venv"
    needed = ["-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder.parent), "hatchling"]
    if subprocess.run([sys.executable, *needed], check=False, capture_output=True).returncode:
        pytest.skip("pip has no index to install from")
    made = [words.strip() for words in BUILD.one("RUN").split("&&")]
    assert made[0] == "python -m venv /venv"
    venv.create(folder, with_pip=True)
    for words in made[1:]:
        command = shlex.split(words.replace("/venv", str(folder)))
        done = subprocess.run(command, cwd=context, env=clean(), capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
    return folder


def clean(**more: str) -> dict[str, str]:
    """The variables of this process without those that lead Python elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | more


def files(folder: Path) -> dict[Path, int]:
    """When each file below a folder was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture
def container(environment: Path, sample: Dataset, tmp_path: Path) -> Iterator[Running]:
    """The service as the image starts it, on another port and with a run elsewhere."""
    run = tmp_path / "svm"
    train_baseline(BASELINES[0], sample, run, 42, RunOptions(extras=False, quiet=True))
    command = [*IMAGE.words("ENTRYPOINT"), *(str(run) if word == MODEL else word for word in IMAGE.words("CMD"))]
    command[0] = str(environment / "bin" / command[0])
    before = files(environment) | files(run)
    pipe = subprocess.PIPE
    command += ["--port", "0"]
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, encoding="utf-8", env=clean(HOME="/nowhere"))
    with answering(process) as found:
        yield found
    assert files(environment) | files(run) == before, "the service wrote into a file system that is to be read-only"


@pytest.mark.acceptance
@pytest.mark.skipif(sys.platform == "win32", reason="the image is one of Linux")
class TestContainer:
    """What the Dockerfile runs, in an environment of its own."""

    def test_it_is_healthy_answers_and_ends_well(self, container: Running, environment: Path) -> None:
        """Docker's own question for its health ends with 0 then, and with another code when the service has gone."""
        question = [word.replace(":8000", f":{container.port}") for word in IMAGE.words("HEALTHCHECK")]
        question[0] = str(environment / "bin" / question[0])
        healthy = subprocess.run(question, env=clean(), capture_output=True, timeout=PATIENCE_SECONDS, check=False)
        assert healthy.returncode == 0, healthy.stderr
        answer: Any = container.ask("best day in months")
        assert answer["predictions"][0]["emotion"] == "joy"
        assert "<title>" in container.get("/")
        code, told = container.end(signal.SIGTERM)
        assert (code, told.count("\n")) == (0, 1)  # that everybody can ask
        gone = subprocess.run(question, env=clean(), capture_output=True, timeout=PATIENCE_SECONDS, check=False)
        assert gone.returncode != 0

    def test_it_has_what_a_run_in_onnx_needs_and_no_more(self, environment: Path) -> None:
        """Neither what only studies need, nor what trained the run."""
        code = "import onnxruntime, tokenizers, importlib.util as u; print([n for n in {!r} if u.find_spec(n)])"
        unwanted = ["pandas", "sklearn", "torch", "tensorflow", "mcp", "pytest"]
        command = [str(environment / "bin" / "python"), "-c", code.format(unwanted)]
        assert subprocess.run(command, env=clean(), capture_output=True, check=True).stdout == b"[]\n"
