"""dataESR: right figures, live dashboards, printable reports and notebooks to fork, from any theme of public data."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from atelier.deferred import put_off

if TYPE_CHECKING:
    from atelier import reports
    from atelier.workbench import open_theme

__all__ = ["open_theme", "reports"]

put_off()


def __getattr__(name: str) -> Any:
    """Load a public name at its first use: a command that draws nothing need not load what draws."""
    if name == "open_theme":
        return import_module("atelier.workbench").open_theme
    if name == "reports":
        return import_module("atelier.reports")
    raise AttributeError(f"module 'atelier' has no attribute {name!r}")
