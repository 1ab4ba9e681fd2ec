"""The service as a program: how it begins and ends, with one process and with several, and who can talk to it."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from emotion_core.training.baseline import BASELINES, train_baseline
from emotion_core.training.options import RunOptions
from services import PATIENCE_SECONDS, Running, ask_until_closed, running, start

pytestmark = pytest.mark.acceptance

TEXT = "i did not see that coming"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, sample) -> Path:
    """A run that needs NumPy alone."""
    folder = tmp_path_factory.mktemp("runs") / "svm"
    train_baseline(BASELINES[0], sample, folder, 42, RunOptions(extras=False, quiet=True))
    return folder


@pytest.fixture(scope="module")
def service(run: Path) -> Iterator[Running]:
    """One service for the tests that do not end it."""
    with running(run) as found:
        yield found


def wait_for(condition) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class TestOneProcess:
    """Begin and end."""

    def test_it_says_where_it_is_and_ends_well_by_a_signal(self, run: Path) -> None:
        """Port 0 is told as the one that was taken; nothing stands on standard error."""
        with running(run, run) as found:
            said = f"svm, svm-2 at http://127.0.0.1:{found.port}. Press Ctrl+C to end.\n"
            assert found.said == said
            assert found.ask(TEXT)["model"] == "svm"
            assert found.end() == (0, "")

    def test_ctrl_c_ends_it_with_its_own_code(self, run: Path) -> None:
        """130, as shells have it, and no traceback."""
        with running(run) as found:
            assert found.end(signal.SIGINT) == (130, "Interrupted: the service has ended.\n")

    @pytest.mark.parametrize("workers", [1, 2])
    def test_what_was_taken_is_answered_at_the_end(self, run: Path, workers: int) -> None:
        """Of many clients that ask without pause, each gets answers to the last one, which says that it is the last."""
        with running(run, "--workers", workers) as found:
            ending = threading.Timer(0.5, found.process.send_signal, (signal.SIGTERM,))
            ending.start()
            asked = asyncio.run(ask_until_closed(found.port, connections=16, count=10**9))
            assert found.process.wait(PATIENCE_SECONDS) == 0
        assert set(asked.statuses) == {200}
        assert asked.lost == 0

    def test_a_port_that_is_taken_is_one_message(self, service: Running, run: Path) -> None:
        """It names the port and the option."""
        with start(run, "--port", service.port) as process:
            said, told = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, said) == (2, "")
        assert re.fullmatch(
            rf"Error: 127\.0\.0\.1, port {service.port}: cannot be listened on \(.*\)\. "
            r"Name another with --port, or 0 for any free one\.\n",
            told,
        )

    def test_an_address_for_others_is_warned_of(self, run: Path) -> None:
        """Unless a key is asked for."""
        with running(run, "--host", "0.0.0.0") as found:
            assert found.ask(TEXT)
            code, told = found.end()
        assert (code, told) == (0, "Everybody who can reach 0.0.0.0 can ask. --api-key-file FILE asks for a key.\n")


class TestSeveralProcesses:
    """Behind one port."""

    def test_they_count_together_and_one_that_dies_is_replaced(self, run: Path) -> None:
        """Whichever answers, the counts are those of all, also after one was killed; all end with the first."""
        with running(run, "--workers", 2) as found:
            workers = answering(found)
            assert len(workers) == 2
            asked = asyncio.run(ask_until_closed(found.port, connections=8, count=25))
            assert asked.statuses == [200] * 200
            assert 'emotion_requests_total{route="/predict",status="200"} 200.0' in found.get("/metrics")
            workers[0].kill()
            wait_for(lambda: workers[0] not in answering(found) and len(answering(found)) == 2)
            asked = asyncio.run(ask_until_closed(found.port, connections=8, count=25))
            assert asked.statuses == [200] * 200
            assert 'emotion_requests_total{route="/predict",status="200"} 400.0' in found.get("/metrics")
            workers = answering(found)
            code, told = found.end()
        assert code == 0
        assert told == "A process ended with -9; another one takes its place.\n"
        assert not any(worker.is_running() for worker in workers)

    def test_they_end_with_the_first_one_when_it_is_killed(self, run: Path) -> None:
        """No process is left that holds the port."""
        with running(run, "--workers", 2) as found:
            workers = answering(found)
            found.process.kill()
            wait_for(lambda: not any(worker.is_running() for worker in workers))

    def test_ctrl_c_ends_all(self, run: Path) -> None:
        """With its own code, and no traceback."""
        with running(run, "--workers", 2) as found:
            assert found.end(signal.SIGINT) == (130, "Interrupted: the service has ended.\n")

    def test_a_run_that_cannot_be_loaded_is_one_message(self, run: Path, tmp_path: Path) -> None:
        """As with one process."""
        with start(tmp_path, "--port", 0, "--workers", 2) as process:
            said, told = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, said) == (2, "")
        assert told.startswith(f"Error: {tmp_path}: is not a complete run")
        assert told.count("\n") == 1


def answering(found: Running) -> list[psutil.Process]:
    """The processes of a service that have the models."""
    workers = []
    for child in psutil.Process(found.process.pid).children():
        with suppress(psutil.Error):  # it has ended meanwhile
            workers += [child] if "spawn_main" in " ".join(child.cmdline()) else []
    return workers


class TestClients:
    """Who talks to the service."""

    def test_the_client_of_hugging_face_gets_what_it_expects(self, service: Running) -> None:
        """With the address as base_url, or as the model."""
        from huggingface_hub import InferenceClient

        expected = service.ask(TEXT)["predictions"][0]
        for client in (InferenceClient(base_url=service.url), InferenceClient(model=service.url)):
            scores = client.text_classification(TEXT)
            assert {score.label: score.score for score in scores} == expected["probabilities"]
            assert scores[0].label == expected["emotion"]
            assert len(client.text_classification(TEXT, top_k=2)) == 2

    def test_many_connections_get_answers_and_take_no_memory(self, service: Running) -> None:
        """32 at the same time, without an error; after the first requests the process stays as large as it is."""
        process = psutil.Process(service.process.pid)
        asyncio.run(ask_until_closed(service.port, connections=32, count=20))
        before = process.memory_info().rss
        asked = asyncio.run(ask_until_closed(service.port, connections=32, count=60))
        assert asked.statuses == [200] * 32 * 60
        assert process.memory_info().rss - before < 5e6

    @pytest.mark.parametrize(
        "sent",
        [
            os.urandom(1000),
            b"GET /" + b"a" * 200_000,
            b"POST /predict HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            b"POST /predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        ],
        ids=["random", "endless", "negative", "chunk", "half", "upgrade"],
    )
    def test_what_is_no_request_does_no_harm(self, service: Running, sent: bytes) -> None:
        """Whatever comes over a connection, the next one is answered."""
        with socket.create_connection(("127.0.0.1", service.port)) as connection, suppress(OSError):
            connection.sendall(sent)  # may be cut off
            connection.shutdown(socket.SHUT_WR)
        assert service.ask(TEXT)["model"] == "svm"
        assert service.process.poll() is None
