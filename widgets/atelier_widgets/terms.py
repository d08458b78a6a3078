"""Words of the theme's glossary in the words around a figure: the first use of each leads to its definition."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from atelier.theme import Theme
from atelier_widgets.words import html

Terms = Mapping[str, tuple[str, str]]
"""Term and definition in one language, by identifier."""

_LABEL = re.compile(r"^[^:]{1,12}\s?: ")
"""The word that opens a line, "Champ :", names the line and is not a use of the term."""


def read_terms(theme: Theme, language: str) -> Terms:
    """Return the glossary of a theme, the longest terms first so that none hides inside another."""
    terms = {name: (one.term[language], one.definition[language]) for name, one in theme.glossary.items()}
    return dict(sorted(terms.items(), key=lambda item: -len(item[1][0])))


def link_terms(lines: Sequence[str], terms: Terms, anchor: str) -> tuple[list[str], list[str]]:
    """Return lines as HTML, the first use of each term being a link, and the terms met.

    Args:
        lines: Plain text.
        terms: The glossary.
        anchor: Identifier of the figure; a term's definition is at ``<anchor>-<term>``.
    """
    met: list[str] = []
    linked = [_link(line, terms, anchor, met) for line in lines]
    return linked, met


def _link(line: str, terms: Terms, anchor: str, met: list[str]) -> str:
    label = _LABEL.match(line)
    start = label.end() if label else 0
    found: list[tuple[int, int, str]] = []
    for name, (term, _) in terms.items():
        use = None if name in met else _pattern(term).search(line, start)
        if use and all(use.end() <= begin or end <= use.start() for begin, end, _ in found):
            found.append((*use.span(), name))
            met.append(name)
    pieces, place = [], 0
    for begin, end, name in sorted(found):
        link = f'<a class="atelier-term" href="#{html(anchor)}-{html(name)}">{html(line[begin:end])}</a>'
        pieces += [html(line[place:begin]), link]
        place = end
    return "".join([*pieces, html(line[place:])])


@lru_cache(maxsize=1024)
def _pattern(term: str) -> re.Pattern[str]:
    """Return what a use of a term looks like: any case, its words singular or plural."""
    words = r"\s+".join(re.escape(word.rstrip("s")) + "s?" for word in term.split())
    return re.compile(rf"(?<!\w){words}(?!\w)", re.IGNORECASE)
