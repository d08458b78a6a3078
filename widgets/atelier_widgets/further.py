"""What closes a page: what its figures do not say, and where to read on."""

from collections.abc import Sequence
from urllib.parse import urlencode

import nbformat

from atelier.language import Text
from atelier.notebooks import read_dashboards
from atelier.parameters import read_parameters
from atelier_widgets.selection import Selection
from atelier_widgets.view import View, block, put
from atelier_widgets.words import html, word


class Limits(View):
    """What the figures do not say: the limits written on the cards of indicators, then those of their sources.

    Args:
        *indicators: Their identifiers.
        fr: What else must be known, in French, one sentence or more, and
        en: in English.
    """

    name = "limits"

    def __init__(self, *indicators: str, fr: Sequence[str] = (), en: Sequence[str] = ()) -> None:
        self.indicators, self.texts = indicators, [Text(fr=one, en=other) for one, other in zip(fr, en, strict=True)]
        self.widget = block("atelier-limits")

    def redraw(self, selection: Selection) -> None:
        """Write the limits in the reader's language."""
        language, theme = selection.language, self.dashboard.workbench.theme
        cards = [self.dashboard.workbench.card(name) for name in self.indicators]
        said = [html(text[language]) for text in self.texts]
        colon = "\N{NO-BREAK SPACE}:" if language == "fr" else ":"
        said += [
            f"<strong>{html(card.label[language])}</strong>{colon} {html(card.limits[language])}" for card in cards
        ]
        datasets = dict.fromkeys(theme.require_indicator(name).dataset for name in self.indicators)
        sources = "".join(
            f"<h3>{html(theme.datasets[name].title[language])}</h3>{_listed([html(one[language]) for one in limits])}"
            for name in datasets
            if (limits := theme.datasets[name].limits)
        )
        more = f"<details><summary>{html(word('limits-sources', language))}</summary>{sources}</details>"
        put(self.widget, _listed(said) + (more if sources else ""))


class Related(View):
    """Where to read on: the theme's other dashboards with the same choices, printed reports, how to read figures.

    Shown in the public's page only: JupyterLab has no such addresses.

    Args:
        *dashboards: Names of dashboards of the theme; all the others by default.
    """

    name = "related"

    def __init__(self, *dashboards: str) -> None:
        self.dashboards = dashboards
        self.widget = block("atelier-related")

    def redraw(self, selection: Selection) -> None:
        """Write the links, each with what its page knows of the selection."""
        language = selection.language
        if not self.dashboard.in_page:
            return
        items = [
            f'<li><a href="{html(name + self._query(known, selection))}">{html(title[language])}</a></li>'
            for name, title, known in self._others
        ]
        folder = "../../en/" if language == "en" else "../../"
        items += [
            f'<li><a href="{folder}{path}/">{html(word(key, language))}</a></li>'
            for path, key in (("reports", "related-reports"), ("how-to-read", "related-reading"))
        ]
        put(self.widget, f"<ul>{''.join(items)}</ul>")

    def attach(self, dashboard: "object") -> None:
        """Find the dashboards of the theme and what each lets a reader choose."""
        super().attach(dashboard)  # type: ignore[arg-type]
        workbench = self.dashboard.workbench
        known = [one for one in read_dashboards(workbench.settings.home) if one.theme == workbench.theme.folder.name]
        kept = [one for one in known if not self.dashboards or one.name in self.dashboards]
        self._others = [
            (one.name, one.title, tuple(read_parameters(nbformat.read(one.path, as_version=4)).defaults))
            for one in kept
        ]

    def _query(self, known: Sequence[str], selection: Selection) -> str:
        shared = {name: code for name, code in selection.places.items() if name in known}
        if selection.language == "en":
            shared["lang"] = "en"
        return f"?{urlencode(shared)}" if shared else ""


def _listed(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{one}</li>' for one in items)}</ul>"
