"""Run notebooks in place and collect their verdicts: ``python notebooks/execute.py [NAME ...]``.

Without names, all of them. README.md beside them is written anew from what the notebooks say; ``--readme`` does that
alone.
"""

import argparse
import os
import re
from pathlib import Path
from typing import Any

import nbformat
from claims import RULE
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
PAPERS = ("sernn", "entropy", "growing_brains", "resolvent")
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
_AFRESH = """\
get_ipython().reset()
import gc, os, matplotlib.figure
os.chdir({folder!r})
matplotlib.rcdefaults()
matplotlib.figure.Figure.draw = lambda *_: None  # figures are made, and stay white: a third of the time
gc.collect()
gc.freeze()  # modules: to look through them takes a tenth of the time of a notebook"""
_HEAD = """\
# Notebooks

| notebook | what it shows |
| --- | --- |
| [quickstart](quickstart.ipynb) | from your weight matrix to null-tested numbers and a figure |
| [pathways](pathways.ipynb) | who carries the signal: a worm, two mushroom bodies, and trained networks at work |
| [real_brains](real_brains.ipynb) | hubs, roles, function, growing worms, species and models, wiring rules |
| [sernn](sernn.ipynb) | Achterberg et al. 2023, every figure and claim |
| [entropy](entropy.ipynb) | Sheeran et al. 2024, every figure and claim |
| [growing_brains](growing_brains.ipynb) | Liu et al. 2023, every figure and claim |
| [resolvent](resolvent.ipynb) | Sharma et al. 2026, every figure that we know of, every claim |
| [beyond](beyond.ipynb) | what no paper has asked: all mechanisms beside each other, and beside brains |

They run in minutes on two cores, from the networks and tables of `data/trained/`; nothing is trained.
`make reproduce PAPER=sernn` trains a paper's networks anew, and goes on where it was killed; `SCALE=0.02` tries it in
minutes. `python notebooks/execute.py` runs all notebooks, stores
their outputs and writes this page from their tables: no verdict is typed. `NETANALYSIS_NOTEBOOKS=quick` cuts nulls and
networks, for tests. Figures are written to `figures/`, each as .svg and .png.

# Verdicts
"""


def run(path: Path, folder: Path, kernel: Any = None) -> nbformat.NotebookNode:
    """The notebook, run from top to bottom in a folder; what is beside it can be imported.

    In a `kernel` of another notebook, jupyter_client's AsyncKernelManager, its names are forgotten first; modules stay
    imported, which takes most of the time of a short notebook.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": folder}},
    )
    if kernel is not None:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(_AFRESH.format(folder=str(folder))))
    if os.environ.get("NETANALYSIS_NOTEBOOKS") == "quick":  # figures are drawn once, not twice for their borders
        client.extra_arguments = ["--InlineBackend.print_figure_kwargs={'bbox_inches': None}"]
    beside = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    backend = "module://matplotlib_inline.backend_inline"
    client.execute(env=os.environ | {"PYTHONPATH": beside, "MPLBACKEND": backend})
    if kernel is not None:
        client.kc.stop_channels()
        del notebook.cells[0]
    return notebook


def keep(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write it so that the same run gives the same file: steady ids and metadata, no word of what was compiled."""
    notebook.metadata = nbformat.from_dict(_METADATA)
    for k, cell in enumerate(notebook.cells):
        cell.id = f"cell-{k:02d}"
        if cell.cell_type == "code":
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr" or "compiling" not in o.text]
    nbformat.write(notebook, path)


def claims(notebook: nbformat.NotebookNode) -> str:
    """The tables of verdicts that a notebook shows."""
    outputs = [o for cell in notebook.cells if "claims" in cell.metadata.get("tags", []) for o in cell.outputs]
    return "\n".join(o.data["text/markdown"] for o in outputs if "text/markdown" in o.get("data", {}))


def readme() -> str:
    """The page that collects the verdicts of all papers."""
    tables = {name: claims(nbformat.read(HERE / f"{name}.ipynb", as_version=4)) for name in PAPERS}
    counts = ["| notebook | replicated | partly | not | not tested |", "| --- | --- | --- | --- | --- |"]
    for name, table in tables.items():
        said = [line.split(" | ")[1] for line in _summary(table)]
        kinds = ("replicated", "partly", "not", "not tested")
        numbers = [sum(v == kind or (kind == "not" and v.startswith("not,")) for v in said) for kind in kinds]
        counts.append(f"| [{name}]({name}.ipynb) | " + " | ".join(map(str, numbers)) + " |")
    return "\n".join([_HEAD, "Claims by their verdict as published:", "", *counts, "", RULE, "", *tables.values()])


def _summary(table: str) -> list[str]:
    """The lines of the first table: one a claim."""
    first = re.split(r"\n\n", table.split("###", 1)[1])[1] if "###" in table else ""
    return first.splitlines()[2:]


def main() -> None:
    """Run notebooks and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--readme", action="store_true", help="run nothing")
    options = parser.parse_args()
    names = [] if options.readme else options.names or sorted(path.stem for path in HERE.glob("*.ipynb"))
    for name in names:
        path = HERE / f"{name}.ipynb"
        keep(run(path, HERE), path)
    (HERE / "README.md").write_text(readme(), encoding="utf-8")


if __name__ == "__main__":
    main()
