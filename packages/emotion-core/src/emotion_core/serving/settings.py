"""What a service allows and keeps: the command line takes its defaults from here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from emotion_core.bounds import SHARE, Bounds, check_fields, count
from emotion_core.errors import ModelError

SHARED_COUNTS = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which the processes of a service share their counts; prometheus_client reads it when it is
imported."""


@dataclass(frozen=True)
class Limits:
    """How much one request may hold.

    Attributes:
        texts: of a request.
        characters: of a text.
        bytes: of the body.

    Raises:
        ModelError: a value is not within its bounds.
    """

    texts: Annotated[int, count(1, 100_000)] = 256
    characters: Annotated[int, count(1, 10_000_000)] = 20_000
    bytes: Annotated[int, count(1, 1_000_000_000)] = 4_000_000

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(frozen=True)
class Settings:
    """How a service behaves.

    Attributes:
        limits: of a request.
        batch: texts that are predicted at once, at most.
        queue: texts that may wait for each model; a request for which there is no room is told to come again.
        abstain_below: a prediction whose highest probability is below it is uncertain; None as the run says.
        neutral_threshold: a text whose probability of being neutral is above it is called so; None as the run says.
        hosts: by which the service may be called, as they stand in ``Host`` without the port; none for any.
        origins: of other websites whose pages may call the service.
        keys: of which each request must have one; none where everybody may ask.
        body_seconds: in which a body must have arrived.
        access_log: write a line for each request.
        log_texts: write each text.

    Raises:
        ModelError: a value is not within its bounds, or a request may hold more texts than may wait.
    """

    limits: Limits = field(default_factory=Limits)
    batch: Annotated[int, count(1, 10_000)] = 64
    queue: Annotated[int, count(1, 10_000_000)] = 2_048
    abstain_below: float | None = None
    neutral_threshold: float | None = None
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    keys: tuple[str, ...] = field(default=(), repr=False)
    body_seconds: Annotated[float, Bounds(0, 86_400, above=True)] = 30.0
    access_log: bool = False
    log_texts: bool = False

    def __post_init__(self) -> None:
        check_fields(self)
        for name in ("abstain_below", "neutral_threshold"):
            if getattr(self, name) is not None:
                SHARE.check(name, getattr(self, name))
        if self.queue < self.limits.texts:
            raise ModelError(
                f"queue: found {self.queue}, expected at least the {self.limits.texts} texts of a request."
            )
