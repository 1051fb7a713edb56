"""A page in headless Chromium: how wide it is, what it loaded, what it complained about, what its scripts do."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# A window of a phone's width cannot be had from every Chromium, a frame of that width can.
_FRAME = """<!doctype html><iframe id="frame" src="{page}" style="width:{width}px;height:900px;border:0"></iframe>
<pre id="result"></pre>
<script>
onload = () => {{
  const inner = frame.contentDocument, page = frame.contentWindow;
  result.textContent = JSON.stringify((() => {{{script}}})());
}};
</script>
"""

_LOOK = """
  const root = inner.documentElement;
  const button = inner.querySelectorAll("table.sortable thead button")[1];
  button.click();
  const column = [...inner.querySelector("table.sortable").tBodies[0].rows].map((row) => row.cells[1].dataset.sort);
  const area = inner.querySelector(".scroll"), bar = inner.querySelector(".columns"), before = bar.textContent;
  area.scrollLeft = area.scrollWidth;
  area.dispatchEvent(new Event("scroll"));
  return {
    table_is_cut: area.scrollWidth > area.clientWidth + 1,
    columns_bar: bar.hidden ? null : [before, bar.textContent],
    at_the_end: [...bar.querySelectorAll("button")].map((b) => b.disabled),
    table_takes_focus: area.tabIndex === 0,
    page_width: root.scrollWidth,
    frame_width: root.clientWidth,
    too_wide: [...inner.querySelectorAll("body *")].filter((e) => !e.closest(".scroll, .drawing")
      && e.getBoundingClientRect().right > root.clientWidth + 1).map((e) => e.outerHTML.slice(0, 80)),
    requests: frame.contentWindow.performance.getEntriesByType("resource").map((e) => e.name.slice(0, 80)),
    broken_images: [...inner.images].filter((image) => !image.naturalWidth).length,
    figures: inner.querySelectorAll("figure svg").length,
    text_outside: [...inner.querySelectorAll("figure:not(.wide) text")].filter((t) => {
      const a = t.getBoundingClientRect(), b = t.closest("figure").getBoundingClientRect();
      return a.left < b.left || a.right > b.right || a.top < b.top || a.bottom > b.bottom;
    }).map((t) => t.textContent),
    ink: getComputedStyle(inner.querySelector("figure text")).fill,
    background: getComputedStyle(inner.body).backgroundColor,
    sorted_column: column,
  };
"""


def inspect(page: Path, *, width: int, dark: bool = False) -> dict:
    """Open `page` at a width in CSS pixels and report what the browser saw."""
    seen, console = evaluate(page, _LOOK, width=width, dark=dark)
    return seen | {"console": console}


def evaluate(page: Path, script: str, *, width: int = 1280, dark: bool = False) -> tuple[dict, list[str]]:
    """What the body of a function returns of `page` (its window) and `inner` (its document); what the console says."""
    with TemporaryDirectory() as folder:
        frame = Path(folder) / "frame.html"
        frame.write_text(_FRAME.format(page=page.resolve().as_uri(), width=width, script=script), encoding="utf-8")
        done = subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--allow-file-access-from-files",
                "--enable-logging=stderr",
                "--virtual-time-budget=20000",
                f"--user-data-dir={folder}/profile",
                "--window-size=1400,1000",
                f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                "--dump-dom",
                frame.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    found = re.search(r'<pre id="result">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[:500] + done.stderr[-2000:]
    result = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return result, [line for line in done.stderr.splitlines() if "CONSOLE" in line]
