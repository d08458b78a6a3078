"""The publication gate: what a document must be before readers get it. Errors block, warnings are listed."""

import gzip
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from atelier.declarations import Disclosure
from atelier.reports.document import Document, plain
from atelier.theme import Theme

HTML_LIMIT, PDF_LIMIT = 300_000, 1_000_000
"""Most bytes of a page once compressed, and of a PDF."""


@dataclass(frozen=True)
class Finding:
    """Something the gate found.

    Attributes:
        severity: ``error`` blocks the publication.
        where: Place in the document.
        message: What is wrong.
    """

    severity: Literal["error", "warning"]
    where: str
    message: str

    def __str__(self) -> str:
        """Return ``place: message``."""
        return f"{self.where}: {self.message}"


def check_document(document: Document, theme: Theme) -> list[Finding]:
    """Return what is wrong with a document: figures, tables, sections, definitions, confidentiality."""

    def rule(answer: Mapping[str, Any]) -> Disclosure:
        indicator = theme.indicators[answer["indicator"]]
        return theme.disclosure(indicator.denominator_dataset or indicator.dataset)

    return [
        *_check_sections(document),
        *(finding for block in document.blocks for finding in _check_block(block)),
        *(finding for answer in document.answers for finding in _check_answer(answer, rule)),
    ]


def check_sizes(files: Mapping[str, bytes]) -> list[Finding]:
    """Return the files that are too heavy for a reader on a phone."""
    found = []
    for name, content in files.items():
        if name.endswith(".html") and len(gzip.compress(content, 6)) > HTML_LIMIT:
            found.append(Finding("error", name, f"weighs over {HTML_LIMIT:,} bytes compressed: show less."))
        if name.endswith(".pdf") and len(content) > PDF_LIMIT:
            found.append(Finding("error", name, f"weighs over {PDF_LIMIT:,} bytes: show less."))
    return found


def _check_sections(document: Document) -> Iterator[Finding]:
    ends = {"kind": "heading", "level": 0}
    for block, following in itertools.pairwise((*document.blocks, ends)):
        if block["kind"] == "heading":
            if following["kind"] == "heading" and following["level"] <= block["level"]:
                yield Finding("error", f"section {plain(block)!r}", "is empty.")
            if following["kind"] == "heading" and following["level"] > block["level"] + 1:
                yield Finding("error", f"section {plain(following)!r}", "skips a level of heading.")


def _check_block(block: Mapping[str, Any]) -> Iterator[Finding]:
    where = block.get("name", block["kind"])
    if block["kind"] == "figure":
        if not re.search(r"\d", block["alt"]) or block["alt"] in (block["title"], block["subtitle"]):
            yield Finding("error", where, "its alternative text must differ from its title and tell a number.")
        for part in ("title", "lecture", "scope", "source"):
            if not block[part].strip():
                yield Finding("error", where, f"has no {part}.")
    if block["kind"] in ("figure", "table"):
        if not block["rows"]:
            yield Finding("error", where, "has no row.")
        if any(not str(cell).strip() for row in block["rows"] for cell in row):
            yield Finding("error", where, "has an empty cell: a letter in brackets must say why.")
    if block["kind"] == "definitions" and not all(all(part.strip() for part in entry) for entry in block["entries"]):
        yield Finding("error", where, "an indicator lacks its card.")
    if block["kind"] == "notice":
        yield Finding("warning", where, block["text"])


def _check_answer(answer: Mapping[str, Any], rule: Callable[[Mapping[str, Any]], Disclosure]) -> Iterator[Finding]:
    where, place = f"indicator {answer['indicator']!r}", answer["columns"].index("value")
    hide_under = rule(answer).hide_under
    for row in answer["cells"]:
        value, status, _, denominator = row[place : place + 4]
        base = denominator if denominator is not None else value if answer["unit"] == "count" else None
        if value is not None and (status == "Q" or (base is not None and 0 < base < hide_under)):
            yield Finding("error", where, "a number under the confidentiality threshold is shown.")
            return
