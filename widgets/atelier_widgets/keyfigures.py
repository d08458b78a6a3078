"""A row of key figures: the value for the selection, and the country's below it."""

from atelier.errors import QuestionError
from atelier.workbench import Table
from atelier_widgets.selection import Selection
from atelier_widgets.view import View, block, put
from atelier_widgets.words import html, word


class KeyFigures(View):
    """One value per indicator.

    Args:
        *indicators: Their identifiers.
    """

    name = "key figures"

    def __init__(self, *indicators: str) -> None:
        self.indicators = indicators
        self.widget = block("atelier-key-figures")
        self.tables: list[Table] = []

    def redraw(self, selection: Selection) -> None:
        """Write the values of another selection."""
        self.tables = []
        tiles = "".join(self._tile(indicator, selection) for indicator in self.indicators)
        put(self.widget, f'<dl class="atelier-tiles">{tiles}</dl>')

    def _tile(self, indicator: str, selection: Selection) -> str:
        question, ask = self.dashboard.workbench.indicator(indicator), self.dashboard.ask
        try:
            answer = ask(question.where(**selection))
            whole = ask(question.where(**selection.only("year")))
        except QuestionError:
            return ""
        self.tables.append(answer)
        context = ""
        if any(selection.without("year").values()):
            value = html(_value(whole))
            context = word("whole-country", selection.language, whole=whole.whole[selection.language], value=value)
        return (
            f"<div><dt>{html(answer.card.short[selection.language])}</dt>"
            f'<dd class="atelier-value">{html(_value(answer))}</dd><dd class="atelier-context">{context}</dd></div>'
        )


def _value(table: Table) -> str:
    if table.cells.empty:
        return "[O]"
    row = table.cells.iloc[0]
    return table.format(row["value"], row["status"])
