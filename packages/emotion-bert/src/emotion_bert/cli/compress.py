"""The options of the command ``compress`` that belong to a technique."""

from __future__ import annotations

import click

from emotion_bert.compression.options import SCOPES, STRUCTURES, CompressionOptions
from emotion_bert.compression.techniques import TOOLBOX
from emotion_core.cli.commands.compress import compress_command
from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import Decorator, seed_option, stack

DEFAULTS = CompressionOptions()

technique_options: Decorator = stack(
    click.option(
        "--amount",
        type=field_number(CompressionOptions, "amount"),
        default=DEFAULTS.amount,
        show_default=True,
        help="Share that pruning removes.",
    ),
    click.option(
        "--scope",
        type=click.Choice(SCOPES),
        default=DEFAULTS.scope,
        show_default=True,
        help="Remove that share of each layer, or the smallest weights of all.",
    ),
    click.option("--prune-head", is_flag=True, help="Prune the classification head, too."),
    click.option(
        "--structured",
        type=click.Choice(STRUCTURES),
        help="Remove whole attention heads or feed-forward neurons instead.",
    ),
    click.option(
        "--recover-epochs",
        type=field_number(CompressionOptions, "recover_epochs"),
        default=DEFAULTS.recover_epochs,
        show_default=True,
        help="Fine-tune after pruning; what was removed stays so.",
    ),
    click.option(
        "--recover-learning-rate",
        type=field_number(CompressionOptions, "recover_learning_rate"),
        default=DEFAULTS.recover_learning_rate,
        show_default=True,
        help="Of that.",
    ),
    click.option(
        "--threshold",
        type=field_number(CompressionOptions, "threshold"),
        default=DEFAULTS.threshold,
        show_default=True,
        help="Outliers of int8.",
    ),
    click.option(
        "--calibration-texts",
        type=field_number(CompressionOptions, "calibration_texts"),
        default=DEFAULTS.calibration_texts,
        show_default=True,
        help="Training texts that give onnx-int8 fixed ranges; 0 takes them from each batch.",
    ),
    seed_option,
)

compress = compress_command(
    TOOLBOX,
    CompressionOptions,
    technique_options,
    """runs/minilm --data emotion
runs/minilm --technique onnx-int8 --data sample --output runs/small
runs/minilm --technique prune --amount 0.5 --recover-epochs 1""",
)
