"""One colour for each emotion, the same in every figure and on every page."""

from __future__ import annotations

from emotion_core.labels import EMOTIONS

COLOURS: tuple[str, ...] = ("#608cf0", "#a68d1f", "#dc69a5", "#ba3107", "#8251b3", "#2f6d65")
"""Blue, ochre, pink, brick, violet and teal, in label order.

Each has a contrast of 3:1 with a white page and with a dark one, and people with any kind of colour vision can tell any
two apart: they were found by a search for the largest distance in Oklab between the two most alike under protanopia,
deuteranopia and tritanopia.
"""


def stylesheet() -> str:
    """The colours as custom properties of CSS, named after the emotions."""
    lines = (f"  --{name}: {colour};\n" for name, colour in zip(EMOTIONS, COLOURS, strict=True))
    return f":root {{\n{''.join(lines)}}}\n"
