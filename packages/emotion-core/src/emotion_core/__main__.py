"""``python -m emotion_core``."""

from emotion_core.cli.main import main

main()
