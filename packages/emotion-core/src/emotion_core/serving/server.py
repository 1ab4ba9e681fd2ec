"""Runs the service on a socket, and ends it so that what was taken is answered."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import uvicorn

from emotion_core.errors import RunError
from emotion_core.printable import one_line
from emotion_core.serving.models import load_models
from emotion_core.serving.settings import Settings
from emotion_core.system.signals import handled_by

BACKLOG = 2_048
"""Connections that may wait until they are accepted."""

GRACE_SECONDS = 30
"""So long may requests take that are being answered when the service is told to end."""

LINGER_SECONDS = 0.2
"""So long are requests still read on the connections that are open then; each is answered and its connection closed."""

KEEP_ALIVE_SECONDS = 75
"""So long may a connection be idle, or the head of a request take: longer than proxies keep a connection, which would
send a request on one that is being closed."""


@dataclass(frozen=True)
class Served:
    """What a process of the service needs to know.

    Attributes:
        runs: the run folders.
        device: ``auto``, ``cpu`` or ``gpu``.
        settings: of the service.
    """

    runs: tuple[Path, ...]
    device: str
    settings: Settings


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket at an address, on which nothing is accepted yet; the port 0 stands for a free one.

    Raises:
        RunError: the address is not one of this machine, or it is taken.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # Without the protocol's number asyncio leaves Nagle's algorithm on, which holds answers back for 40 ms.
        opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if os.name == "posix":  # elsewhere it would let two services share a port
                opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            opened.bind(address)
        except OSError:
            opened.close()
            raise
    except (OSError, UnicodeError) as error:  # the latter of what can be no name of a machine
        taken = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
        advice = "Name another with --port, or 0 for any free one." if taken else "Name another with --host."
        reason = error.strerror if isinstance(error, OSError) else "no machine can be called that"
        raise RunError(f"{one_line(host)}, port {port}: cannot be listened on ({reason}). {advice}") from error
    return opened


class Server(uvicorn.Server):
    """Answers requests until a signal comes, then finishes those that it has taken.

    Args:
        config: of uvicorn.
        begun: called when requests are accepted.

    Attributes:
        ended_by: the number of the signal.
    """

    def __init__(self, config: uvicorn.Config, begun: Callable[[], object]) -> None:
        super().__init__(config)
        self._begun = begun
        self.ended_by: int | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept requests."""
        await super().startup(sockets)
        self._begun()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was taken, and what its clients have sent in the meantime, then close all connections."""
        for server in self.servers:
            server.close()
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        await asyncio.sleep(LINGER_SECONDS)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End by signals while requests are answered."""
        with handled_by(self.handle_exit):
            yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Finish; another Ctrl+C does not wait for what is being answered."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit, self.ended_by = True, sig


def serve(served: Served, opened: socket.socket, begun: Callable[[], object]) -> int | None:
    """Load the models and answer requests until a signal comes; gives its number.

    Args:
        served: what this process needs to know.
        opened: from `listening_socket`.
        begun: called when requests are accepted.

    Raises:
        EmotionError: a model cannot be loaded.
    """
    from emotion_core.serving.connections import Connection
    from emotion_core.serving.web.application import application

    _log_to_stderr()
    # The few texts of a batch are tokenized sooner by one thread than shared out to several.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    config = uvicorn.Config(
        application(load_models(served.runs, served.device), served.settings),
        http=Connection,
        access_log=False,
        backlog=BACKLOG,
        lifespan="off",
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        ws="none",
    )
    server = Server(config, begun)
    # What is loaded stays to the end: nobody waits for the garbage collector to look through all of it again.
    gc.collect()
    gc.freeze()
    server.run([opened])
    return server.ended_by


def _log_to_stderr() -> None:
    """Log what the service says; of uvicorn only errors, since any stranger can cause its warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    for name, level in (("emotion_core.serving", logging.INFO), ("uvicorn", logging.ERROR)):
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.handlers, logger.propagate = [handler], False
