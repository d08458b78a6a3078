"""Dashboards for theme authors: one selection, and views that follow it.

    board = aw.Dashboard(esr, year=year, region=region, lang=lang)
    board.show(aw.Title(fr="Qui étudie où ?", en="Who studies where?"), aw.Controls())

    def trend(chosen):
        return esr.indicator("students").by("year").where(**chosen.without("year"))

    board.show(aw.FigureView(trend, "line"))

The only home of ipywidgets and bqplot. The same notebook works in the public's page and in JupyterLab.
"""

from atelier_widgets.controls import Controls
from atelier_widgets.dashboard import Dashboard
from atelier_widgets.downloads import Downloads
from atelier_widgets.figures import FigureView
from atelier_widgets.further import Limits, Related
from atelier_widgets.headings import Contents, Heading, Title
from atelier_widgets.keyfigures import KeyFigures
from atelier_widgets.narrative import Narrative
from atelier_widgets.peers import Peers
from atelier_widgets.position import Cautions, Position
from atelier_widgets.selection import Selection

__all__ = [
    "Cautions",
    "Contents",
    "Controls",
    "Dashboard",
    "Downloads",
    "FigureView",
    "Heading",
    "KeyFigures",
    "Limits",
    "Narrative",
    "Peers",
    "Position",
    "Related",
    "Selection",
    "Title",
]
