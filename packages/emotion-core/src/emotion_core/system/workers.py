"""Processes that work for this one: they begin alike, and none outlives it.

All are made afresh, because neither TensorFlow nor torch survives a fork.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext
from functools import partial
from multiprocessing import connection, resource_tracker
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from typing import Any, Protocol, TextIO, cast

from emotion_core.errors import EmotionError, RunError
from emotion_core.system.signals import end

GRACE_SECONDS = 5.0
"""So long may a worker tidy up after it was told to end."""

NOT_STARTED = (
    "A worker process ended while it started; what it said stands above. A script that starts workers needs the line "
    "if __name__ == '__main__': around what it does, because each worker imports it."
)


class Say(Protocol):
    """Prints a line on standard error, or on standard output."""

    def __call__(self, line: str, *, err: bool) -> None:
        """Print it."""


PIECE = 1000
"""Characters, at most four bytes each, that a pipe takes at once, so that what several workers write cannot mix."""


class Lines(io.TextIOBase):
    """Standard output or error of a worker, whose lines the process that started it prints.

    Args:
        pipe: to that process.
        err: standard error.

    Attributes:
        room: characters that a line has room for where that process has a terminal.
    """

    def __init__(self, pipe: connection.Connection, *, err: bool) -> None:
        self._pipe, self._err, self._rest, self._prefix = pipe, err, "", ""
        self.room: int | None = None

    @staticmethod
    def begin(prefix: str, width: int | None) -> None:
        """In a worker: put something before each line of standard error, on a terminal of so many characters."""
        if isinstance(sys.stderr, Lines):
            sys.stderr._prefix = prefix
            sys.stderr.room = None if width is None else width - len(prefix)

    def write(self, text: str) -> int:
        """Hand over the lines that are whole now."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            whole = self._prefix + line
            for start in range(0, len(whole) or 1, PIECE):
                self._pipe.send((whole[start : start + PIECE], self._err))
        return len(text)

    def end(self) -> None:
        """Hand over what is left, which ends without a new line."""
        if self._rest:
            self.write("\n")


def begin_worker(started: Event | None = None, pipe: connection.Connection | None = None) -> None:
    """What a worker does first: it ends by SIGTERM with its things put back, and with the process that started it.

    Ctrl+C and a closed terminal reach all processes, so they are left to that process, which ends its workers.

    Args:
        started: is set, to tell a worker that failed from one that never began.
        pipe: takes the lines that it prints; None where it prints them itself.
    """
    if pipe is not None:
        sys.stdout, sys.stderr = (cast(TextIO, Lines(pipe, err=err)) for err in (False, True))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if started is not None:
        started.set()


def _end_with_parent() -> None:
    # PR_SET_PDEATHSIG would do this on Linux alone, and ends a worker when the thread that started it ends, too.
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)


@contextmanager
def unheard_by_workers() -> Iterator[None]:
    """Keep Ctrl+C and a closed terminal from processes that are started in the block, until they begin as workers.

    They reach this process after the block. A process that is about to import its libraries would say a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which lets the signals through when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run_worker(started: Event, work: Callable[..., None], *arguments: Any) -> None:
    """The target of a process: begin as a worker, then work."""
    begin_worker(started)
    work(*arguments)


class _Pool(ProcessPoolExecutor):
    def _adjust_process_count(self) -> None:
        # The thread that watches the workers would replace one that has done its tasks although nobody waits for the
        # pool any more, whose workers are being ended: it ends, too, without the traceback of what it does not find.
        if self._processes is None:
            raise SystemExit
        super()._adjust_process_count()


@contextmanager
def process_pool(
    n_workers: int, *, died: EmotionError, tasks_per_worker: int | None = None, say: Say | None = None
) -> Iterator[Callable[..., Future[Any]]]:
    """A pool of workers that is waited for at the end of the block; Ctrl+C or a signal ends its workers at once.

    Args:
        n_workers: processes.
        died: is raised where a worker is killed.
        tasks_per_worker: after which another process takes its place; None for no limit.
        say: prints what they print, in a thread; None lets them print it themselves.

    Yields:
        What hands a function with its arguments to a worker.

    Raises:
        RunError: a worker ended before it began.
        EmotionError: a worker was killed.
    """
    context = multiprocessing.get_context("spawn")
    started = context.Event()
    with nullcontext() if say is None else _listening(say) as pipe:
        pool = _Pool(
            n_workers,
            mp_context=context,
            initializer=begin_worker,
            initargs=(started, pipe),
            max_tasks_per_child=tasks_per_worker,
        )
        try:
            try:
                yield partial(_submit, pool)
            except Exception:
                pool.shutdown()
                raise
            pool.shutdown()
        except BrokenProcessPool as error:
            raise (died if started.is_set() else RunError(NOT_STARTED)) from error
        except (KeyboardInterrupt, SystemExit):
            processes = pool._processes or {}
            pool.shutdown(wait=False, cancel_futures=True)
            end_processes(list(processes.values()))
            raise


@contextmanager
def _listening(say: Say) -> Iterator[connection.Connection]:
    """A pipe for what workers print; it is printed to the end after the block, in which they have ended."""
    receiver, sender = connection.Pipe(duplex=False)
    listener = threading.Thread(target=_print, args=(receiver, say), daemon=True)
    listener.start()
    try:
        yield sender
    finally:
        sender.close()
        listener.join(GRACE_SECONDS)


def _print(receiver: connection.Connection, say: Say) -> None:
    while True:
        try:
            line, err = receiver.recv()
        except EOFError:
            return
        say(line, err=err)


def _submit(pool: ProcessPoolExecutor, task: Callable[..., Any], *arguments: Any) -> Future[Any]:
    with unheard_by_workers():  # the pool starts its processes when it gets tasks
        future = pool.submit(_ended_by_signal, task, *arguments)
    # The thread that watches the workers is woken before another is started, whose death it would not see.
    with pool._shutdown_lock:
        pool._executor_manager_thread_wakeup.wakeup()
    return future


def _ended_by_signal(task: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return task(*arguments)
    except SystemExit:  # which a pool would take for a result
        os._exit(1)
    finally:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Lines):
                stream.end()


def end_processes(processes: Iterable[BaseProcess]) -> None:
    """Tell workers to end, wait until they have, and kill those that do not within `GRACE_SECONDS`."""
    left = list(processes)
    for process in left:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in left:
        process.join(max(0.0, deadline - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()
