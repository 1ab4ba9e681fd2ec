"""What comes over a connection beside the bodies of requests is bounded, in bytes and in time."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import cast

import pytest
import uvicorn
from test_serve import Careful
from uvicorn.server import ServerState

from emotion_core.serving.connections import Connection
from emotion_core.serving.models import ServedModel
from emotion_core.serving.server import listening_socket
from emotion_core.serving.web.application import application

CHUNK = 100_000
BODY = json.dumps({"text": "so happy"}).encode()
HEAD = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def with_connection(test: Callable[..., Awaitable[None]], idle_seconds: float = 60) -> None:
    """Run a test over a connection to a service, which may be idle so long."""

    async def connected() -> None:
        app = application([ServedModel("model", Careful())])
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_keep_alive=idle_seconds)  # type: ignore[arg-type]
        state = ServerState()
        server = await asyncio.get_running_loop().create_server(lambda: Connection(config, state, {}), "127.0.0.1", 0)
        async with server:
            streams = await asyncio.open_connection(*server.sockets[0].getsockname())
            async with asyncio.timeout(60):
                await test(*streams)
            streams[1].close()
            with suppress(ConnectionError):
                await streams[1].wait_closed()

    asyncio.run(connected())


async def answer(reader: asyncio.StreamReader) -> tuple[int, str]:
    """The status and the body of the next answer."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    size = next(line for line in head.splitlines() if line.lower().startswith("content-length"))
    return int(head.split()[1]), (await reader.readexactly(int(size.split()[1]))).decode()


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (b"GET /", b"a" * CHUNK),
        (HEAD + b"x: ", b"a" * CHUNK),
        (HEAD, b"x: a\r\n" * (CHUNK // 6)),
        (b"", b"\r\n" * (CHUNK // 2)),
        (CHUNKED + b"1\r\na\r\n0\r\n", b"x: a\r\n" * (CHUNK // 6)),
        (CHUNKED + b"1;", b"a" * CHUNK),
    ],
    ids=["address", "header", "headers", "blank", "trailers", "extension"],
)
def test_what_has_no_end_is_refused(begin: bytes, again: bytes) -> None:
    """Long before it takes memory, and the connection is closed."""

    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answered = asyncio.create_task(answer(reader))
        writer.write(begin)
        while not answered.done():
            await asyncio.wait([answered], timeout=0.05)
            writer.write(again)
        assert await answered == (400, "More than 65536 bytes of headers.")

    with_connection(test)


@pytest.mark.parametrize("sent", [b"", b"POST /pre", HEAD, WHOLE, WHOLE + b"\r\n", WHOLE + b"GET"], ids=str)
def test_a_connection_without_a_next_request_is_closed(sent: bytes) -> None:
    """Whether nothing comes, or a part; what was asked before is answered."""

    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        if sent.startswith(WHOLE):
            assert (await answer(reader))[0] == 200
        assert await reader.read() == b""

    with_connection(test, idle_seconds=0.05)


def test_a_request_that_takes_its_time_is_answered_and_so_is_the_next() -> None:
    """A body may come more slowly than a connection may be idle, and in chunks of one byte."""

    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            writer.write(CHUNKED)
            for byte in BODY:
                writer.write(b"1\r\n%c\r\n" % byte)
                await asyncio.sleep(0.02)
            writer.write(b"0\r\n\r\n")
            assert (await answer(reader))[0] == 200

    with_connection(test, idle_seconds=0.3)


def test_large_bodies_are_no_headers() -> None:
    """Several after one another, in one piece and in chunks of one byte."""
    large = json.dumps({"texts": ["so happy " * 1000] * 40}).encode()
    whole = HEAD + b"Content-Length: %d\r\n\r\n" % len(large) + large
    chunks = CHUNKED + b"".join(b"1\r\n%c\r\n" % byte for byte in large) + b"0\r\n\r\n"

    async def test(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(whole + whole + chunks + WHOLE)
        for count in (40, 40, 40, 1):
            status, told = await answer(reader)
            assert (status, len(json.loads(told)["predictions"])) == (200, count)

    with_connection(test)


def test_an_answer_is_sent_at_once() -> None:
    """Not when the client has acknowledged what was sent before, as Nagle's algorithm has it."""
    accepted: list[asyncio.Transport] = []

    class Accepts(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            accepted.append(cast(asyncio.Transport, transport))

    async def connect() -> int:
        opened = listening_socket("127.0.0.1", 0)
        async with await asyncio.get_running_loop().create_server(Accepts, sock=opened):
            _, writer = await asyncio.open_connection(*opened.getsockname())
            while not accepted:
                await asyncio.sleep(0)
            chosen: int = accepted[0].get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
        return chosen

    assert asyncio.run(connect()) != 0
