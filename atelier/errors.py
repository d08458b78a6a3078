"""Every error dataESR raises on purpose.

    AtelierError
    ├── SettingsError          a setting is unknown or has the wrong type
    ├── DeclarationError       a theme's files hold mistakes, all listed
    ├── UnknownNameError       a name or code nobody declared; tells the allowed ones
    ├── QuestionError          a question the data cannot answer; tells why
    ├── DataError              a table breaks its schema or its checks, all listed
    ├── StoreError             a file could not be read, written or verified
    ├── ReportError            a report could not be run or exported
    └── ServiceError           a server could not start or stay up

Each message says what is wrong, where, and what to do. Problems found in declarations and in data are collected and
raised once. Only the edges (command line, HTTP, widgets) catch these errors; everything else lets them through.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

LISTED_NAMES = 12


class AtelierError(Exception):
    """The root of the tree: catch it to catch all that dataESR raises on purpose."""


class SettingsError(AtelierError):
    """A setting is unknown or has the wrong type."""


@dataclass(frozen=True)
class Problem:
    """One mistake: where it stands and what it is.

    Attributes:
        file: Path of the declaration or table, relative to the theme.
        key: Dotted key, field or check inside the file; empty when the whole file is concerned.
        message: What is wrong and what to do, one sentence.
    """

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        """Return ``file: key: message``."""
        return ": ".join(part for part in (self.file, self.key, self.message) if part)


class _ProblemsError(AtelierError):
    def __init__(self, subject: str, problems: Iterable[Problem]) -> None:
        self.subject = subject
        self.problems: tuple[Problem, ...] = tuple(problems)
        count = len(self.problems)
        head = f"{subject}: {count} problem{'s' if count != 1 else ''}"
        super().__init__("\n  ".join([head, *map(str, self.problems)]))

    def __reduce__(self) -> tuple[type, tuple[str, tuple[Problem, ...]]]:
        """Pass whole from one process to another."""
        return type(self), (self.subject, self.problems)


class DeclarationError(_ProblemsError):
    """A theme's declarations hold mistakes; ``problems`` lists all of them."""


class DataError(_ProblemsError):
    """A table breaks its schema or its checks; ``problems`` lists all of them."""


class UnknownNameError(AtelierError):
    """A name or code that nobody declared.

    Attributes:
        kind: What was looked for ("indicator", "region", ...).
        name: The name asked for.
        allowed: The names that exist.
    """

    def __init__(self, kind: str, name: str, allowed: Sequence[str]) -> None:
        self.kind, self.name, self.allowed = kind, name, tuple(allowed)
        near = get_close_matches(name, self.allowed, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        listed = ", ".join(self.allowed[:LISTED_NAMES])
        more = len(self.allowed) - LISTED_NAMES
        rest = f", and {more} more" if more > 0 else ""
        super().__init__(f"unknown {kind} {name!r}.{hint} Allowed: {listed or 'none'}{rest}.")

    def __reduce__(self) -> tuple[type, tuple[str, str, tuple[str, ...]]]:
        """Pass whole from one process to another."""
        return type(self), (self.kind, self.name, self.allowed)


class QuestionError(AtelierError):
    """A question the data cannot answer, with the reason and the way out."""


class StoreError(AtelierError):
    """A file could not be read, written or verified; the last good state is still in place."""


class ReportError(AtelierError):
    """A report could not be run or exported; the last edition is still in place."""


class ServiceError(AtelierError):
    """A server could not start or stay up."""
