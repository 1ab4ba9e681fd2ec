"""Texts that arrive together are predicted together, and no request disturbs another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence

import pytest

from emotion_core.serving.batches import Batches, FullError
from emotion_core.serving.predictions import Prediction


class PanicError(BaseException):
    """As libraries in Rust raise it: no `Exception`."""


class Model:
    """Predicts each text as itself, keeps what it was asked, and stops at the text ``stop`` until it may go on."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.go_on, self.stopped = threading.Event(), threading.Event()

    def __call__(self, texts: Sequence[str]) -> list[Prediction]:
        """The predictions of texts."""
        self.asked.append(list(texts))
        if "stop" in texts:
            self.stopped.set()
            assert self.go_on.wait(30)
        if "bad" in texts:
            raise RuntimeError("bad")
        if "panic" in texts:
            raise PanicError
        return [Prediction(0, text, (), truncated=False, foreign=False, reason=None) for text in texts]

    async def is_busy(self) -> None:
        """Wait until the model has stopped."""
        await asyncio.to_thread(self.stopped.wait, 30)


def run(test: Callable[[Model, Batches], Awaitable[None]], *, most: int = 4, room: int = 100) -> None:
    """Run a test with a model and its batches."""
    model = Model()

    async def with_batches() -> None:
        await test(model, Batches(model, most, room))

    asyncio.run(with_batches())


async def emotions(batches: Batches, *texts: str) -> list[str | None]:
    """What a request gets."""
    return [prediction.emotion for prediction in await batches.predict(texts)]


def test_texts_that_arrive_together_are_one_batch() -> None:
    """Each request gets the predictions of its own texts."""

    async def test(model: Model, batches: Batches) -> None:
        found = await asyncio.gather(emotions(batches, "a"), emotions(batches, "b", "c"), emotions(batches, "d"))
        assert found == [["a"], ["b", "c"], ["d"]]
        assert model.asked == [["a", "b", "c", "d"]]
        assert batches.waiting == 0

    run(test)


def test_texts_that_arrive_during_a_batch_are_the_next_one() -> None:
    """At most as many as a batch has; the event loop goes on meanwhile."""

    async def test(model: Model, batches: Batches) -> None:
        first = asyncio.create_task(emotions(batches, "stop"))
        await model.is_busy()
        others = [asyncio.create_task(emotions(batches, name)) for name in "abcde"]
        await asyncio.sleep(0)
        assert batches.waiting == 6
        model.go_on.set()
        assert await first == ["stop"]
        assert await asyncio.gather(*others) == [[name] for name in "abcde"]
        assert model.asked == [["stop"], ["a", "b", "c", "d"], ["e"]]

    run(test)


def test_a_request_without_room_is_refused_until_there_is_some() -> None:
    """Those that are being predicted take room, too."""

    async def test(model: Model, batches: Batches) -> None:
        first = asyncio.create_task(emotions(batches, "stop", "a"))
        await model.is_busy()
        with pytest.raises(FullError):
            await batches.predict(["b", "c"])
        last = asyncio.create_task(emotions(batches, "b"))
        model.go_on.set()
        assert await asyncio.gather(first, last) == [["stop", "a"], ["b"]]
        assert await emotions(batches, "c", "d") == ["c", "d"]

    run(test, room=3)


def test_a_text_that_cannot_be_predicted_fails_its_own_request_alone() -> None:
    """The others of its batch are predicted once again."""

    async def test(model: Model, batches: Batches) -> None:
        found = await asyncio.gather(
            emotions(batches, "a"), emotions(batches, "bad"), emotions(batches, "b"), return_exceptions=True
        )
        assert [found[0], found[2]] == [["a"], ["b"]]
        assert isinstance(found[1], RuntimeError)
        assert await emotions(batches, "c") == ["c"]

    run(test)


def test_a_long_text_does_not_hold_up_short_ones() -> None:
    """It is predicted apart, after them."""

    async def test(model: Model, batches: Batches) -> None:
        long = "long " * 1000
        await asyncio.gather(emotions(batches, long), emotions(batches, "a"), emotions(batches, "b"))
        assert model.asked == [["a", "b"], [long]]

    run(test)


def test_a_large_request_lets_others_pass() -> None:
    """It is predicted in pieces of a batch, between which smaller ones have their turn."""

    async def test(model: Model, batches: Batches) -> None:
        large = asyncio.create_task(emotions(batches, "stop", "1", "2", "3", "4", "5"))
        await model.is_busy()
        small = asyncio.create_task(emotions(batches, "a"))
        await asyncio.sleep(0)
        model.go_on.set()
        assert await small == ["a"]
        assert await large == ["stop", "1", "2", "3", "4", "5"]
        assert model.asked[0] == ["stop", "1", "2", "3"]
        assert model.asked[1][0] == "a"

    run(test)


def test_a_client_that_leaves_does_not_disturb_the_others() -> None:
    """Its place in the queue is given back."""

    async def test(model: Model, batches: Batches) -> None:
        first = asyncio.create_task(emotions(batches, "stop"))
        await model.is_busy()
        leaving, staying = (asyncio.create_task(emotions(batches, name)) for name in "ab")
        await asyncio.sleep(0)
        leaving.cancel()
        model.go_on.set()
        assert await asyncio.gather(first, staying) == [["stop"], ["b"]]
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert batches.waiting == 0

    run(test)


def test_a_panic_of_a_library_fails_its_own_request_alone() -> None:
    """What is raised then is no Exception; all the same each request is answered, and the next ones are, too."""

    async def test(model: Model, batches: Batches) -> None:
        found = await asyncio.gather(emotions(batches, "a"), emotions(batches, "panic"), return_exceptions=True)
        assert found[0] == ["a"]
        assert isinstance(found[1], RuntimeError)
        assert await emotions(batches, "c") == ["c"]

    run(test)


def test_what_fails_beside_the_model_leaves_nobody_waiting() -> None:
    """Those whose texts were taken, and those that wait behind them, get the error; the next ones are answered."""
    faults = [OSError("No space left on device")]

    def observed(count: int) -> None:
        if faults:
            raise faults.pop()

    async def test() -> None:
        batches = Batches(Model(), 1, 100, observed)
        found = await asyncio.gather(emotions(batches, "a"), emotions(batches, "b"), return_exceptions=True)
        assert [type(one) for one in found] == [OSError, OSError]
        assert await emotions(batches, "c") == ["c"]
        assert batches.waiting == 0

    asyncio.run(test())


def test_batches_outlive_the_event_loop_that_they_were_first_used_in() -> None:
    """As where each request of a test has a loop of its own; a few texts after many wait a moment in each of them."""
    batches = Batches(Model(), 4, 100)

    async def test() -> None:
        assert await emotions(batches, "a", "b", "c") == ["a", "b", "c"]
        assert await emotions(batches, "d") == ["d"]

    for _ in range(2):
        asyncio.run(test())
