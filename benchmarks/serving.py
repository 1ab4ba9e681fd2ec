"""Requests a second and their latency: the service, beside an endpoint around the same model and one around a pipeline.

    python benchmarks/serving.py runs/gru-onnx --pipeline runs/minilm

Three servers take turns, each in a process of its own: `emotion-core serve`; one FastAPI endpoint that calls the same
classifier for each request; and, with --pipeline, one that calls transformers' pipeline with a run of emotion-bert. 32
connections ask with one short text each and ask again when they are answered. Then requests come at half of the rate
that the service has reached, whether or not earlier ones are answered, for the latency at that load. Last come so many
requests as --requests says, for the memory that the service holds. Without a run, MiniLM is fine-tuned on the bundled
sample for one epoch and exported.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import multiprocessing
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from pydantic import BaseModel

from emotion_core.data.load import load_dataset
from emotion_core.evaluation.speed import Watch
from emotion_core.system.environment import host, installed_versions

CONNECTIONS = 32
WARM_UP_SECONDS = 2.0
STEPS = 10
"""The memory is read so many times."""


class Connection(asyncio.Protocol):
    """Sends requests, one after the other, and knows when each is answered."""

    def __init__(self) -> None:
        self._buffer = b""
        self.answered: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what requests are written to."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Look whether the answer is complete."""
        self._buffer += data
        head, end, body = self._buffer.partition(b"\r\n\r\n")
        if not end or self.answered is None:
            return
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
        if len(body) >= length:
            self._buffer, status = b"", int(head.split(None, 2)[1])
            self.answered.set_result(status)

    def connection_lost(self, error: Exception | None) -> None:
        """An answer that does not come any more counts as an error."""
        if self.answered is not None and not self.answered.done():
            self.answered.set_result(0)

    async def ask(self, request: bytes) -> int:
        """The status of the answer; 0 if the connection was lost."""
        self.answered = asyncio.get_running_loop().create_future()
        self.transport.write(request)  # type: ignore[attr-defined]
        return await self.answered


@dataclass
class Measured:
    """The answers of a run of requests.

    Attributes:
        seconds: of each answer.
        errors: answers other than 200.
        wall: seconds of the whole run.
    """

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    wall: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Requests a second, and the latency in milliseconds."""
        ranks = statistics.quantiles(self.seconds, n=100)
        return {
            "requests": len(self.seconds),
            "requests_per_second": len(self.seconds) / self.wall,
            "p50_ms": ranks[49] * 1000,
            "p99_ms": ranks[98] * 1000,
            "errors": self.errors,
        }


@dataclass(frozen=True)
class Load:
    """What a client does.

    Attributes:
        port: of the server, on loopback.
        requests: that are sent in turn, as bytes.
        seconds: for which it asks; None to ask ``count`` times.
        count: of the requests.
        rate: requests a second; None to ask as soon as an answer has come.
    """

    port: int
    requests: Sequence[bytes]
    seconds: float | None = None
    count: int = sys.maxsize
    rate: float | None = None


def request_of(text: str) -> bytes:
    """A request as it goes over the wire."""
    body = json.dumps({"text": text}).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


async def ask(load: Load) -> Measured:
    """Ask over all connections."""
    loop, measured, sent = asyncio.get_running_loop(), Measured(), 0
    connections = [(await loop.create_connection(Connection, "127.0.0.1", load.port))[1] for _ in range(CONNECTIONS)]
    begun = time.perf_counter()
    end = begun + (load.seconds or float("inf"))

    async def go_on(connection: Connection) -> None:
        nonlocal sent
        while sent < load.count:
            number, sent = sent, sent + 1
            due = time.perf_counter()
            if load.rate is not None:
                due = begun + number / load.rate
                await asyncio.sleep(due - time.perf_counter())
            if due >= end:
                return
            status = await connection.ask(load.requests[number % len(load.requests)])
            # At a given rate the time counts from when the request was due, also if no connection was free then.
            measured.seconds.append(time.perf_counter() - due)
            measured.errors += status != 200
            if status == 0:
                return

    await asyncio.gather(*(go_on(connection) for connection in connections))
    measured.wall = time.perf_counter() - begun
    for connection in connections:
        connection.transport.close()
    return measured


def client(load: Load) -> Measured:
    """`ask` in a process of its own, whose work does not hold up this one."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(run_client, (load,))


def run_client(load: Load) -> Measured:
    """What the process of a client does."""
    gc.collect()
    gc.freeze()  # or the latency of an answer counts the client's own pauses
    return asyncio.run(ask(load))


class Asked(BaseModel):
    """The request of an endpoint."""

    text: str


