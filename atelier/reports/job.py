"""What is asked of a press, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from atelier.parameters import Value
from atelier.reports.changes import Earlier
from atelier.reports.document import Document

DOCUMENT = "document"
"""Place of a failure that comes after the notebook has run: its message tells where."""
RUN_SECONDS = 120
RUN_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Failure:
    """Where and why a notebook stopped.

    Attributes:
        place: The section, or the cell, that failed; empty when it is the whole notebook.
        message: The error, on one line.
        lines: The last lines of the traceback.
    """

    place: str
    message: str
    lines: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return ``place: message``."""
        return ": ".join(part for part in (self.place, self.message) if part)


@dataclass(frozen=True)
class Run:
    """What one run gave.

    Attributes:
        document: The document, None when the run failed.
        failure: Where and why it failed.
        executed: The executed notebook, as a file to keep.
        reads: Names of what it read; see ``atelier.editions.reads``.
        asked: Questions it asked.
        seconds: How long it took.
    """

    document: Document | None = None
    failure: Failure | None = None
    executed: bytes = b""
    reads: tuple[str, ...] = ()
    asked: frozenset[str] = field(default=frozenset(), repr=False)
    seconds: float = 0.0


@dataclass(frozen=True)
class Job:
    """Runs of one report that share a fork: a few subjects, in each language.

    Attributes:
        report: Identifier of the report.
        runs: Parameters of each run.
        seconds: Most time for each run.
        memory: Most bytes of memory it may add to those of the press.
        earlier: The edition in place of each run, if any.
    """

    report: str
    runs: tuple[Mapping[str, Value], ...]
    earlier: tuple[Earlier | None, ...] = ()
    seconds: float = RUN_SECONDS
    memory: int = RUN_BYTES
