"""Write the names of emoji that the cleanings use, from the package ``emoji``, which needs to be installed only here.

Run it again after Unicode has added emoji; a test compares the file with the package.
"""

from __future__ import annotations

from pathlib import Path

import emoji

TABLE = Path(__file__).parent / "src" / "emotion_core" / "data" / "emoji_names.tsv"
WHOLE = (emoji.STATUS["component"], emoji.STATUS["fully_qualified"])
"""Of the other forms each lacks some of the variation selectors of one of these, and has its name."""


def main() -> None:
    """Write one line an emoji: the emoji, a tab, and its name in words."""
    lines = [
        f"{sequence}\t{data['en'].strip(':').replace('_', ' ').replace('-', ' ')}\n"
        for sequence, data in emoji.EMOJI_DATA.items()
        if data["status"] in WHOLE
    ]
    TABLE.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
