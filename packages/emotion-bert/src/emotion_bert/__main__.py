"""The program of the package, as ``emotion-bert`` and ``python -m emotion_bert`` start it."""

from emotion_core.start import own_process


def main() -> None:
    """Run the program."""
    with own_process():
        from emotion_bert.emotion_classifier import main as program

        program()


if __name__ == "__main__":
    main()
