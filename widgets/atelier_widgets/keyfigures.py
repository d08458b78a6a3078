"""A row of key figures: the value for the selection, and the whole's below it."""

from dataclasses import replace

from atelier.workbench import Question, Table
from atelier_widgets.selection import Selection
from atelier_widgets.view import Asked, View, block, put
from atelier_widgets.words import html, word

Asking = str | Asked
"""What a key figure is asked by: an indicator's identifier, or a function of the notebook."""


class KeyFigures(View):
    """One value per indicator, and the whole's where a part of it is chosen.

    Args:
        *asked: Indicators, asked of the selection, or functions of the notebook, asked as they say.
    """

    name = "key figures"

    def __init__(self, *asked: Asking) -> None:
        self.asked = asked
        self.widget = block("atelier-key-figures")
        self.tables: list[Table] = []

    def redraw(self, selection: Selection) -> None:
        """Write the values of another selection."""
        self.tables = []
        tiles = "".join(self._tile(self._question(asked, selection), selection) for asked in self.asked)
        put(self.widget, f'<dl class="atelier-tiles">{tiles}</dl>')

    def _question(self, asked: Asking, selection: Selection) -> Question:
        if callable(asked):
            return asked(selection)
        return self.dashboard.workbench.indicator(asked).where(**selection)

    def _tile(self, question: Question, selection: Selection) -> str:
        answer = self.dashboard.answer(question)
        card, language = self.dashboard.workbench.card(question.indicator), selection.language
        short, unit = card.short[language], card.unit.label[language]
        name = f"{short} ({unit})" if card.unit.kind == "number" and unit.lower() not in short.lower() else short
        value, why = "–", word("no-value", language)
        if answer is not None and not answer.cells.empty:
            self.tables.append(answer)
            row = answer.cells.iloc[0]
            is_known = answer.cells["value"].notna().iloc[0]
            value, why = (_value(answer), "") if is_known else ("–", answer.statuses[str(row["status"])][language])
        context = " – ".join(text for text in (why, self._context(question, selection)) if text)
        return (
            f'<div><dt>{html(name)}</dt><dd class="atelier-value">{html(value)}</dd>'
            f'<dd class="atelier-context">{html(context)}</dd></div>'
        )

    def _context(self, question: Question, selection: Selection) -> str:
        chosen = {name.replace("_", "-") for name in selection.places}
        kept = tuple((name, code) for name, code in question.filters if name not in chosen)
        if kept == question.filters:
            return ""
        whole = self.dashboard.answer(replace(question, filters=kept))
        if whole is None or whole.cells.empty:
            return ""
        label = whole.whole[selection.language]
        return word("whole-country", selection.language, whole=label, value=_value(whole))


def _value(table: Table) -> str:
    row = table.cells.iloc[0]
    return table.format(row["value"], row["status"])
