"""The program of the package, as ``emotion-rnn`` and ``python -m emotion_rnn`` start it."""

from emotion_core.start import own_process


def main() -> None:
    """Run the program."""
    with own_process():
        from emotion_rnn.cli.main import main as program

        program()


if __name__ == "__main__":
    main()
