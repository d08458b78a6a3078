"""Static drawings: one SVG writer per kind of figure, the same bytes each time."""

from hashlib import sha256
from html import escape

from atelier.figures.palette import INK, INK_SOFT, PAPER
from atelier.figures.specification import Figure, FigureKind
from atelier.figures.svg.bars import draw_bars
from atelier.figures.svg.canvas import LEADING, NORMAL, SMALL, tag, text, wrap
from atelier.figures.svg.distributions import draw_distribution
from atelier.figures.svg.diverging import draw_diverging
from atelier.figures.svg.dots import draw_dots
from atelier.figures.svg.drawing import Draw, Drawing
from atelier.figures.svg.heats import draw_heat
from atelier.figures.svg.keyfigures import draw_key
from atelier.figures.svg.lines import draw_lines
from atelier.figures.svg.maps import draw_map
from atelier.figures.svg.multiples import draw_multiples
from atelier.figures.svg.points import draw_points
from atelier.figures.svg.scatter import draw_scatter
from atelier.figures.svg.slopes import draw_slopes
from atelier.figures.svg.stacks import draw_stack
from atelier.figures.svg.tiles import draw_tiles

FONT = "'Source Sans 3', system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
_DRAW: dict[FigureKind, Draw] = {
    "line": draw_lines,
    "bars": draw_bars,
    "stack": draw_stack,
    "map": draw_map,
    "multiples": draw_multiples,
    "distribution": draw_distribution,
    "heat": draw_heat,
    "points": draw_points,
    "tiles": draw_tiles,
    "key": draw_key,
    "diverging": draw_diverging,
    "dots": draw_dots,
    "slope": draw_slopes,
    "scatter": draw_scatter,
}
_TITLE = 19.0


def render_svg(
    figure: Figure,
    width: int = 720,
    height: int | None = None,
    *,
    font: str | None = None,
    standalone: bool = True,
    captions: bool = False,
) -> str:
    """Return a figure drawn as SVG, the same bytes for the same figure and size.

    Args:
        figure: What to draw.
        width: Width in pixels; under 480 the drawing is laid out for a phone.
        height: Height in pixels for lines and columns; other kinds take what their contents need.
        font: Family to use instead of Source Sans and the system's.
        standalone: Whether it is a file of its own (namespace, white ground) or goes inside a page.
        captions: Whether title, Lecture, Champ and Source are drawn too, for a picture that travels alone. A page
            writes them around the drawing instead.
    """
    name = sha256("\n".join([figure.title, figure.alt, str(width), str(height)]).encode()).hexdigest()[:10]
    drawn = _DRAW[figure.kind](figure, float(width), None if height is None else float(height), name)
    if captions:
        drawn = _with_captions(figure, drawn, float(width))
    ground = tag("rect", width=width, height=drawn.height, fill=PAPER) if standalone or captions else ""
    return tag(
        "svg",
        f'<title id="{name}-t">{escape(figure.title, quote=False)}</title>',
        f'<desc id="{name}-d">{escape(figure.alt, quote=False)}</desc>',
        ground,
        *drawn.body,
        **({"xmlns": "http://www.w3.org/2000/svg"} if standalone else {}),
        viewBox=f"0 0 {width} {drawn.height:.0f}",
        width=width,
        height=f"{drawn.height:.0f}",
        overflow="visible",
        role="img",
        lang=figure.language,
        aria_labelledby=f"{name}-t",
        aria_describedby=f"{name}-d",
        font_family=_family(font),
        style="font-variant-numeric:tabular-nums;max-width:100%;height:auto",
    )


def _family(font: str | None) -> str:
    """Return font families as an attribute holds them; a bare name is quoted, as one with a digit must be."""
    if font is None:
        return FONT
    return font if "," in font or "'" in font else f"'{font}'"


def _with_captions(figure: Figure, drawn: Drawing, width: float) -> Drawing:
    head, y = [], 0.0
    for words, size, bold, fill in ((figure.title, _TITLE, True, INK), (figure.subtitle, NORMAL, False, INK_SOFT)):
        lines = wrap(words, width, size, lines=4, bold=bold)
        y += size
        head.append(text(0.0, y, lines, size=size, bold=bold, fill=fill))
        y += (len(lines) - 1) * size * LEADING + 8
    top = y + 6
    y = top + drawn.height + 8
    foot = []
    for words in (*figure.notes, figure.lecture, figure.scope, figure.source):
        lines = wrap(words, width, SMALL, lines=6)
        y += SMALL + 3
        foot.append(text(0.0, y, lines, size=SMALL, fill=INK_SOFT))
        y += (len(lines) - 1) * SMALL * LEADING + 2
    moved = tag("g", *drawn.body, transform=f"translate(0 {top:.0f})")
    return Drawing((*head, moved, *foot), y + 8)


__all__ = ["FONT", "render_svg"]
