"""The program of the package, as ``emotion-core`` and ``python -m emotion_core`` start it."""

from emotion_core.start import own_process


def main() -> None:
    """Run the program."""
    with own_process():
        from emotion_core.cli.main import main as program

        program()


if __name__ == "__main__":
    main()
