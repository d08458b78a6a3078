"""Gives a document its form: HTML through nbconvert, PDF through Typst. The only home of both.

Both forms are functions of the document alone, without clock or network: the same document gives the same bytes.
"""

import json
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from threading import get_ident
from typing import Any

import typst
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat.v4 import new_notebook

from atelier.errors import ReportError
from atelier.figures.png import FONTS
from atelier.reports.document import Document
from atelier.reports.html import NAME, TEMPLATES, render_block
from atelier.reports.words import WORDS, say

TYPST = Path("templates") / "typst"


def render_html(document: Document, home: Path) -> bytes:
    """Return the document as one self-contained HTML page: no script, no other file, no other host.

    Args:
        document: The document.
        home: Project folder that holds ``templates/``.
    """
    exporter = _exporter(home, get_ident())
    resources = {
        "document": document,
        "css": (home / TEMPLATES / NAME / "report.css").read_text("utf-8"),
        "say": say,
        "render": lambda block: render_block(block, home),
    }
    # Not from_notebook_node, which copies the whole document before it reads it.
    body: str = exporter.template.render(nb=new_notebook(), resources=resources)
    return (body.strip() + "\n").encode("utf-8")


def render_pdf(document: Document, home: Path) -> bytes:
    """Return the document as a tagged PDF, conforming to PDF/UA-1.

    Args:
        document: The document.
        home: Project folder that holds ``templates/`` and ``node_modules/``.

    Raises:
        ReportError: The typeface is missing, or Typst refuses the document.
    """
    data = {
        **asdict(replace(document, answers=(), changes=None)),
        "words": {name: text[document.language] for name, text in WORDS.items()},
    }
    template = home / TYPST / "report.typ"
    try:
        printed: Any = _compiler(home, template.stat().st_mtime_ns, get_ident()).compile(
            format="pdf",
            sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
            pdf_standards="ua-1",
        )
    except typst.TypstError as error:
        raise ReportError(f"{document.title}: the PDF could not be made ({error}).") from error
    return bytes(printed)


@cache
def _compiler(home: Path, _written: int, _thread: int) -> typst.Compiler:
    """Return a compiler that has read its typefaces; it serves every document of a thread."""
    fonts = sorted((home / FONTS).glob("*/*.ttf"))
    if not fonts:
        raise ReportError(f"{home / FONTS}: the typeface of printed reports is missing: run npm ci.")
    template = home / TYPST / "report.typ"
    return typst.Compiler(
        str(template),
        root=str(template.parent),
        font_paths=list(dict.fromkeys(str(font.parent) for font in fonts)),
        ignore_system_fonts=True,
    )


@cache
def _exporter(home: Path, _thread: int) -> TemplateExporter:
    # Not HTMLExporter, which parses the page and prints it again with SVG's names in lower case.
    exporter = TemplateExporter(
        template_name=NAME, template_file="index.html.j2", extra_template_basedirs=[str(home / TEMPLATES)]
    )
    exporter.environment.autoescape = True
    return exporter
