"""The options of the commands that answer others: limits and access."""

from __future__ import annotations

from emotion_core.cli.help.option import Section, option
from emotion_core.cli.numbers import field_number
from emotion_core.cli.options import Decorator, Place, stack
from emotion_core.serving.settings import Limits, Settings

text_limit_options: Decorator = stack(
    option(
        "--max-texts",
        section=Section.LIMITS,
        type=field_number(Limits, "texts"),
        default=Limits.texts,
        show_default=True,
        help="Refuse a request with more texts than this.",
    ),
    option(
        "--max-characters",
        section=Section.LIMITS,
        type=field_number(Limits, "characters"),
        default=Limits.characters,
        show_default=True,
        help="Refuse a text with more characters than this.",
    ),
)

limit_options: Decorator = stack(
    text_limit_options,
    option(
        "--max-bytes",
        section=Section.LIMITS,
        type=field_number(Limits, "bytes"),
        default=Limits.bytes,
        show_default=True,
        help="Refuse a request whose body has more bytes than this.",
    ),
    option(
        "--batch",
        section=Section.LIMITS,
        type=field_number(Settings, "batch"),
        default=Settings.batch,
        show_default=True,
        help="Predict at most this many texts at once.",
    ),
    option(
        "--queue",
        section=Section.LIMITS,
        type=field_number(Settings, "queue"),
        default=Settings.queue,
        show_default=True,
        help="Let at most this many texts wait for each model; more are answered with 503.",
    ),
)

access_options: Decorator = stack(
    option(
        "--api-key-file",
        section=Section.ACCESS,
        type=Place(file=True),
        metavar="FILE",
        help="Answer only requests that have a key of this file, which has one on each line.",
    ),
    option(
        "--allowed-host",
        "hosts",
        section=Section.ACCESS,
        multiple=True,
        metavar="NAME",
        show_default="any, if --host is not loopback",
        help="Let the service be called by this name, besides localhost.",
    ),
    option(
        "--cors-origin",
        "origins",
        section=Section.ACCESS,
        multiple=True,
        metavar="ORIGIN",
        help="Let the pages of this website ask, such as https://example.org.",
    ),
    option(
        "--access-log",
        section=Section.OUTPUT,
        is_flag=True,
        help="Write a line for each request to standard error.",
    ),
    option("--log-texts", section=Section.OUTPUT, is_flag=True, help="Write each text to standard error."),
)
