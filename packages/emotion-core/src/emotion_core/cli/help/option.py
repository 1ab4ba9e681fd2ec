"""An option whose help is a sentence, under a heading, with its range where its value is named."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from click.types import OptionHelpExtra

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Section(Enum):
    """The headings in the help of a command that has many options, in their order."""

    COMMON = "Most used"
    SEARCH = "Search"
    TECHNIQUES = "Techniques"
    DATA = "Data"
    MODEL = "Model"
    OPTIMIZATION = "Optimization"
    LIMITS = "Limits"
    ACCESS = "Access"
    MACHINE = "Machine"
    OUTPUT = "Output"


class HelpfulOption(click.Option):
    """An option that knows the heading it stands under."""

    def __init__(self, *names: Any, section: Section | None = None, **settings: Any) -> None:
        self.section = section
        super().__init__(*names, **settings)

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """The default without parentheses if it is said in words; no range, which the name of the value has."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        if isinstance(self.show_default, str):
            extra["default"] = self.show_default
        return extra


def option(*names: str, section: Section | None = None, **settings: Any) -> Callable[[Decorated], Decorated]:
    """An option, as ``click.option`` adds it to a command.

    Args:
        names: of the option, and of the parameter if that differs.
        section: the heading; needed where a command has many options.
        settings: of ``click.option``. The help is a sentence that stands alone and begins with what the option does.
    """
    return click.option(*names, cls=HelpfulOption, section=section, **settings)
