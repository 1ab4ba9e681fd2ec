"""Draw docs/guides/page.png: the page of the service, with what a run says of the first example.

Run it with ``python tests/support/draw_page.py RUN [RUN...]`` where Selenium, Chrome and its driver are installed.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from browser import chrome
from services import running

PICTURE = Path(__file__).parents[2] / "docs" / "guides" / "page.png"
SIZE = {"width": 1280, "height": 624, "deviceScaleFactor": 1, "mobile": False}
CLIP = {"x": 0, "y": 0, "width": SIZE["width"], "height": SIZE["height"], "scale": 1}


def main() -> None:
    """Write the picture."""
    runs = [Path(run) for run in sys.argv[1:]]
    if not runs:
        sys.exit("Name a run in ONNX: python tests/support/draw_page.py RUN")
    with running(*runs) as service, chrome() as browser:
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", SIZE)
        browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        still = [
            {"name": "prefers-color-scheme", "value": "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": still})
        browser.get(service.url)
        shown = WebDriverWait(browser, 20)
        shown.until(lambda page: page.find_elements(By.CLASS_NAME, "panel"))
        browser.execute_script("document.querySelector('#examples button').click()")  # without a pointer above it
        shown.until(lambda page: len(page.find_elements(By.CSS_SELECTOR, ".bars .first")) == len(runs))
        drawn = browser.execute_cdp_cmd("Page.captureScreenshot", {"clip": CLIP})
    PICTURE.write_bytes(base64.b64decode(drawn["data"]))


if __name__ == "__main__":
    main()
