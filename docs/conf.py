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
# What myst-nb writes beside, and what other pages include.
exclude_patterns = ["_build", "jupyter_execute", "made/extras.md", "made/verdicts.md"]
smartquotes = False  # quotes stand in code and in options
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
html_math_renderer = "mathml"  # browsers draw it themselves: formulas stand where there is no network, too
html_sidebars = {"*": [], "made/*": []}  # pages that are no part of a section
html_context = {"default_mode": "auto"}
html_title = f"netanalysis {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["search.js"]
html_search_scorer = str(HERE / "_static" / "scorer.js")
html_show_sourcelink = False


def _inline(self, node):
    from docutils.nodes import SkipNode
    from latex2mathml.converter import convert

    self.body.append(convert(node.astext()))
    raise SkipNode


def _block(self, node):
    from docutils.nodes import SkipNode
    from latex2mathml.converter import convert

    self.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>')
    raise SkipNode


def setup(app):
    """Measures that raise what is no refusal stand on the page, and fail a build with -W."""
    from sphinx.util import logging

    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
    for defect in DEFECTS:
        logging.getLogger("netanalysis").warning("which measure: %s", defect)


html_theme_options = {"navigation_with_keys": False, "show_toc_level": 2, "navbar_align": "left"}
