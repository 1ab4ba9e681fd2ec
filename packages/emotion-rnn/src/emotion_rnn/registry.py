"""The architectures by name; choices and help texts derive from this."""

from __future__ import annotations

from emotion_rnn import GRU, LSTM
from emotion_rnn.architecture import Architecture

ARCHITECTURES: dict[str, Architecture] = {module.ARCHITECTURE.name: module.ARCHITECTURE for module in (LSTM, GRU)}
