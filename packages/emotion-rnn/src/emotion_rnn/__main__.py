"""``python -m emotion_rnn``."""

from emotion_rnn.cli.main import main

main()