def endpoint(kind: str, run: str) -> None:
    """Serve one FastAPI endpoint as many a tutorial has it, and print its port."""
    import uvicorn
    from fastapi import FastAPI

    if kind == "pipeline":
        from transformers import pipeline

        pipe = pipeline("text-classification", model=f"{run}/model", top_k=None)
        pipe("a first text")  # which prepares what threads would prepare at the same time, and fail

        def classify(text: str) -> list[dict[str, Any]]:
            scores: list[dict[str, Any]] = pipe([text])[0]
            return scores
    else:
        from emotion_core import EMOTIONS, load

        classifier = load(run)

        def classify(text: str) -> list[dict[str, Any]]:
            return [
                {"label": emotion, "score": float(score)}
                for emotion, score in zip(EMOTIONS, classifier.predict_proba([text])[0], strict=True)
            ]

    app = FastAPI()

    @app.post("/predict")
    def predict(asked: Asked) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = classify(asked.text)
        return found

    config = uvicorn.Config(app, port=0, access_log=False, log_level="error")
    server = uvicorn.Server(config)
    opened = config.bind_socket()
    opened.setsockopt(
        socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
    )  # which uvicorn forgets where it does not listen itself
    print(f"http://127.0.0.1:{opened.getsockname()[1]}.", flush=True)
    server.run([opened])


@contextmanager
def serving(words: Sequence[str]) -> Iterator[tuple[int, psutil.Process]]:
    """A server as a process of its own; yields its port and the process."""
    command = [sys.executable, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as process:  # noqa: S603 - our own programs
        assert process.stdout is not None
        try:
            line = next(line for line in process.stdout if "http://" in line)
            yield int(re.findall(r":(\d+)", line)[-1]), psutil.Process(process.pid)
        finally:
            process.terminate()


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time that a server and its processes have taken."""
    family = [process, *process.children(recursive=True)]
    return float(sum(sum(member.cpu_times()[:2]) for member in family))


def memory_mb(process: psutil.Process) -> float:
    """What a server and its processes hold."""
    family = [process, *process.children(recursive=True)]
    return float(sum(member.memory_info().rss for member in family) / 1e6)


def short_texts() -> list[str]:
    """Requests with texts of 3 to 12 words of the bundled sample."""
    words = " ".join(load_dataset("sample").split("train").texts).split()
    choose = random.Random(0)  # noqa: S311 - texts, not secrets
    return [" ".join(choose.choices(words, k=choose.randint(3, 12))) for _ in range(1000)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", nargs="?", type=Path, help="run folder in ONNX")
    parser.add_argument("--pipeline", type=Path, help="run folder of emotion-bert in the format of transformers")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--requests", type=int, default=20_000, help="for the memory")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--endpoint", nargs=2, metavar=("KIND", "RUN"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.endpoint:
        endpoint(*options.endpoint)
        return
    with tempfile.TemporaryDirectory() as folder:
        run, torch_run = options.run, options.pipeline
        if run is None:
            run, torch_run = small_runs(Path(folder))
        print(json.dumps(measure(run, torch_run, options), indent=2))


def small_runs(folder: Path) -> tuple[Path, Path]:
    """MiniLM, fine-tuned on the sample: its graph, and the run that it was made from."""
    run, graphs = folder / "minilm", folder / "graphs"
    train = ["train", "--model", "minilm", "--data", "sample", "--epochs", "1", "--output", str(run), "--quiet"]
    compress = ["compress", str(run), "--technique", "onnx", "--data", "sample", "--quiet", "--output", str(graphs)]
    for words in (train, compress):
        subprocess.run([sys.executable, "-m", "emotion_bert", *words], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return graphs / "onnx", run


def measure(run: Path, torch_run: Path | None, options: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    watch = Watch()
    requests = [request_of(text) for text in short_texts()]
    own = ["-m", "emotion_core", "serve", str(run), "--port", "0", "--workers", str(options.workers)]
    servers = {"service": own, "endpoint": [__file__, "--endpoint", "classifier", str(run)]}
    if torch_run is not None:
        servers["pipeline"] = [__file__, "--endpoint", "pipeline", str(torch_run)]
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in servers}
    for _ in range(options.rounds):
        for name, words in servers.items():
            with serving(words) as (port, process):
                client(Load(port, requests, seconds=WARM_UP_SECONDS))
                before = cpu_seconds(process)
                found = client(Load(port, requests, seconds=options.seconds))
                cpu_ms = (cpu_seconds(process) - before) / len(found.seconds) * 1000
                rounds[name].append(found.to_json() | {"cpu_ms_per_request": cpu_ms})
    speeds = {name: statistics.median(one["requests_per_second"] for one in found) for name, found in rounds.items()}
    with serving(own) as (port, process):
        client(Load(port, requests, seconds=WARM_UP_SECONDS))
        half = client(Load(port, requests, seconds=options.seconds, rate=speeds["service"] / 2))
        memory = [memory_mb(process)]
        for _ in range(STEPS):
            many = client(Load(port, requests, count=options.requests // STEPS))
            memory.append(memory_mb(process))
    return {
        "benchmark": "serving",
        "run": str(run),
        "connections": CONNECTIONS,
        "requests_per_second": speeds,
        "times": {name: speeds["service"] / speed for name, speed in speeds.items()},
        "half_load": half.to_json(),
        "memory_mb": memory,
        "rounds": rounds,
        "errors_at_the_end": many.errors,
        "other_programs": watch.to_json(),
        "host": host(),
        "versions": installed_versions(),
    }


if __name__ == "__main__":
    main()
