"""`emotion-core serve` as a process of its own."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

PATIENCE_SECONDS = 120
"""Long enough on a busy machine; a service that hangs ends here."""


@dataclass(frozen=True)
class Running:
    """A service that answers.

    Attributes:
        process: that was started.
        said: its first line.
        port: on loopback.
    """

    process: subprocess.Popen[str]
    said: str
    port: int

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> str:
        """What is at an address, as text."""
        with urllib.request.urlopen(self.url + path, timeout=PATIENCE_SECONDS) as answer:
            text: str = answer.read().decode()
            return text

    def ask(self, text: str) -> dict[str, object]:
        """The answer to a text."""
        request = urllib.request.Request(f"{self.url}/predict", body(text), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            found: dict[str, object] = json.load(answer)
            return found

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; the exit code, and what was said on standard error."""
        self.process.send_signal(number)
        _, told = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, told


def start(*words: object) -> subprocess.Popen[str]:
    """Start a service with options."""
    command = [sys.executable, "-m", "emotion_core", "serve", *map(str, words)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")


@contextmanager
def running(*words: object) -> Iterator[Running]:
    """A service on any free port; it is gone after the block."""
    with answering(start(*words, "--port", 0)) as found:
        yield found


@contextmanager
def answering(started: subprocess.Popen[str]) -> Iterator[Running]:
    """A service that was started, from when it says its port; it is gone after the block."""
    with started as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            said = process.stdout.readline()
            port = re.search(r":(\d+)\. Press", said)
            assert port, said + process.stderr.read()
            yield Running(process, said, int(port[1]))
        finally:
            process.kill()


def body(text: str) -> bytes:
    """The body of a request for a text."""
    return json.dumps({"text": text}).encode()


@dataclass
class Asked:
    """What clients that ask as fast as they are answered have seen.

    Attributes:
        statuses: of each answer.
        lost: requests that were sent on a connection which then ended without an answer.
    """

    statuses: list[int]
    lost: int = 0


async def ask_until_closed(port: int, connections: int, count: int) -> Asked:
    """Ask over connections that stay open, until the service closes each with an answer, or so many are answered.

    Args:
        port: of the service.
        connections: that ask at the same time.
        count: of the answers of each connection, at most.
    """
    asked = Asked([])
    await asyncio.gather(*(_ask_over_one(port, count, asked) for _ in range(connections)))
    return asked


async def _ask_over_one(port: int, count: int, asked: Asked) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent = body("i did not see that coming")
    head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(sent)}"
    for _ in range(count):
        writer.write(head.encode() + b"\r\n\r\n" + sent)
        try:
            answer = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            await reader.readexactly(int(re.search(r"content-length: (\d+)", answer)[1]))  # type: ignore[index]
        except (asyncio.IncompleteReadError, ConnectionError):
            asked.lost += 1
            break
        asked.statuses.append(int(answer.split()[1]))
        if "connection: close" in answer:
            break
    writer.close()
