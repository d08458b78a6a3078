"""Runs the catalogue and the theme's own checks on one table, and tells a verdict for each."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, get_args

import duckdb

from atelier.datasets.checks import codes, meaning, structure, successions, totals, vintages, years
from atelier.datasets.checks.catalogue import ENTERED, WORDS, BuiltIn, Finding, Severity, Stage, Subject
from atelier.datasets.schema import typed_select
from atelier.declarations import Adjustment, Check
from atelier.errors import Problem
from atelier.language import Text, same

Verdict = Literal["pass", "warning", "error", "off", "not-applicable", "not-run"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

CATALOGUE: Mapping[str, BuiltIn] = {name: ENTERED[name] for name in WORDS}
"""Every built-in check by name, in the order of their words, from the raw table to the vintages."""

MODULES = (structure, codes, successions, totals, years, meaning, vintages)
"""The modules whose checks the catalogue holds."""

REVIEWED = frozenset(name for name in CATALOGUE if name.startswith("vintage-"))
"""Checks that compare with the figures in place: what they find may be accepted for one build, by hand."""


@dataclass(frozen=True)
class Fault:
    """One thing a check found wrong.

    Attributes:
        where: Column, code list or indicator.
        severity: What it does to the publication.
        count: Rows, keys or codes at fault.
        examples: A few of them.
        message: What is wrong.
        reason: Why the theme, or who published, changed the severity.
    """

    where: str
    severity: Severity
    count: int
    examples: tuple[str, ...]
    message: Text
    reason: Text | None = None


@dataclass(frozen=True)
class Outcome:
    """The verdict of one check on one table.

    Attributes:
        table: ``datasets/loans``.
        check: Name of the check.
        verifies: What holds when it passes.
        advice: What to do when it does not.
        verdict: ``error`` blocks; ``off`` was set aside by the theme; ``not-run`` could not be, after another error.
        faults: What it found.
        blames: Kind of the file its problems are told of.
        own: Whether it is a check of the theme, not of the catalogue.
    """

    table: str
    check: str
    verifies: Text
    advice: Text
    verdict: Verdict
    faults: tuple[Fault, ...] = ()
    blames: str = "toml"
    own: bool = False

    @property
    def is_standing(self) -> bool:
        """Whether the verdict speaks of the figures themselves, not of what they replace."""
        return self.check not in REVIEWED and self.check != "source-columns"

    def problems(self, severity: Severity) -> list[Problem]:
        """Return the faults of a severity as problems, in English as all errors are."""
        file = f"{self.table}.{self.blames}"
        key = f"checks.{self.check}" if self.own else ""
        return [
            Problem(file, key or fault.where, self._sentence(fault))
            for fault in self.faults
            if fault.severity == severity
        ]

    def _sentence(self, fault: Fault) -> str:
        examples = f", such as {'; '.join(fault.examples)}" if fault.examples else ""
        return f"{fault.message.en}{examples}. {self.advice.en} [{self.check}]"


_ADVICE_OWN = Text(
    fr="Corrigez la source, la requête, ou le contrôle s’il se trompe.",
    en="Correct the source, the query, or the check if it is wrong.",
)
_ACCEPTED = Text(fr="Accepté à la main pour cette publication.", en="Accepted by hand for this publication.")


def run_checks(subject: Subject, accepted: Collection[str] = ()) -> list[Outcome]:
    """Return the verdict of every check on a table; leaves its typed ``figures`` unless an error forbids it.

    A check of the theme that bears the name of a built-in one takes its place.

    Args:
        subject: The table, whose ``compiled`` relation the connection holds unless it failed before.
        accepted: Checks among ``REVIEWED`` whose errors only warn this time.
    """
    outcomes = _run_stage(subject, "declared", accepted)
    ready = not subject.failures
    compiled = _run_stage(subject, "compiled", accepted, ready=ready)
    ready = ready and not any(outcome.verdict == "error" for outcome in compiled)
    if ready:
        subject.connection.execute(f"CREATE TABLE figures AS {typed_select(subject.table, 'compiled')}")
    outcomes += compiled
    outcomes += _run_stage(subject, "figures", accepted, ready=ready)
    outcomes += _run_stage(subject, "previous", accepted, ready=ready)
    return outcomes + [_run_own(subject, check, ready=ready) for check in subject.table.checks]


def _run_stage(subject: Subject, stage: Stage, accepted: Collection[str], *, ready: bool = True) -> list[Outcome]:
    own = {check.name for check in subject.table.checks}
    checks = [check for check in CATALOGUE.values() if check.stage == stage and check.name not in own]
    return [
        _run_built_in(subject, check, accepted) if ready else _outcome(subject, check, "not-run") for check in checks
    ]


def _run_built_in(subject: Subject, check: BuiltIn, accepted: Collection[str]) -> Outcome:
    if not check.applies(subject):
        return _outcome(subject, check, "not-applicable")
    found = check.search(subject, partial(subject.tolerance, check.name))
    faults = [_fault(check, finding, subject.table.adjustments) for finding in found]
    if check.name in accepted:
        faults = [
            replace(fault, severity="warning", reason=_ACCEPTED) if fault.severity == "error" else fault
            for fault in faults
        ]
    return replace(_outcome(subject, check, _verdict(faults)), faults=tuple(faults))


def _fault(check: BuiltIn, finding: Finding, adjustments: Iterable[Adjustment]) -> Fault:
    severity, reason = finding.severity or check.severity, None
    for one in adjustments:
        if one.check == check.name and (not one.fields or finding.where in one.fields):
            severity, reason = one.severity or severity, one.reason
    return Fault(finding.where, severity, finding.count, finding.examples, check.fault(finding), reason)


def _run_own(subject: Subject, check: Check, *, ready: bool) -> Outcome:
    outcome = Outcome(subject.name, check.name, check.message, _ADVICE_OWN, "not-run", own=True)
    if not ready:
        return outcome
    try:
        found = list(subject.find(check.sql, ""))
    except duckdb.Error as error:
        message = same(f"its SQL fails: {' '.join(str(error).split())}")
        faults = [Fault("", "error", 1, (), message)]
    else:
        faults = [Fault("", check.severity, one.count, one.examples, _own(check, one)) for one in found]
    return replace(outcome, verdict=_verdict(faults), faults=tuple(faults))


def _own(check: Check, finding: Finding) -> Text:
    return Text(
        fr=f"{check.message.fr.rstrip('.')} ({finding.count} ligne(s))",
        en=f"{check.message.en.rstrip('.')} ({finding.count} row(s))",
    )


def _outcome(subject: Subject, check: BuiltIn, verdict: Verdict) -> Outcome:
    return Outcome(subject.name, check.name, check.verifies, check.advice, verdict, blames=check.blames)


def _verdict(faults: Iterable[Fault]) -> Verdict:
    severities = {fault.severity for fault in faults}
    return next((severity for severity in ("error", "warning", "off") if severity in severities), "pass")
