"""The colours of the emotions can be seen on both backgrounds, and told apart with any kind of colour vision."""

import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import emotion_core.serving
from emotion_core.evaluation.colours import COLOURS, stylesheet
from emotion_core.labels import EMOTIONS

# Machado, Oliveira and Fernandes (2009), "A Physiologically-based Model for Simulation of Color Vision Deficiency",
# IEEE TVCG 15(6), at full severity; of linear RGB.
VISION = {
    "ordinary": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
# Ottosson (2020), "A perceptual color space for image processing".
CONES = [
    [0.41222147, 0.53633254, 0.05144599],
    [0.21190350, 0.68069955, 0.10739696],
    [0.08830246, 0.28171884, 0.62997870],
]
OKLAB = [
    [0.21045426, 0.79361779, -0.00407205],
    [1.97799850, -2.42859221, 0.45059371],
    [0.02590404, 0.78277177, -0.80867577],
]
JUST_NOTICEABLE = 0.02
"""In Oklab, about."""


def linear(colours):
    """Linear RGB of colours such as ``#608cf0``, shape (n, 3)."""
    values = np.array([[int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)] for colour in colours])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrasts(colours, background):
    """The contrast of each colour with a background, as WCAG 2 defines it."""
    of, on = (linear(seen) @ [0.2126, 0.7152, 0.0722] + 0.05 for seen in (colours, [background]))
    return np.maximum(of, on) / np.minimum(of, on)


def test_each_colour_stands_out_from_a_light_and_a_dark_background():
    """With 3:1, which WCAG 2.2 asks of parts of graphics: white figures, and the page in both appearances."""
    style = (Path(emotion_core.serving.__file__).parent / "page" / "page.css").read_text(encoding="utf-8")
    ((light, dark),) = re.findall(r"--back: light-dark\((#\w{6}), (#\w{6})\)", style)
    for background in ("#ffffff", light, dark):
        assert contrasts(COLOURS, background).min() >= 3, background


@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_can_be_told_apart(vision):
    """By at least five just noticeable differences, with any kind of colour vision."""
    seen = np.clip(linear(COLOURS) @ np.transpose(VISION[vision]), 0, 1)
    places = np.cbrt(seen @ np.transpose(CONES)) @ np.transpose(OKLAB)
    nearest = min(
        combinations(range(len(EMOTIONS)), 2), key=lambda pair: np.linalg.norm(places[pair[0]] - places[pair[1]])
    )
    distance = np.linalg.norm(places[nearest[0]] - places[nearest[1]])
    assert distance >= 5 * JUST_NOTICEABLE, [EMOTIONS[label] for label in nearest]


def test_the_stylesheet_names_each_emotion():
    """As the page reads it."""
    assert stylesheet().splitlines()[1] == "  --sadness: #608cf0;"
    assert [line.split(":")[0].strip() for line in stylesheet().splitlines()[1:-1]] == [
        f"--{name}" for name in EMOTIONS
    ]
