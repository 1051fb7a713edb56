"""Questions of newcomers and others, asked of the search of the built site: ``python -m tests.docs``.

Needs ``make docs`` before and Chromium. Prints, for each, the first page that is found and whether it answers.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from tests.page.browser import CHROMIUM

SITE = Path(__file__).resolve().parents[1] / "docs" / "_build"
QUESTIONS = {
    "which measure for a signed directed network": "which_measure",
    "measures that take negative weights": "which_measure",
    "what happens with self-connections": "which_measure",
    "which null for functional connectivity": "which_null|tasks",
    "null model that keeps degrees": "which_null",
    "where is participation coefficient": "participation_coefficient|tasks|migration",
    "participation coefficient": "participation_coefficient",
    "how do I load a GRU": "tasks",
    "load weights of an LSTM from torch": "tasks",
    "how do I load a MATLAB file": "tasks|formats",
    "how do I compare two groups of people": "tasks",
    "correct for multiple comparisons": "tasks",
    "how many null networks do I need": "tasks",
    "is my network a small world": "tasks|small_worldness",
    "how do I make a figure for a paper": "tasks",
    "follow signals from sensory to motor neurons": "tasks|pathways",
    "how fast is it": "speed",
    "can I trust the p values": "reliability",
    "coming from bctpy": "migration",
    "add a null model": "contributing|tasks",
    "install": "install",
    "make a table again and compare it bit for bit": "rerun|tasks|reliability|trained_networks",
    "which extra do I need for .h5 files": "install|formats",
    "analyse a human connectome": "human_brains|real_brains",
    "compare trained networks with a baseline": "trained_networks|tasks",
    "mediators in a connectome of neurons": "neurons|mediator|pathways",
    "how reliable are the numbers": "reliability",
    "GRU cell": "models|GRUCell",
    "rich club": "rich_club",
    "every figure of the seRNN paper": "gallery",
    "do two maps of the cortex agree": "map|human_brains",
}


def first(question: str) -> str:
    """The page that the search of the site puts first."""
    with tempfile.TemporaryDirectory() as profile:
        page = f"{SITE.as_uri()}/search.html?q={quote(question)}"
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        command += ["--no-first-run", f"--user-data-dir={profile}", "--allow-file-access-from-files"]
        command += ["--virtual-time-budget=8000", "--dump-dom", page]
        made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    results = made.stdout.split("Search Results</h2>")[-1]
    found = re.search(r'<ul[^>]*class="search"[^>]*>.*?<a href="([^"]+)"', results, re.S)
    return found.group(1).split("?")[0].split("#")[0] if found else "nothing"


def main() -> int:
    """Ask all; the number of those without an answer."""
    missed = 0
    for question, wanted in QUESTIONS.items():
        page = first(question)
        right = re.search(wanted, page) is not None
        missed += not right
        print(f"{'ok  ' if right else 'MISS'}  {question:55s} {page}")
    print(f"{len(QUESTIONS) - missed} of {len(QUESTIONS)} questions are answered by the first page")
    return missed


if __name__ == "__main__":
    sys.exit(bool(main()))
