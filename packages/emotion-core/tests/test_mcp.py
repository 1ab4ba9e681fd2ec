"""The tool for clients of the Model Context Protocol, asked by the client of the official SDK."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from click.testing import CliRunner
from mcp import Client, MCPError, StdioServerParameters
from mcp.types import CallToolResult, Tool
from starlette.testclient import TestClient

from emotion_core.classifier import Classifier
from emotion_core.cli.main import main
from emotion_core.labels import N_EMOTIONS
from emotion_core.serving.models import ServedModel
from emotion_core.serving.settings import Limits
from emotion_core.serving.tool import DIGITS, NAME, server_of
from emotion_core.serving.web.application import application
from emotion_core.training.baseline import BASELINES, train_baseline
from emotion_core.training.options import RunOptions
from services import PATIENCE_SECONDS

Found = TypeVar("Found")

SECRET = "i did not see that coming"
CALL = {"name": NAME, "arguments": {"texts": [SECRET, ""]}}


class Failing(Classifier):
    """Fails at every text."""

    def raw_probabilities(self, texts, progress):
        """No probabilities."""
        raise RuntimeError("out of order")


class Undecided(Classifier):
    """Finds every emotion as probable as the others."""

    def raw_probabilities(self, texts, progress):
        """Probabilities, shape (n, 6)."""
        return np.full((len(texts), N_EMOTIONS), 1 / N_EMOTIONS, np.float32)


def ask(server, question: Callable[[Client], Awaitable[Found]], mode: str = "auto") -> Found:
    """What a client is answered."""

    async def asked() -> Found:
        async with Client(server, mode=mode, read_timeout_seconds=PATIENCE_SECONDS) as client:
            return await question(client)

    return asyncio.run(asked())


def call(server, mode: str = "auto", **arguments: object) -> CallToolResult:
    """The answer to a call of the tool; the client compares it with the schema that the tool states."""
    return ask(server, lambda client: client.call_tool(NAME, arguments), mode)


def described(server) -> Tool:
    """The one tool, as a client sees it."""
    found = ask(server, lambda client: client.list_tools())
    assert len(found.tools) == 1
    return found.tools[0]


def sentence(result: CallToolResult) -> str:
    """What a client is told that gets no answer."""
    assert result.is_error
    assert result.structured_content is None
    return result.content[0].text


class TestTool:
    """The tool in this process."""

    @pytest.mark.parametrize("mode", ["auto", "legacy"])
    def test_it_answers_as_the_service_does(self, classifier: Classifier, mode: str) -> None:
        """In the same form with rounded probabilities, as data and as text, in old and new versions of the protocol."""
        model = ServedModel("words", classifier)
        texts = ["i am so happy today", "", SECRET]
        expected = TestClient(application([model]), "http://localhost:8000").post("/predict", json={"texts": texts})
        for prediction in (answer := expected.json())["predictions"]:
            for emotion, share in (prediction["probabilities"] or {}).items():
                prediction["probabilities"][emotion] = round(share, DIGITS)
        result = call(server_of(model), mode, texts=texts)
        assert not result.is_error
        assert result.structured_content == json.loads(result.content[0].text) == answer

    def test_a_prediction_below_the_bound_is_uncertain(self) -> None:
        """As for the service."""
        found = call(server_of(ServedModel("even", Undecided()), abstain_below=0.5), texts=["well"])
        assert found.structured_content["predictions"][0]["uncertain"] is True

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            ({"texts": ["a"] * 3}, "The request has 3 texts, at most 2 are allowed."),
            ({"texts": ["a", "b" * 11]}, "A text has 11 characters, at most 10 are allowed."),
            ({"texts": "a"}, "texts: Expected a list."),
            ({"texts": ["a", 1]}, "texts.1: Expected a string."),
            ({"texts": ["a"], "model": "b"}, "model: Is not known here."),
            ({}, "texts: Is missing."),
        ],
        ids=["texts", "characters", "no list", "no string", "unknown", "none"],
    )
    def test_what_cannot_be_answered_is_told_in_one_sentence(self, arguments: dict, expected: str) -> None:
        """So that a language model can mend its call."""
        assert sentence(call(server_of(ServedModel("even", Undecided()), Limits(2, 10)), **arguments)) == expected

    def test_a_model_that_fails_is_told_without_its_inside(self, caplog: pytest.LogCaptureFixture) -> None:
        """The log has the cause and not the text."""
        result = call(server_of(ServedModel("failing", Failing())), texts=[SECRET])
        assert sentence(result) == "The tool failed; its standard error says why."
        assert "out of order" in caplog.text
        assert SECRET not in caplog.text

    def test_another_tool_is_refused(self) -> None:
        """With the name of the one that is there."""

        async def refused(client: Client) -> str:
            with pytest.raises(MCPError) as caught:
                await client.call_tool("other", {})
            return caught.value.message

        said = ask(server_of(ServedModel("even", Undecided())), refused)
        assert said == f"No tool is called other; there is {NAME}."

    def test_a_client_is_told_the_limits_and_what_the_model_never_says(self) -> None:
        """In the schema and in words, since clients show one or the other; the tool changes nothing."""
        model = ServedModel("even", Undecided(), never_predicted=("love",))
        found = described(server_of(model, Limits(7, 99)))
        texts = found.input_schema["properties"]["texts"]
        assert (texts["maxItems"], texts["items"]["maxLength"]) == (7, 99)
        assert found.description.endswith(
            "At most 7 texts, each of at most 99 characters. This model never predicts love."
        )
        assert found.annotations.read_only_hint


def test_a_missing_extra_is_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is said before the run is looked at."""
    monkeypatch.setitem(sys.modules, "mcp", None)
    result = CliRunner().invoke(main, ["mcp", str(tmp_path)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: mcp: the module mcp is not installed. Do: pip install 'emotion-core[mcp]'\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, sample) -> Path:
    """A run that needs NumPy alone."""
    folder = tmp_path_factory.mktemp("runs") / "svm"
    train_baseline(BASELINES[0], sample, folder, 42, RunOptions(extras=False, quiet=True))
    return folder


def command(*words: object) -> list[str]:
    """The program, with options."""
    return [sys.executable, "-m", "emotion_core", "mcp", *map(str, words)]


def start(run: Path) -> subprocess.Popen[str]:
    """The program, with which the test talks itself."""
    pipe = subprocess.PIPE
    return subprocess.Popen(command(run), stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8")


def say(process: subprocess.Popen[str], *lines: object) -> None:
    """Send lines, those that are no text as JSON."""
    assert process.stdin is not None
    process.stdin.writelines((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    process.stdin.flush()


def request(number: int, method: str, **params: object) -> dict[str, object]:
    """A request in the protocol's form."""
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


@pytest.mark.acceptance
class TestProcess:
    """The program that a client starts."""

    def test_a_client_starts_it_and_gets_predictions(self, run: Path) -> None:
        """By the command and its arguments, as a client's configuration has them."""
        first, *rest = command(run, "--max-texts", 2)
        program = StdioServerParameters(command=first, args=rest, env=dict(os.environ))
        found = call(program, texts=["i am so happy today", ""])
        assert found.structured_content["model"] == "svm"
        assert [one["emotion"] for one in found.structured_content["predictions"]] == ["joy", None]
        assert sentence(call(program, texts=["a"] * 3)) == "The request has 3 texts, at most 2 are allowed."

    def test_it_says_nothing_but_the_protocol_and_writes_no_text(self, run: Path) -> None:
        """Also where lines are none of the protocol's; it ends well when the client leaves."""
        about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        with start(run) as process:
            say(process, request(1, "initialize", **about), {"jsonrpc": "2.0", "method": "notifications/initialized"})
            say(process, SECRET, {"texts": SECRET}, request(2, "tools/call", name=NAME, arguments=SECRET))
            say(process, request(3, "tools/call", **CALL))
            assert process.stdout is not None
            answers = {answer["id"]: answer for answer in (json.loads(process.stdout.readline()) for _ in range(3))}
            rest, told = process.communicate(timeout=PATIENCE_SECONDS)
        assert (rest, told, process.returncode) == ("", "", 0)
        assert set(answers) == {1, 2, 3}
        assert answers[2]["error"]["message"] == "Invalid request parameters"
        assert len(answers[3]["result"]["structuredContent"]["predictions"]) == 2

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals between processes")
    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_a_signal_ends_it_while_it_waits(self, run: Path, number: signal.Signals) -> None:
        """Without the client's next line, and without a traceback."""
        with start(run) as process:
            say(process, request(1, "ping"))
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["id"] == 1
            process.send_signal(number)
            assert process.wait(PATIENCE_SECONDS) == 128 + number
            assert process.stderr is not None
            assert process.stderr.read() == ""

    def test_a_client_that_leaves_without_waiting_is_no_fault(self, run: Path) -> None:
        """Its answers cannot be written, of which nothing is said."""
        with start(run) as process:
            assert process.stdout is not None
            process.stdout.close()
            say(process, request(1, "ping"))
            _, told = process.communicate(timeout=PATIENCE_SECONDS)
        assert (told, process.returncode) == ("", 0)

    def test_a_run_that_cannot_be_loaded_is_one_message(self, tmp_path: Path) -> None:
        """On standard error, where clients keep it for their user."""
        done = subprocess.run(command(tmp_path), input="", capture_output=True, encoding="utf-8", check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"Error: {tmp_path}: is not a complete run")
        assert done.stderr.count("\n") == 1
