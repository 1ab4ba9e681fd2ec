"""Show the examples of the commands' help texts, which Markdown would run together, as code."""

from __future__ import annotations

import re
from typing import Any

EXAMPLE = re.compile(r"<p>(Example:)\s+(.*?)</p>", re.DOTALL)


def on_page_content(html: str, **_: Any) -> str:
    """Called by mkdocs with the HTML of each page."""
    return EXAMPLE.sub(_as_code, html)


def _as_code(match: re.Match[str]) -> str:
    commands = "\n".join(line.strip() for line in match.group(2).splitlines())
    return f'<p>{match.group(1)}</p><div class="highlight"><pre><code>{commands}</code></pre></div>'
