"""Texts without emotion, of which a neutral gate learns enough for tests."""

from __future__ import annotations

from emotion_core.data.dataset import NeutralTexts

_PLACES = ("Leeds", "Hull", "York", "Ripon", "Selby", "Skipton", "Otley", "Malton", "Whitby", "Thirsk")
PLAIN = [
    *(f"The {hour}:15 to {place} leaves from platform {hour}." for hour, place in enumerate(_PLACES, 6)),
    *(f"Bins in {place} are collected on day {number} of the month." for number, place in enumerate(_PLACES, 1)),
    *(f"The library in {place} opens at {number} and closes at five." for number, place in enumerate(_PLACES, 7)),
]
"""These teach a gate."""

OTHERS = [f"Parking at {place} station costs {number} pounds a day." for number, place in enumerate(_PLACES * 2)]
"""These measure it."""

SERVICE = "The train to Hull leaves from platform 6 and the library opens at 9."
"""A neutral text that neither of them has."""

TEACHING = NeutralTexts(PLAIN, "plain", "no fingerprint")
