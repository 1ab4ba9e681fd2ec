"""Several processes behind one socket: each has the models, and one that dies is replaced."""

from __future__ import annotations

import logging
import multiprocessing
import os
import socket
import tempfile
import time
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from emotion_core.errors import EmotionError, RunError
from emotion_core.serving.server import GRACE_SECONDS, Served, serve
from emotion_core.serving.settings import SHARED_COUNTS
from emotion_core.system.workers import begin_worker, unheard_by_workers

ENDED = "A process of the service ended before it answered requests; what it said stands above."

LOG = logging.getLogger(__name__)


def serve_with(count: int, served: Served, opened: socket.socket, begun: Callable[[], object]) -> None:
    """Let processes answer requests until this one is ended, by a signal that raises an exception.

    Args:
        count: of the processes.
        served: what each needs to know.
        opened: from `server.listening_socket`.
        begun: called when all accept requests.

    Raises:
        RunError: a process ended before it accepted requests.
    """
    with tempfile.TemporaryDirectory(prefix="emotion-core-") as counts:
        os.environ[SHARED_COUNTS] = counts
        processes = Processes(served, opened)
        try:
            processes.begin(1)  # alone, so that a mistake is told once
            processes.begin(count - 1)
            begun()
            processes.keep()
        finally:
            processes.end()
            del os.environ[SHARED_COUNTS]


class Processes:
    """The processes of a service."""

    def __init__(self, served: Served, opened: socket.socket) -> None:
        self._served, self._opened = served, opened
        self._context = multiprocessing.get_context("spawn")
        self._running: list[BaseProcess] = []

    def begin(self, count: int) -> None:
        """Start some processes, and wait until they accept requests."""
        begun = [self._start() for _ in range(count)]
        for process, told in begun:
            connection.wait([told, process.sentinel])
            try:
                problem = told.recv() if told.poll() else ENDED
            except EOFError:
                problem = ENDED
            if problem is not None:
                raise RunError(problem)

    def _start(self) -> tuple[BaseProcess, Connection]:
        ours, its = self._context.Pipe(duplex=False)
        # a daemon is ended and not only waited for at exit, where a signal came before it was put among the others
        process = self._context.Process(target=_work, args=(self._served, self._opened, its), daemon=True)
        with unheard_by_workers():
            process.start()
        its.close()
        self._running.append(process)
        return process, ours

    def keep(self) -> None:
        """Replace processes that die, without end."""
        from prometheus_client.multiprocess import mark_process_dead

        while True:
            connection.wait([process.sentinel for process in self._running])
            for process in [process for process in self._running if not process.is_alive()]:
                self._running.remove(process)
                mark_process_dead(process.pid)
                LOG.warning("A process ended with %s; another one takes its place.", process.exitcode)
                self.begin(1)

    def end(self) -> None:
        """Let all processes answer what they have taken, and end."""
        self._opened.close()
        for process in self._running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS + 5
        try:
            for process in self._running:
                process.join(max(0.0, deadline - time.monotonic()))
        finally:  # a second Ctrl+C does not wait
            for process in self._running:
                process.kill()


def _work(served: Served, opened: socket.socket, begun: Connection) -> None:
    begin_worker()
    try:
        serve(served, opened, lambda: begun.send(None))
    except EmotionError as error:
        begun.send(str(error))
