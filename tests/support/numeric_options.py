"""Every option of a program that takes a number, and what lies beyond its bounds."""

from __future__ import annotations

from collections.abc import Iterator

import click
from click.testing import CliRunner

from emotion_core.cli.numbers import FiniteNumber, WholeNumber

NUMERIC = (click.types.IntParamType, click.types.FloatParamType)


def commands(group: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """The commands of a program, with the words that call each."""
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, *path, name)
    else:
        yield path, group


def numeric_options(program: click.Command) -> list[tuple[tuple[str, ...], click.Command, click.Option]]:
    """Each command of a program with each of its options that takes a number."""
    return [
        (path, command, option)
        for path, command in commands(program)
        for option in command.params
        if isinstance(option, click.Option) and isinstance(option.type, NUMERIC)
    ]


def beyond(kind: WholeNumber | FiniteNumber) -> list[str]:
    """What an option must refuse: no number, no finite number, none within the bounds."""
    bounds = kind.bounds
    low, high = (int(bounds.low), int(bounds.high)) if bounds.whole else (bounds.low, bounds.high)
    outside = [str(low - 1), str(high + 1)]
    outside += [str(bound) for bound, excluded in ((low, bounds.above), (high, bounds.below)) if excluded]
    never = ["nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e400", "", " ", "ten", "0x10", "1" + "0" * 400]
    return [*outside, *never, str(10**20), str(-(10**20)), *(["1.5", "1e1"] if bounds.whole else [])]


def check_numeric_options(program: click.Command) -> int:
    """Give every numeric option of a program every number that it must refuse; how many options there are.

    Each is one message that names the option, exit code 2, and each bound that is not excluded is taken.
    """
    options = numeric_options(program)
    for path, command, option in options:
        kind = option.type
        assert isinstance(kind, WholeNumber | FiniteNumber), f"{path} {option.name}: bounds are not stated"
        arguments = [
            next(iter(parameter.type.choices)) if isinstance(parameter.type, click.Choice) else "nothing"
            for parameter in command.params
            if isinstance(parameter, click.Argument)
        ]
        for value in beyond(kind):
            result = CliRunner().invoke(program, [*path, *arguments, f"{option.opts[0]}={value}"])
            assert result.exit_code == 2, (path, option.name, value, result.output, result.exception)
            # After an option that may stand alone, as --lora may, click takes a minus for the next option.
            told = (f"Invalid value for '{option.opts[0]}'", "No such option")
            assert any(words in result.output for words in told), (path, option.name, value, result.output)
        for bound, excluded in ((kind.bounds.low, kind.bounds.above), (kind.bounds.high, kind.bounds.below)):
            if not excluded:
                assert option.type.convert(f"{bound:.17g}", option, None) == bound
    return len(options)
