"""Markdown cells as plain data: headings, paragraphs, lists, and the few inline marks a printed page needs.

Only what both HTML and PDF can show is accepted; anything else is refused by name, so that nothing is lost silently and
no markup of one output can slip into the other.
"""

import re
from typing import Any

import mistune

from atelier.errors import ReportError
from atelier.language import typeset

Span = dict[str, Any]
_INLINE = {"text", "strong", "emphasis", "codespan", "link", "softbreak"}
_ADDRESS = re.compile(r"https?://|mailto:|#")


def read_prose(markdown: str, language: str, where: str = "text") -> list[dict[str, Any]]:
    """Return the blocks of a Markdown text.

    Args:
        markdown: The text.
        language: Its language; French gets its no-break spaces.
        where: Name of the place, for messages.

    Returns:
        Dictionaries of kind ``heading`` (level, spans), ``paragraph`` (spans) or ``list`` (ordered, items of spans); a
        span has ``text`` and optionally ``strong``, ``emphasis``, ``code`` or ``link``.

    Raises:
        ReportError: A construct that a printed report cannot show.
    """
    tokens: Any = mistune.create_markdown(renderer="ast")(markdown)
    return [_block(token, language, where) for token in tokens if token["type"] != "blank_line"]


def _block(token: dict[str, Any], language: str, where: str) -> dict[str, Any]:
    kind = token["type"]
    if kind == "heading":
        return {"kind": "heading", "level": token["attrs"]["level"], "spans": _spans(token, language, where)}
    if kind == "paragraph":
        return {"kind": "paragraph", "spans": _spans(token, language, where)}
    if kind == "list":
        items = [_item(item, language, where) for item in token["children"]]
        return {"kind": "list", "ordered": token["attrs"]["ordered"], "items": items}
    raise _refused(kind, where)


def _item(item: dict[str, Any], language: str, where: str) -> list[Span]:
    inside = item["children"]
    if len(inside) != 1 or inside[0]["type"] not in ("block_text", "paragraph"):
        raise _refused("list inside a list", where)
    return _spans(inside[0], language, where)


def _spans(token: dict[str, Any], language: str, where: str, **marks: Any) -> list[Span]:
    spans: list[Span] = []
    for child in token.get("children", []):
        kind = child["type"]
        if kind not in _INLINE:
            raise _refused(kind, where)
        if kind == "text":
            spans.append({"text": typeset(child["raw"], language), **marks})
        elif kind == "softbreak":
            spans.append({"text": " ", **marks})
        elif kind == "codespan":
            spans.append({"text": child["raw"], "code": True, **marks})
        elif kind == "link":
            address = child["attrs"]["url"]
            if not _ADDRESS.match(address):
                raise ReportError(f"{where}: the link to {address!r} leads nowhere once printed: write a full address.")
            spans += _spans(child, language, where, **{**marks, "link": address})
        else:
            spans += _spans(child, language, where, **{**marks, kind: True})
    return spans


def _refused(kind: str, where: str) -> ReportError:
    return ReportError(
        f"{where}: {kind.replace('_', ' ')!r} cannot be printed: write headings, paragraphs, lists, emphasis and links."
    )
