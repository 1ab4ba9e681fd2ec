"""What the files of the service's page hold, without a browser; `test_page_browser` opens it in one."""

import re
from pathlib import Path

import emotion_core.serving

PAGE = Path(emotion_core.serving.__file__).parent / "page"
FILES = sorted(PAGE.iterdir())


def test_the_whole_page_is_smaller_than_100_kilobytes():
    """All files together, as they are sent."""
    assert sum(file.stat().st_size for file in FILES) < 100_000


def test_the_page_loads_nothing_from_elsewhere():
    """No address of another host stands in any file, but the name of SVG."""
    for file in FILES:
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|url\(|@import|['\"]//", text), file


def test_the_page_has_no_style_or_script_in_its_markup():
    """The policy of the service would refuse them, and no file builds markup from a text."""
    markup = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", markup)
    for file in FILES:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", file.read_text())


def test_every_file_that_the_page_names_is_there_and_named():
    """By the markup or an import; the colours come from the service."""
    pattern = re.compile(r'(?:(?:src|href)="page/|from "\./)([\w.]+)"')
    named = {name for file in FILES for name in pattern.findall(file.read_text(encoding="utf-8"))}
    assert named | {"index.html"} == {file.name for file in FILES} | {"colours.css"}
