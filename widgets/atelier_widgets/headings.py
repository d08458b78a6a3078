"""Headings: the page's title with what is chosen, and the title of each part."""

from atelier_widgets.selection import Selection
from atelier_widgets.view import View, block, put
from atelier_widgets.words import html


class Heading(View):
    """A heading of a part of the page, in both languages."""

    def __init__(self, *, fr: str, en: str) -> None:
        self.fr, self.en, self.name = fr, en, f"heading {en}"
        self.widget = block("atelier-heading")

    def redraw(self, selection: Selection) -> None:
        """Write the heading."""
        text = self.fr if selection.language == "fr" else self.en
        put(self.widget, f"<h2>{html(text)}</h2>")


class Title(View):
    """The page's title, and what is chosen now."""

    name = "title"

    def __init__(self, *, fr: str, en: str) -> None:
        self.texts = (fr, en)
        self.widget = block("atelier-title")

    def redraw(self, selection: Selection) -> None:
        """Write the title and the selection."""
        title = html(self.dashboard.words(*self.texts))
        whole = self.dashboard.workbench.theme.card.whole[selection.language]
        place = [selection.label(name) for name, code in selection.items() if code and name != "year"]
        year = selection.label("year") if "year" in selection else ""
        chosen = ", ".join([*reversed(place or [whole]), *([year] if year else [])])
        put(self.widget, f'<h1>{title}</h1><p class="atelier-chosen">{html(chosen)}</p>')
