"""Questions of newcomers and others, asked of the search of the built site: ``python -m tests.docs``.

Needs ``make docs`` before and Chromium. Prints, for each, the first page that is found and whether it answers.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from html import unescape
from pathlib import Path

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
    "missing regions or NaN in my matrix": "tasks",
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
    "load FlyWire connections csv": "tasks|neurons",
    "MICrONS synapse table to adjacency matrix": "tasks|neurons",
    "hemibrain neuprint export": "tasks|neurons",
    "root ids lose digits float": "tasks|neurons",
    "connection probability between cell types": "tasks|aggregate",
    "effective connectivity from sensory neurons to motor neurons": "tasks|pathways",
    "fMRIPrep confounds regression": "human_brains|tasks",
    "BIDS derivatives connectivity matrix": "human_brains|tasks",
    "Schaefer atlas Yeo networks": "human_brains|tasks",
    "matrix is not symmetric what now": "tasks|symmetrize",
    "is my network more modular than chance": "tasks|null_test",
    "shuffle weights keep topology": "tasks|which_null|weight_shuffle",
    "rewire graph": "tasks|degree_preserving",
    "why do I get different communities every time": "tasks|detect_communities",
    "do my RNN weights obey Dale's law": "tasks",
    "lesion units in trained RNN": "tasks|lesion",
    "track modularity over training checkpoints": "tasks|trained_networks",
    "network based statistic NBS": "tasks|network_based_statistic",
    "igraph community_leiden": "migration|detect_communities",
    "network too big for memory sparse": "formats|tasks|speed",
}


# Asks one question after the other in a frame; the results come when the index has been read.
_ASK = """<!doctype html><meta charset="utf-8"><pre id="result"></pre><script>
const questions = %s, site = "%s", found = [];
const frame = document.createElement("iframe");
document.body.append(frame);
const settled = () => new Promise((done) => {
  let before = "", same = 0;
  const look = () => {
    const page = frame.contentDocument;
    const now = page?.querySelector("ul.search li a")?.getAttribute("href") ?? "";
    const over = page?.querySelector("#search-results h2")?.nextElementSibling?.textContent.includes("did not match");
    same = now === before ? same + 1 : 0;
    before = now;
    (now && same > 4) || over || same > 200 ? done(now || "nothing") : setTimeout(look, 50);
  };
  look();
});
(async () => {
  for (const question of questions) {
    await new Promise((loaded) => {
      frame.onload = loaded;
      frame.src = site + "/search.html?q=" + encodeURIComponent(question);
    });
    found.push(await settled());
  }
  document.getElementById("result").textContent = JSON.stringify(found);
})();
</script>"""


def first(questions: list[str]) -> list[str]:
    """The page that the search of the site puts first, for each question."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "ask.html"
        page.write_text(_ASK % (json.dumps(questions), SITE.as_uri()), encoding="utf-8")
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        command += ["--no-first-run", f"--user-data-dir={folder}/profile", "--allow-file-access-from-files"]
        command += [f"--virtual-time-budget={12_000 * len(questions)}", "--dump-dom", page.as_uri()]
        made = subprocess.run(command, capture_output=True, text=True, check=True, timeout=900)
    found = re.search(r'<pre id="result">(.*?)</pre>', made.stdout, re.S)
    if not found or not found[1]:
        raise RuntimeError(f"the search gave nothing: {made.stderr[-2000:]}")
    return [name.split("?")[0].split("#")[0] for name in json.loads(unescape(found[1]))]


def main() -> int:
    """Ask all; the number of those without an answer."""
    missed = 0
    for (question, wanted), page in zip(QUESTIONS.items(), first(list(QUESTIONS)), strict=True):
        right = re.search(wanted, page) is not None
        missed += not right
        print(f"{'ok  ' if right else 'MISS'}  {question:55s} {page}")
    print(f"{len(QUESTIONS) - missed} of {len(QUESTIONS)} questions are answered by the first page")
    return missed


if __name__ == "__main__":
    sys.exit(bool(main()))
