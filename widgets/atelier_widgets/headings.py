"""Headings: the page's title with what is chosen, and the title of each part."""

import re

from atelier.language import Text
from atelier_widgets.selection import Selection
from atelier_widgets.view import View, block, put
from atelier_widgets.words import html, word


class Heading(View):
    """A heading of a part of the page, in both languages."""

    def __init__(self, *, fr: str, en: str) -> None:
        self.text, self.name = Text(fr=fr, en=en), f"heading {en}"
        self.widget = block("atelier-heading")

    def redraw(self, selection: Selection) -> None:
        """Write the heading."""
        text = html(self.text[selection.language])
        put(self.widget, f'<h2 id="{self.anchor}" tabindex="-1">{text}</h2>')

    @property
    def anchor(self) -> str:
        """Return the end of an address that leads here: ``how-many-are-they``."""
        return "-".join(re.findall(r"[a-z0-9]+", self.text.en.lower()))


class Contents(View):
    """The questions that the page answers, each a link to its part; parts shown later are added."""

    name = "contents"

    def __init__(self) -> None:
        self.widget = block("atelier-contents")

    def redraw(self, selection: Selection) -> None:
        """Write the questions shown so far."""
        shown = [one for one in self.dashboard.views if isinstance(one, Heading)]
        language = selection.language
        links = "".join(f'<li><a href="#{one.anchor}">{html(one.text[language])}</a></li>' for one in shown)
        label = html(word("contents", language))
        put(self.widget, f'<nav aria-label="{label}"><ul>{links}</ul></nav>' if links else "")


class Title(View):
    """The page's title, and what is chosen now."""

    name = "title"

    def __init__(self, *, fr: str, en: str) -> None:
        self.text = Text(fr=fr, en=en)
        self.widget = block("atelier-title")

    def redraw(self, selection: Selection) -> None:
        """Write the title and the selection."""
        title = html(self.text[selection.language])
        whole = self.dashboard.workbench.theme.card.whole[selection.language]
        times = selection.times
        place = [selection.label(name) for name, code in selection.items() if code and name not in times]
        is_whole = not selection.places
        chosen = ", ".join([*([whole] if is_whole else []), *reversed(place), *map(selection.label, times)])
        put(self.widget, f'<h1>{title}</h1><p class="atelier-chosen">{html(chosen)}</p>')
