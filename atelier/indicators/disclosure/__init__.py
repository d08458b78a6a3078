"""Statistical disclosure control, in one place, before anything leaves the engine.

``primary`` hides the cells that few people stand behind. What would give them away (a total beside its other parts, the
same count under another question, another filter or another name) is hidden too: ``swaps`` finds what must stay in
doubt, ``pattern`` does so once for each dataset of a theme, ``guard`` holds every answer to it.
"""

from atelier.indicators.disclosure.guard import Guard
from atelier.indicators.disclosure.pattern import Patterns
from atelier.indicators.disclosure.primary import HIDDEN, MISSING, NOT_APPLICABLE, SMALL, protect

__all__ = ["HIDDEN", "MISSING", "NOT_APPLICABLE", "SMALL", "Guard", "Patterns", "protect"]
