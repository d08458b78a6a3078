"""Named checks on every table: a catalogue, the theme's own, and a report that a statistician can read.

The catalogue follows the data screener of the British department for education: structure, codes, totals, time,
meaning, vintages. ``docs/checks.md`` lists it.
"""

from atelier.datasets.checks.adjustments import check_tables
from atelier.datasets.checks.catalogue import BuiltIn, Finding, Severity, Subject
from atelier.datasets.checks.report import CheckReport, render_catalogue, render_html, render_json, render_lines
from atelier.datasets.checks.run import CATALOGUE, REVIEWED, VERDICTS, Fault, Outcome, Verdict, run_checks

__all__ = [
    "CATALOGUE",
    "REVIEWED",
    "VERDICTS",
    "BuiltIn",
    "CheckReport",
    "Fault",
    "Finding",
    "Outcome",
    "Severity",
    "Subject",
    "Verdict",
    "check_tables",
    "render_catalogue",
    "render_html",
    "render_json",
    "render_lines",
    "run_checks",
]
