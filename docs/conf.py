"""How the site is built: ``make docs``. Pages that follow from the package are written by ``pages.py`` first."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import pages  # noqa: E402

import netanalysis as na  # noqa: E402

DEFECTS = pages.write(HERE)

project = "netanalysis"
author = "the netanalysis authors"
version = release = na.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb"]
exclude_patterns = ["_build", "jupyter_execute"]  # the second: what myst-nb writes beside
source_suffix = {".rst": "restructuredtext", ".md": "myst-nb", ".ipynb": "myst-nb"}
root_doc = "index"

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections say it
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
nb_execution_mode = "off"  # notebooks stand as they are stored
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing", "myst.header", "mystnb.unknown_mime_type"]  # links to files of the repository

html_theme = "pydata_sphinx_theme"
html_title = f"netanalysis {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_search_scorer = str(HERE / "_static" / "scorer.js")
html_show_sourcelink = False


def setup(app):
    """Measures that raise what is no refusal stand on the page, and fail a build with -W."""
    from sphinx.util import logging

    for defect in DEFECTS:
        logging.getLogger("netanalysis").warning("which measure: %s", defect)


html_theme_options = {"navigation_with_keys": False, "show_toc_level": 2, "navbar_align": "left"}
