"""The words above and below a drawing: title, measure, legend, alternative text; Lecture, notes, Champ, Source."""

from atelier.figures import Figure
from atelier_widgets.terms import Terms, link_terms
from atelier_widgets.words import html, word


def render_head(figure: Figure, anchor: str) -> str:
    """Return what stands above a drawing.

    Args:
        figure: The figure.
        anchor: Its name in the page's address.
    """
    title = f'<h3 id="{html(anchor)}">{html(figure.title)}</h3>'
    subtitle = f'<p class="atelier-subtitle">{html(figure.subtitle)}</p>'
    alt = f'<p class="atelier-hidden" data-atelier-alt="{html(figure.alt)}">{html(figure.alt)}</p>'
    return title + subtitle + _legend(figure) + alt


def render_foot(figure: Figure, terms: Terms, anchor: str) -> tuple[str, list[str]]:
    """Return what stands below a drawing, and the terms of the glossary that it uses.

    Args:
        figure: The figure.
        terms: The glossary.
        anchor: Name of the figure in the page's address.
    """
    lines = [figure.lecture, " ".join(figure.notes), figure.scope, figure.source]
    (lecture, *small), met = link_terms(lines, terms, anchor)
    shown = [f'<p class="atelier-lecture">{lecture}</p>']
    if figure.kind in ("map", "tiles"):
        shown.append(f'<p class="atelier-help atelier-gesture">{html(word("click-map", figure.language))}</p>')
    shown += [f'<p class="atelier-note">{words}</p>' for words in small if words]
    return "".join(shown), met


def _legend(figure: Figure) -> str:
    written = figure.kind in ("slope", "scatter", "heat", "distribution")
    keys = [(series.color, series.label) for series in figure.series] if len(figure.series) > 1 and not written else []
    shape = "line" if figure.kind in ("line", "multiples") else "area"
    if figure.kind in ("map", "tiles", "heat"):
        keys = [(one.color, one.label) for one in figure.classes]
    items = "".join(
        f'<li><span class="atelier-key atelier-key-{shape}" style="background:{color}"></span>{html(label)}</li>'
        for color, label in keys
    )
    return f'<ul class="atelier-legend">{items}</ul>' if items else ""
