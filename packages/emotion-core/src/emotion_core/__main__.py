"""``python -m emotion_core``."""

from emotion_core.cli import main

main()
