"""The report of checks: as lines for a terminal, as JSON for machines, as a page for a statistician."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment

from atelier.datasets.checks.run import CATALOGUE, VERDICTS, Outcome, Verdict
from atelier.errors import Problem
from atelier.language import Language, Text

VERDICT_WORDS: dict[Verdict, Text] = {
    "pass": Text(fr="conforme", en="pass"),
    "warning": Text(fr="alerte", en="warning"),
    "error": Text(fr="erreur", en="error"),
    "off": Text(fr="écarté", en="set aside"),
    "not-applicable": Text(fr="sans objet", en="not applicable"),
    "not-run": Text(fr="non exécuté", en="not run"),
}
_WORDS = {
    "title": Text(fr="Contrôles du thème {theme}", en="Checks of theme {theme}"),
    "blocked": Text(
        fr="Publication bloquée : les chiffres en place sont gardés.",
        en="Publication blocked: the figures in place are kept.",
    ),
    "open": Text(fr="Rien n’empêche la publication.", en="Nothing stands in the way of publication."),
    "table": Text(fr="Table", en="Table"),
    "check": Text(fr="Contrôle", en="Check"),
    "verdict": Text(fr="Verdict", en="Verdict"),
    "count": Text(fr="Nombre", en="Count"),
    "fault": Text(fr="Constat", en="What was found"),
    "example": Text(fr="Exemples", en="Examples"),
    "advice": Text(fr="Que faire", en="What to do"),
    "reason": Text(fr="Motif", en="Reason"),
    "to-read": Text(fr="À lire", en="To read"),
    "all": Text(fr="Tous les contrôles", en="All checks"),
}

_INTRODUCTION = """\
# Checks

Every table is checked by name before it is published, as data screeners do: `atelier datasets build` runs the checks
below and those the theme names itself, and `atelier datasets check` runs them on the figures in place. An **error**
blocks the publication and the figures in place stay; a **warning** is told and published. What was found is written
as JSON and as a page, in French and in English, in `.atelier/checks/`; the verdicts stay beside the figures, in
`figures/checks.json`.

```sh
.venv/bin/atelier datasets check                 # the figures in place: what was found
.venv/bin/atelier datasets check --all --lang en # every check, those that pass too
.venv/bin/atelier datasets check --new           # what the raw tables would give, without publishing it
.venv/bin/atelier datasets check --html page.html
.venv/bin/atelier datasets build --accept vintage-codes   # after review: let what vanished go, this time
```

A theme makes a check stricter or looser for one table, and says why; the reason stands in the report:

```toml
[[adjustments]]
check = "missing-margins"
fields = ["bac_origin"]
tolerance = 0.15                      # or severity = "error", "warning", "off"
reason = { fr = "L’origine du baccalauréat n’est pas connue avant 2008.", en = "Origins are not known before 2008." }
```

A theme's own check that bears the name of a built-in one takes its place: a stricter or wiser `abrupt-change`.
`fields` limits an adjustment to some columns. A *fixed* check cannot be adjusted: nothing right could be built
without it. A tolerance is a share (0.05 is 5%), except for `abrupt-change`, where it is a factor. A dimension
that says `partition = false` is exempt from `totals-equal-parts`. `dated-codes` reads the columns that a reference
names in `valid_from` and `valid_to`, years or days, both included.

