"""How a figure was computed: the indicator's card, the data it stands on, and the Python that gives its table."""

import re
from collections.abc import Sequence

from atelier.figures import Figure
from atelier.indicators.table import Card, Provenance
from atelier.workbench import Question
from atelier_widgets.terms import Terms
from atelier_widgets.words import html, word

_HASH_SHOWN = 12


def write_recipe(theme: str, asked: Sequence[Question]) -> str:
    """Return the Python that answers questions: ``table`` for one, ``tables`` for several.

    Args:
        theme: Identifier of the theme.
        asked: The questions, in the language of their answers.
    """
    name = re.sub(r"\W", "_", theme)
    language = "" if asked[0].language == "fr" else f', language="{asked[0].language}"'
    lines = ["import atelier", f'{name} = atelier.open_theme("{theme}"{language})']
    calls = [f"{name}.{_call(question)}" for question in asked]
    if len(calls) == 1:
        return "\n".join([*lines, f"table = {calls[0]}"])
    return "\n".join([*lines, "tables = [", *(f"    {call}," for call in calls), "]"])


def render_method(figure: Figure, recipe: str, terms: Terms, met: Sequence[str], anchor: str) -> str:
    """Return the card of a figure as HTML.

    Args:
        figure: The figure.
        recipe: The Python that gives its table.
        terms: The glossary.
        met: The terms used around the figure.
        anchor: Identifier of the figure.
    """
    language = figure.language
    python = f'<pre tabindex="0"><code data-atelier-copy>{html(recipe)}</code></pre>'
    entries = [
        *_card_entries(figure.table.card, language),
        *((word("method-notes", language), html(note.text[language])) for note in figure.table.notes if note.short),
        (word("method-data", language), _data(figure.table.provenance, language)),
        (word("method-python", language), python),
    ]
    lines = "".join(f"<dt>{html(term)}</dt><dd>{text}</dd>" for term, text in entries)
    words = "".join(
        f'<dt id="{html(anchor)}-{html(name)}">{html(terms[name][0])}</dt><dd>{html(terms[name][1])}</dd>'
        for name in met
    )
    glossary = f'<p class="atelier-label">{html(word("method-terms", language))}</p><dl>{words}</dl>' if met else ""
    return f"<dl>{lines}</dl>{glossary}"


def _card_entries(card: Card, language: str) -> list[tuple[str, str]]:
    texts = (
        ("method-definition", card.definition),
        ("method-calculation", card.calculation),
        ("method-reading", card.interpretation),
        ("method-limits", card.limits),
    )
    return [(word(key, language), html(text[language])) for key, text in texts]


def _data(provenance: Provenance, language: str) -> str:
    title = html(provenance.dataset_title[language])
    named = f'<a href="{html(provenance.page)}" rel="external">{title}</a>' if provenance.page else title
    about = f"{named}, {html(provenance.producer[language])}, {html(provenance.vintage)}. {html(provenance.licence)}."
    if provenance.denominator_title is not None:
        over = f"{provenance.denominator_title[language]}, {provenance.denominator_vintage}"
        about += f" {html(word('method-over', language, dataset=over))}"
    prints = "".join(
        f'<li>{html(table)} <code title="sha256 {html(digest)}">{html(digest[:_HASH_SHOWN])}</code></li>'
        for table, digest in provenance.snapshots.items()
    )
    made = word("method-made", language, engine=provenance.engine)
    listed = f'<p>{html(word("method-hashes", language))}</p><ul class="atelier-hashes">{prints}</ul>' if prints else ""
    return f"<p>{about}</p>{listed}<p>{html(made)}</p>"


def _call(question: Question) -> str:
    by = ", ".join(f'"{name}"' for name in question.dimensions)
    where = ", ".join(f"{name.replace('-', '_')}={_code(code)}" for name, code in question.filters)
    parts = [
        f'indicator("{question.indicator}")',
        *([f"by({by})"] if by else []),
        *([f"where({where})"] if where else []),
        *(["as_it_was()"] if question.then else []),
        "table()",
    ]
    return ".".join(parts)


def _code(code: object) -> str:
    if isinstance(code, (list, tuple)):
        return f"[{', '.join(map(_code, code))}]"
    return f'"{code}"' if isinstance(code, str) and '"' not in code and "\\" not in code else repr(code)
