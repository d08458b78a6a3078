"""Reports: profiles, the blocks they are made of, and the factory that publishes them as HTML and PDF.

A notebook finds here what it shows. ``run``, ``export``, ``editions`` and ``production`` are imported by the command
line alone, so that a notebook does not load Papermill, nbconvert or Typst.
"""

from atelier.reports.compose import (
    comparison,
    cover,
    definitions,
    figure,
    history,
    key_figures,
    limits,
    nearest_peers,
    peers_table,
    rank_sentence,
    text,
)
from atelier.reports.profile import Profile, open_profile

__all__ = [
    "Profile",
    "comparison",
    "cover",
    "definitions",
    "figure",
    "history",
    "key_figures",
    "limits",
    "nearest_peers",
    "open_profile",
    "peers_table",
    "rank_sentence",
    "text",
]
