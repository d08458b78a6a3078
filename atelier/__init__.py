"""dataESR: right figures, live dashboards, printable reports and notebooks to fork, from any theme of public data."""

from atelier import reports
from atelier.workbench import open_theme

__all__ = ["open_theme", "reports"]
