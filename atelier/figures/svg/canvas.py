"""Writes SVG elements, and estimates how wide a text will be.

Presentation attributes only: no style sheet, no foreign object, no inherited colour, so that a browser, a printer's
typesetter and an image converter all draw the same thing.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

from atelier.figures.palette import INK, PAPER

SMALL, NORMAL = 12.0, 13.0
LEADING = 1.25
_FALLBACK = 1.2
"""A reader's system font may be wider than Source Sans, whose widths are below."""
_BOLD = 1.1
_WIDTHS = (
    (0.13, "\N{NARROW NO-BREAK SPACE}"),
    (0.21, " \N{NO-BREAK SPACE}"),
    (0.25, "',.:;ijl|îï’I!"),
    (0.31, "()-[]ft{}°r/"),
    (0.42, '*s?"cxz«»ç'),
    (0.50, "#$+0123456789<=>FJLY^_ekvy~éèêë–≤≥"),
    (0.54, "ESTVXZagàâäÉÈÊbdhnopquôöùûü"),
    (0.58, "ACKPRÀÂÇ&BDG"),
    (0.67, "HNUÙÛÜOQÔ"),
    (0.73, "Mwæ"),
    (0.83, "W—%@mœŒ…"),
)
_WIDTH_OF = {character: width for width, characters in _WIDTHS for character in characters}
_USUAL = 0.55
_PIECE = re.compile(r"( *)([^ -]*-+|[^ -]+)")


def tag(name: str, *children: str, **attributes: object) -> str:
    """Return an element; an underscore in an attribute's name is a hyphen, and None leaves it out."""
    written = "".join(
        f' {key.replace("_", "-")}="{escape(number(value) if isinstance(value, float) else str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def number(value: float) -> str:
    """Return a coordinate with at most two decimals."""
    return f"{round(value, 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def title(words: str) -> str:
    """Return the words shown when a pointer rests on the element that holds them."""
    return f"<title>{escape(words, quote=False)}</title>"


def text(
    x: float,
    y: float,
    words: str | Sequence[str],
    *,
    size: float = NORMAL,
    anchor: str | None = None,
    fill: str = INK,
    bold: bool = False,
    halo: bool = False,
) -> str:
    """Return a text whose first baseline is at ``y``; a sequence is written one line under the other.

    Args:
        x: Where it starts, is centred or ends, as ``anchor`` tells.
        y: First baseline.
        words: A line, or several.
        size: Size in pixels.
        anchor: ``middle`` or ``end``; None starts at ``x``.
        fill: Colour.
        bold: Whether it stands out.
        halo: Whether a white edge keeps it readable over lines.
    """
    lines = [words] if isinstance(words, str) else list(words)
    inner = escape(lines[0], quote=False)
    if len(lines) > 1:
        spans = (
            tag("tspan", escape(line, quote=False), x=float(x), dy=float(size * LEADING) if rank else None)
            for rank, line in enumerate(lines)
        )
        inner = "".join(spans)
    edge: dict[str, object] = {"paint_order": "stroke", "stroke": PAPER, "stroke_width": 3, "stroke_linejoin": "round"}
    return tag(
        "text",
        inner,
        x=float(x),
        y=float(y),
        font_size=float(size),
        text_anchor=anchor,
        fill=fill,
        font_weight=600 if bold else None,
        **(edge if halo else {}),
    )


def rule(x1: float, y1: float, x2: float, y2: float, color: str, *, width: float = 1.0, dash: str | None = None) -> str:
    """Return a straight line."""
    ends = {"x1": float(x1), "y1": float(y1), "x2": float(x2), "y2": float(y2)}
    return tag("line", **ends, stroke=color, stroke_width=float(width), stroke_dasharray=dash)


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Return path data through points."""
    return "".join(f"{'L' if rank else 'M'}{number(x)} {number(y)}" for rank, (x, y) in enumerate(points))


def text_width(words: str, size: float = NORMAL, *, bold: bool = False) -> float:
    """Return an estimate of a line's width in pixels, on the wide side."""
    width = sum(_WIDTH_OF.get(character, _USUAL) for character in words)
    return width * size * _FALLBACK * (_BOLD if bold else 1.0)


def wrap(words: str, width: float, size: float = NORMAL, *, lines: int = 2, bold: bool = False) -> list[str]:
    """Return words cut in at most ``lines`` lines that fit in ``width``, the last one cut short with an ellipsis.

    Lines are cut at spaces, and after hyphens.
    """
    wrapped, rest = [""], [""]
    for found in _PIECE.finditer(words):
        glue, piece = found.groups()
        longer = f"{wrapped[-1]}{glue}{piece}" if wrapped[-1] else piece
        if not wrapped[-1] or text_width(longer, size, bold=bold) <= width:
            wrapped[-1] = longer
        else:
            wrapped.append(piece)
            rest.append(words[found.start(2) :])
    kept = wrapped[:lines]
    if len(wrapped) > lines:
        kept[-1] = rest[lines - 1] if lines > 1 else words
    return [_shortened(line, width, size, bold=bold) for line in kept]


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Return centres as near as possible to those wanted, in the same order, so that no two blocks overlap.

    Args:
        wanted: Wanted centre of each block, in increasing order.
        heights: Height of each block.
        low: Where the first may begin.
        high: Where the last may end; the blocks overflow it when they do not all fit.
    """
    groups: list[tuple[float, float, int]] = []
    for centre, height in zip(wanted, heights, strict=True):
        start, size, count = centre - height / 2, height, 1
        while groups and groups[-1][0] + groups[-1][1] > start:
            before, tall, many = groups.pop()
            start = (before * many + (start - tall) * count) / (many + count)
            size, count = size + tall, count + many
        groups.append((max(low, min(start, high - size)), size, count))
        while len(groups) > 1 and groups[-2][0] + groups[-2][1] > groups[-1][0]:
            after = groups.pop()
            before, tall, many = groups.pop()
            joined = tall + after[1]
            start = (before * many + (after[0] - tall) * after[2]) / (many + after[2])
            groups.append((max(low, min(start, high - joined)), joined, many + after[2]))
    placed: list[float] = []
    for start, _, count in groups:
        top = start
        for height in heights[len(placed) : len(placed) + count]:
            placed.append(top + height / 2)
            top += height
    return placed


def _shortened(line: str, width: float, size: float, *, bold: bool) -> str:
    if text_width(line, size, bold=bold) <= width:
        return line
    while line and text_width(line + "…", size, bold=bold) > width:
        line = line[:-1]
    return line.rstrip(" ,;-") + "…"
