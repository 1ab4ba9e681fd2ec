"""The command ``compress``, whose techniques have no options of their own."""

from __future__ import annotations

from emotion_core.cli.commands.compress import compress_command
from emotion_core.cli.options import stack
from emotion_core.compression.options import GateOptions
from emotion_rnn.compression.techniques import TOOLBOX

compress = compress_command(
    TOOLBOX,
    GateOptions,
    stack(),
    """runs/gru --data emotion
runs/gru --technique onnx-int8 --data sample""",
)
