"""``python -m emotion_bert``."""

from emotion_bert.emotion_classifier import main

main()
