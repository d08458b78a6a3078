"""A figure for a page: drawing, every word a reader needs, and the data table under it."""

from html import escape

from atelier.figures.phrases import say
from atelier.figures.specification import Figure
from atelier.figures.svg import render_svg
from atelier.figures.table_html import render_table


def render_figure_html(figure: Figure, width: int = 720, *, narrow: int | None = 340) -> str:
    """Return a ``<figure>``: title, subtitle, drawing, notes, Lecture, Champ, Source, and the data table, folded.

    Its looks are in ``templates/site/figures.css``, which shows the drawing that suits the screen.

    Args:
        figure: What to show.
        width: Width of the drawing in pixels.
        narrow: Width of a second drawing for phones; None for a single drawing.
    """
    drawings = f'<div class="atelier-figure__drawing">{render_svg(figure, width, standalone=False)}</div>'
    if narrow is not None:
        second = render_svg(figure, narrow, standalone=False)
        drawings = drawings.replace('__drawing"', '__drawing atelier-figure__drawing--wide"', 1)
        drawings += f'<div class="atelier-figure__drawing atelier-figure__drawing--narrow">{second}</div>'
    notes = "".join(f"<li>{_safe(note)}</li>" for note in figure.notes)
    summary = _safe(say("table.open", figure.language))
    scrolls = _safe(say("table.scroll", figure.language, title=figure.title))
    return (
        f'<figure class="atelier-figure atelier-figure--{figure.kind}" lang="{figure.language}">'
        f'<figcaption class="atelier-figure__head"><p class="atelier-figure__title">{_safe(figure.title)}</p>'
        f'<p class="atelier-figure__subtitle">{_safe(figure.subtitle)}</p></figcaption>{drawings}'
        + (f'<ul class="atelier-figure__notes">{notes}</ul>' if notes else "")
        + f'<p class="atelier-figure__lecture">{_safe(figure.lecture)}</p>'
        f'<p class="atelier-figure__scope">{_safe(figure.scope)}</p>'
        f'<p class="atelier-figure__source">{_safe(figure.source)}</p>'
        f'<details class="atelier-figure__data"><summary>{summary}</summary>'
        f'<div class="atelier-figure__scroll" tabindex="0" role="region" aria-label="{scrolls}">'
        f"{render_table(figure)}</div></details></figure>"
    )


def _safe(words: str) -> str:
    return escape(words, quote=True)
