"""Blocks as HTML: the macros of ``templates/nbconvert/report/blocks.html.j2``, every value escaped."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from atelier.reports.words import say
from atelier.settings import find_home

TEMPLATES = Path("templates") / "nbconvert"
NAME = "report"


@cache
def _environment(folder: Path) -> Environment:
    loader = FileSystemLoader(folder)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render_block(block: dict[str, Any], home: Path | None = None) -> Markup:
    """Return a block as HTML.

    Args:
        block: A block's JSON.
        home: Project folder that holds ``templates/``; found from the current folder by default.
    """
    macros = _environment((home or find_home()) / TEMPLATES / NAME).get_template("blocks.html.j2").module
    return Markup(macros.block(block, say))  # type: ignore[attr-defined]  # noqa: S704 - the macro escapes