This page is written by `atelier datasets catalogue`; a test holds it equal to the catalogue.
"""


@dataclass(frozen=True)
class CheckReport:
    """The verdicts of every check on every table of a theme.

    Attributes:
        theme: Identifier of the theme.
        outcomes: Verdicts, in the order tables and checks are run.
    """

    theme: str
    outcomes: tuple[Outcome, ...] = ()

    @property
    def errors(self) -> list[Problem]:
        """What blocks the publication."""
        return [problem for outcome in self.outcomes for problem in outcome.problems("error")]

    @property
    def warnings(self) -> list[Problem]:
        """What is told and does not block."""
        return [problem for outcome in self.outcomes for problem in outcome.problems("warning")]

    @property
    def tables(self) -> list[str]:
        """Tables checked, in order."""
        return list(dict.fromkeys(outcome.table for outcome in self.outcomes))

    def counts(self, table: str) -> dict[Verdict, int]:
        """Return how many checks of a table came to each verdict."""
        counted = Counter(outcome.verdict for outcome in self.outcomes if outcome.table == table)
        return {verdict: counted[verdict] for verdict in VERDICTS if counted[verdict]}

    def standing(self) -> dict[str, dict[str, str]]:
        """Return the verdict of each check by table: what is kept beside the figures.

        Checks between vintages are left out, as they tell of the day of a publication, and those that do not apply.
        """
        kept: dict[str, dict[str, str]] = {table: {} for table in sorted(self.tables)}
        for outcome in self.outcomes:
            if outcome.verdict != "not-applicable" and outcome.is_standing:
                kept[outcome.table][outcome.check] = outcome.verdict
        return kept


def render_lines(report: CheckReport, language: Language, *, every: bool = False) -> Iterator[str]:
    """Yield the lines of a report for a terminal: what was found by default, every check on demand."""
    for table in report.tables:
        counts = [f"{number} {VERDICT_WORDS[verdict][language]}" for verdict, number in report.counts(table).items()]
        yield f"{table}: {', '.join(counts)}"
        for outcome in report.outcomes:
            if outcome.table == table:
                yield from _outcome_lines(outcome, language, every=every)
    yield _WORDS["blocked" if report.errors else "open"][language]


def render_json(report: CheckReport) -> str:
    """Return a report as JSON, texts in both languages."""
    outcomes = [
        {
            "table": outcome.table,
            "check": outcome.check,
            "verifies": outcome.verifies.model_dump(),
            "verdict": outcome.verdict,
            "faults": [
                {
                    "where": fault.where,
                    "severity": fault.severity,
                    "count": fault.count,
                    "examples": fault.examples,
                    "message": fault.message.model_dump(),
                    "advice": outcome.advice.model_dump(),
                    "reason": fault.reason and fault.reason.model_dump(),
                }
                for fault in outcome.faults
            ],
        }
        for outcome in report.outcomes
    ]
    told = {"theme": report.theme, "publishable": not report.errors, "outcomes": outcomes}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def render_html(report: CheckReport, language: Language) -> str:
    """Return a report as one page that needs nothing else: what to read first, then every check of every table."""
    template = (files("atelier.datasets.checks") / "report.html.j2").read_text("utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(
        report=report,
        language=language,
        words={name: text.format({"theme": report.theme})[language] for name, text in _WORDS.items()},
        verdicts={verdict: text[language] for verdict, text in VERDICT_WORDS.items()},
        found=[outcome for outcome in report.outcomes if outcome.faults],
    )


def render_catalogue() -> str:
    """Return the catalogue of built-in checks as the Markdown page ``docs/checks.md``."""
    return f"{_INTRODUCTION}\n" + "\n".join(_catalogue_lines()) + "\n"


def _catalogue_lines() -> Iterator[str]:
    yield "| check | what holds when it passes | severity | tolerance |"
    yield "|---|---|---|---|"
    for check in CATALOGUE.values():
        severity = f"{check.severity}, fixed" if check.fixed else check.severity
        tolerance = "" if check.tolerance is None else f"{check.tolerance:g}"
        yield f"| `{check.name}` | {check.verifies.en} | {severity} | {tolerance} |"


def _outcome_lines(outcome: Outcome, language: Language, *, every: bool) -> Iterator[str]:
    verdict = VERDICT_WORDS[outcome.verdict][language]
    if every and not outcome.faults:
        yield f"  {verdict:<14} {outcome.check:<20} {outcome.verifies[language]}"
    for fault in outcome.faults:
        severity = VERDICT_WORDS[fault.severity][language]
        where = f"{fault.where}: " if fault.where else ""
        yield f"  {severity:<14} {outcome.check:<20} {where}{fault.message[language]}."
        indent = " " * 38
        if fault.examples:
            yield f"{indent}{'; '.join(_some(fault.examples))}"
        yield f"{indent}{(fault.reason or outcome.advice)[language]}"


def _some(examples: Iterable[str], shown: int = 5) -> list[str]:
    listed = list(examples)
    return listed[:shown] + (["…"] if len(listed) > shown else [])
