"""The gallery: a page and a picture for each kind of figure."""

import re
from pathlib import Path
from typing import get_args

import pytest

from atelier.figures import FigureKind

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("kind", get_args(FigureKind))
def test_each_kind_has_a_page_and_a_picture(kind: str) -> None:
    """What it shows, the lines that make it, its picture, and when not to use it."""
    page = (DOCS / "figures" / f"{kind}.md").read_text("utf-8")
    assert f"../images/figures/{kind}.svg" in page
    assert (DOCS / "images" / "figures" / f"{kind}.svg").is_file()
    assert "## When not to use it" in page
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    compile(code, f"{kind}.md", "exec")
    assert "figure = " in code
    assert f"({kind}.md)" in (DOCS / "figures" / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", sorted((DOCS / "figures").glob("*.md")), ids=lambda page: page.stem)
def test_links_of_the_gallery_lead_somewhere(page: Path) -> None:
    """Between pages, and to pictures."""
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), target
