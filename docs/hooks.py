"""What mkdocs and its theme leave to do: what the search prefers, and search in a site without a server.

The pages need the packages, whose command lines and docstrings they show, and what docs/requirements.txt names;
`python -m nox -s docs` installs both.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

NEEDED = ("emotion_core", "emotion_rnn", "emotion_bert", "material", "mkdocstrings")

BOOST = {"start.md": 4.0, "guides/": 4.0, "reference/": 0.25}
"""How much more the search likes a page than others, by what its path begins with: guides first, signatures last."""

# A page that was opened as a file may neither read the index of the search nor start a worker from another file. The
# theme looks for the index in a script then; the code of its worker is given to it as a text.
SEARCH = "search"
INDEX = "var __index = {index}\n"
WORKER = """if (location.protocol === "file:") {{
  const code = new Blob([{code}], {{ type: "text/javascript" }});
  window.Worker = class extends Worker {{ constructor() {{ super(URL.createObjectURL(code)); }} }};
}}
"""

if missing := [name for name in NEEDED if find_spec(name) is None]:  # as early as mkdocs lets a hook speak
    sys.exit(f"This site needs {', '.join(missing)}. Build it with: python -m nox -s docs")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> None:
    """Called by mkdocs with each page before it is made."""
    boosts = [boost for beginning, boost in BOOST.items() if page.file.src_uri.startswith(beginning)]
    page.meta.setdefault("search", {"boost": boosts[0]} if boosts else {})


def on_post_build(config: Any, **_: Any) -> None:
    """Called by mkdocs when the site is written: write the scripts with which the search works without a server."""
    site = Path(config.site_dir)
    index = (site / SEARCH / "search_index.json").read_text(encoding="utf-8")
    (worker,) = (site / "assets" / "javascripts" / "workers").glob("search.*.js")
    code = json.dumps(worker.read_text(encoding="utf-8").partition("//# sourceMappingURL")[0])
    (site / SEARCH / "search_index.js").write_text(INDEX.format(index=index), encoding="utf-8")
    (site / SEARCH / "offline.js").write_text(WORKER.format(code=code), encoding="utf-8")
