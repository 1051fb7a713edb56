"""What tests of the page share."""

import pytest
from markupsafe import Markup


@pytest.fixture
def undrawn(monkeypatch):
    """Figures stay empty, which are most of the time of a page."""
    monkeypatch.setattr("netanalysis.page.figures.render", lambda *_, **__: Markup("<svg></svg>"))
