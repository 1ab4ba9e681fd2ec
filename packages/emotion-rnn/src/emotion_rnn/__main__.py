"""``python -m emotion_rnn``."""

from emotion_rnn.cli import main

main()
