"""What the service allows; the command line states the same defaults."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    """How much one request may hold.

    Attributes:
        texts: of a request.
        characters: of a text.
        bytes: of the body.
    """

    texts: int = 256
    characters: int = 20_000
    bytes: int = 4_000_000


@dataclass(frozen=True)
class Settings:
    """How a service behaves.

    Attributes:
        limits: of a request.
        abstain_below: predictions whose highest probability is below it are uncertain.
    """

    limits: Limits = field(default_factory=Limits)
    abstain_below: float = 0.0
