"""The options of the command ``compress`` that belong to a technique."""

from __future__ import annotations

import click

from emotion_bert.compression.options import SCOPES, STRUCTURES, CompressionOptions
from emotion_bert.compression.techniques import TOOLBOX
from emotion_core.cli.commands.compress import compress_command
from emotion_core.cli.help.option import Section, option
from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import Decorator, Place, seed_option, stack

DEFAULTS = CompressionOptions()


def outliers_option(name: str, *, hidden: bool = False) -> Decorator:
    """The option for what LLM.int8() takes for an outlier."""
    return option(
        name,
        "int8_outliers",
        section=Section.TECHNIQUES,
        hidden=hidden,
        type=field_number(CompressionOptions, "int8_outliers"),
        default=DEFAULTS.int8_outliers,
        show_default=True,
        help="Let int8 compute inputs that are larger than this in 16 bits.",
    )


technique_options: Decorator = stack(
    option(
        "--amount",
        section=Section.TECHNIQUES,
        type=field_number(CompressionOptions, "amount"),
        default=DEFAULTS.amount,
        show_default=True,
        help="Prune this share of the weights, heads or neurons.",
    ),
    option(
        "--scope",
        section=Section.TECHNIQUES,
        type=click.Choice(SCOPES),
        default=DEFAULTS.scope,
        show_default=True,
        help="Prune the smallest weights of each layer, or those of all layers together.",
    ),
    option(
        "--prune-head",
        section=Section.TECHNIQUES,
        is_flag=True,
        help="Prune the classification head, too.",
    ),
    option(
        "--structured",
        section=Section.TECHNIQUES,
        type=click.Choice(STRUCTURES),
        help="Prune whole attention heads or feed-forward neurons instead of single weights.",
    ),
    option(
        "--recover-epochs",
        section=Section.OPTIMIZATION,
        type=field_number(CompressionOptions, "recover_epochs"),
        default=DEFAULTS.recover_epochs,
        show_default=True,
        help="Fine-tune for this many epochs after pruning; what was removed stays so.",
    ),
    option(
        "--recover-learning-rate",
        section=Section.OPTIMIZATION,
        type=field_number(CompressionOptions, "recover_learning_rate"),
        default=DEFAULTS.recover_learning_rate,
        show_default=True,
        help="Set the peak learning rate of the fine-tuning after pruning.",
    ),
    outliers_option("--int8-outliers"),
    outliers_option("--threshold", hidden=True),  # its former name
    option(
        "--calibration-texts",
        section=Section.TECHNIQUES,
        type=field_number(CompressionOptions, "calibration_texts"),
        default=DEFAULTS.calibration_texts,
        show_default=True,
        help="Take fixed ranges for onnx-int8 from this many training texts; 0 takes them from each batch.",
    ),
    option(
        "--layers",
        section=Section.TECHNIQUES,
        type=field_number(CompressionOptions, "layers"),
        default=DEFAULTS.layers,
        show_default="every second one",
        help="Keep this many layers with the technique layers, evenly spaced.",
    ),
    option(
        "--neurons",
        section=Section.TECHNIQUES,
        type=field_number(CompressionOptions, "neurons"),
        default=DEFAULTS.neurons,
        show_default=True,
        help="Remove this share of the feed-forward neurons of the layers that stay, too.",
    ),
    option(
        "--distill-epochs",
        section=Section.OPTIMIZATION,
        type=field_number(CompressionOptions, "distill_epochs"),
        default=DEFAULTS.distill_epochs,
        show_default=True,
        help="Let the full model teach the layers that are kept for this many epochs.",
    ),
    option(
        "--distill-learning-rate",
        section=Section.OPTIMIZATION,
        type=field_number(CompressionOptions, "distill_learning_rate"),
        default=DEFAULTS.distill_learning_rate,
        show_default=True,
        help="Set the peak learning rate of that training.",
    ),
    option(
        "--words",
        section=Section.TECHNIQUES,
        type=Place(file=True),
        metavar="FILE",
        help="Let vocabulary keep the words of this file, too: GloVe vectors, or a word a line, the commonest first.",
    ),
    option(
        "--most-words",
        section=Section.TECHNIQUES,
        type=field_number(CompressionOptions, "most_words"),
        default=DEFAULTS.most_words,
        show_default=True,
        help="Read this many words of --words at most.",
    ),
    seed_option,
)

compress = compress_command(
    TOOLBOX,
    CompressionOptions,
    technique_options,
    """runs/minilm --data emotion
runs/minilm --technique onnx-int8 --data sample
runs/minilm --technique prune --amount 0.5
runs/minilm --technique layers --output runs/small""",
)
