"""Texts that arrive together are predicted together."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from emotion_core.serving.predictions import Prediction

WINDOW_SECONDS = 0.002
"""So long is waited for texts that are likely to come, at most."""

LONGER, CHARACTERS = 2, 100
"""A text is predicted together with others that are at most so many times longer, and so many characters."""

Predict = Callable[[Sequence[str]], list[Prediction]]


class FullError(Exception):
    """There is no room for more texts."""


@dataclass(frozen=True, eq=False)
class Job:
    """Texts of one request that are predicted at once, at most a batch, and what waits for them."""

    texts: Sequence[str]
    done: asyncio.Future[list[Prediction]]

    @property
    def length(self) -> int:
        """Characters of its longest text."""
        return max(map(len, self.texts))


class Batches:
    """Predicts the texts of several requests at once, in a thread, so that the event loop goes on.

    While a batch is predicted, the next texts wait, and become a batch of their own. It begins when as many have come
    as were in the last one, or after `WINDOW_SECONDS`: so a text that comes alone does not wait.

    Args:
        predict: gives the predictions of texts.
        most: texts of a batch.
        room: texts that may wait, those that are being predicted included.
        observed: called with the number of texts of each batch.
    """

    def __init__(self, predict: Predict, most: int, room: int, observed: Callable[[int], object] = lambda n: n) -> None:
        self._predict, self._most, self._room, self._observed = predict, most, room, observed
        self._jobs: deque[Job] = deque()
        self._thread = ThreadPoolExecutor(1, "predict")
        self._worker: asyncio.Task[None] | None = None
        self._queued, self._likely, self._enough = 0, 1, asyncio.Event()
        self.waiting = 0

    async def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """The predictions of the texts of a request.

        A large request is predicted piece by piece, so that others need not wait for all of it.

        Raises:
            FullError: there is no room.
        """
        if self.waiting + len(texts) > self._room:
            raise FullError
        self.waiting += len(texts)
        found: list[Prediction] = []
        try:
            for start in range(0, len(texts), self._most):
                found += await self._one(texts[start : start + self._most])
        finally:
            self.waiting -= len(texts)
        return found

    async def _one(self, texts: Sequence[str]) -> list[Prediction]:
        job = Job(texts, asyncio.get_running_loop().create_future())
        self._jobs.append(job)
        self._queued += len(texts)
        if self._queued >= self._likely:
            self._enough.set()
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return await job.done

    async def _work(self) -> None:
        taken: list[Job] = []
        self._enough = asyncio.Event()  # belongs to one event loop, and the next worker may run in another
        try:
            while self._jobs:
                await self._collect()
                taken = self._take()
                for jobs in groups([job for job in taken if not job.done.done()]):  # its client may have left
                    await self._answer(jobs)
        except BaseException as error:  # nobody may wait for an answer that will not come
            for job in (*taken, *self._jobs):
                _fail(job, error)
            self._jobs.clear()
            self._queued = 0
            raise
        finally:
            self._worker = None

    async def _collect(self) -> None:
        """Wait for as many texts as the last batch had, within the window."""
        self._enough.clear()
        await asyncio.sleep(0)  # for what the event loop has read already
        if self._queued < self._likely:
            with suppress(TimeoutError):
                async with asyncio.timeout(WINDOW_SECONDS):
                    await self._enough.wait()

    def _take(self) -> list[Job]:
        taken: list[Job] = []
        count = 0
        while self._jobs and (not taken or count + len(self._jobs[0].texts) <= self._most):
            taken.append(self._jobs.popleft())
            count += len(taken[-1].texts)
        self._queued -= count
        self._likely = min(count, self._most)
        return taken

    async def _answer(self, jobs: Sequence[Job]) -> None:
        texts = [text for job in jobs for text in job.texts]
        self._observed(len(texts))
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self._predict, texts)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # what a library in Rust raises when it panics is no Exception
            if len(jobs) == 1:
                _fail(jobs[0], error)
                return
            for job in jobs:  # one request must not fail for another's text
                await self._answer([job])
            return
        start = 0
        for job in jobs:
            end = start + len(job.texts)
            if not job.done.done():
                job.done.set_result(found[start:end])
            start = end


def groups(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """Jobs of like length, shortest first, so that no short text is padded to a long one or waits for it."""
    group: list[Job] = []
    for job in sorted(jobs, key=lambda job: job.length):
        if group and job.length > LONGER * group[0].length + CHARACTERS:
            yield group
            group = []
        group.append(job)
    if group:
        yield group


def _fail(job: Job, error: BaseException) -> None:
    if isinstance(error, asyncio.CancelledError):
        job.done.cancel()
    elif not job.done.done():
        if not isinstance(error, Exception):  # which would end the event loop, or pass by what answers with a sentence
            error = RuntimeError(f"{type(error).__name__}: {error}").with_traceback(error.__traceback__)
        job.done.set_exception(error)
