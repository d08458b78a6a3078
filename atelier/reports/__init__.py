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
    members_table,
    nearest_peers,
    peers_table,
    rank_sentence,
    text,
)
from atelier.reports.depth import (
    across,
    breaks,
    card,
    checks_table,
    contents,
    dataset_cover,
    dataset_limits,
    fields_table,
    indicator_cover,
    latest,
    numbers,
    overview_cover,
    sample,
    show,
    story,
    trend,
    unmatched,
)
from atelier.reports.profile import Profile, open_profile
from atelier.reports.subject import main_indicators, open_indicator

__all__ = [
    "Profile",
    "across",
    "breaks",
    "card",
    "checks_table",
    "comparison",
    "contents",
    "cover",
    "dataset_cover",
    "dataset_limits",
    "definitions",
    "fields_table",
    "figure",
    "history",
    "indicator_cover",
    "key_figures",
    "latest",
    "limits",
    "main_indicators",
    "members_table",
    "nearest_peers",
    "numbers",
    "open_indicator",
    "open_profile",
    "overview_cover",
    "peers_table",
    "rank_sentence",
    "sample",
    "show",
    "story",
    "text",
    "trend",
    "unmatched",
]
