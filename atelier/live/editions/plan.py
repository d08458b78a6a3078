"""Which static editions a dashboard has, which must be made, and why. Nothing here runs a notebook."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from atelier.editions.dependencies import Dependencies, Medium, explain
from atelier.editions.shelf import Codes, Shelf, is_code, key_of
from atelier.editions.store import current_version, read_record
from atelier.errors import DeclarationError, Problem, UnknownNameError
from atelier.language import LANGUAGES
from atelier.notebooks import Dashboard

MEDIUM = Medium(
    templates=tuple(
        f"templates/site/{name}"
        for name in ("edition.html.j2", "page.html.j2", "header.html.j2", "footer.html.j2", "words.toml")
    ),
    rooms_apart=frozenset({"reports", "site", "api", "hub", "cli"}),
    packages=("atelier", "atelier_widgets"),
)
"""What every static edition goes through."""

NEW, DAMAGED = "new", "a file is gone or damaged"


@dataclass(frozen=True)
class View:
    """One static edition.

    Attributes:
        dashboard: Its dashboard.
        language: Its language.
        chosen: The parameter and the code it is made for; empty for the notebook's own selection.
        reasons: Why it must be made; empty when it is up to date.
    """

    dashboard: Dashboard
    language: str
    chosen: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name among those of its dashboard: ``fr``, ``region-53-en``."""
        return key_of(self.chosen, self.language)

    @property
    def query(self) -> str:
        """The query it is drawn for; never empty."""
        return urlencode({**self.chosen, "lang": self.language})

    @property
    def live_query(self) -> str:
        """The query of the live page that shows the same, with its question mark."""
        told = {**self.chosen, **({} if self.language == "fr" else {"lang": self.language})}
        return f"?{urlencode(told)}" if told else ""


@dataclass(frozen=True)
class Request:
    """What is asked of a production.

    Attributes:
        languages: Languages to make.
        only_own: Whether only the notebooks' own selections are made.
        codes: Codes to make views for, by parameter; all by default.
    """

    languages: tuple[str, ...] = LANGUAGES
    only_own: bool = False
    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether every view is asked for."""
        return not self.only_own and not self.codes and set(self.languages) == set(LANGUAGES)


def read_request(languages: Iterable[str] = LANGUAGES, codes: Iterable[str] = (), *, only_own: bool = False) -> Request:
    """Return what is asked.

    Args:
        languages: Languages to make.
        codes: Views to make, each as ``region=53``.
        only_own: Whether only the notebooks' own selections are made.

    Raises:
        UnknownNameError: A language that does not exist, or a view not written as ``name=code``.
    """
    asked: dict[str, list[str]] = {}
    for one in codes:
        name, equals, code = one.partition("=")
        if not equals:
            raise UnknownNameError("view", one, ["region=53"])
        asked.setdefault(name.strip(), []).append(code.strip())
    languages = tuple(languages)
    for language in languages:
        if language not in LANGUAGES:
            raise UnknownNameError("language", language, LANGUAGES)
    return Request(languages, only_own, asked)


def own_views(shelf: Shelf, dependencies: Dependencies, languages: Iterable[str]) -> list[View]:
    """Return the views of the notebook's own selection."""
    return [_planned(View(shelf.dashboard, language), shelf, dependencies) for language in languages]


def other_views(shelf: Shelf, dependencies: Dependencies, request: Request, codes: Codes) -> list[View]:
    """Return the views of each code that the dashboard declares to be asked for.

    Args:
        shelf: Where its editions are.
        dependencies: The hashes of today.
        request: What is asked.
        codes: Codes that have figures, by parameter.

    Raises:
        UnknownNameError: A code is asked that has no figures.
        DeclarationError: A code cannot be part of an address, or a parameter is not one whose codes are known.
    """
    found = []
    for name in () if request.only_own else shelf.dashboard.editions:
        present = [code for code, _words in codes.get(name, ())]
        if wrong := [code for code in present if not is_code(code)]:
            problem = Problem(shelf.dashboard.path.name, f"editions.{name}", f"code {wrong[0]!r} cannot be an address.")
            raise DeclarationError("notebook", [problem])
        asked = request.codes.get(name, () if request.codes else present)
        for code in asked:
            if code not in present:
                raise UnknownNameError(name, code, present)
            found += [View(shelf.dashboard, language, {name: code}) for language in request.languages]
    return [_planned(view, shelf, dependencies) for view in found]


def _planned(view: View, shelf: Shelf, dependencies: Dependencies) -> View:
    return View(view.dashboard, view.language, view.chosen, _reasons(view, shelf, dependencies))


def _reasons(view: View, shelf: Shelf, dependencies: Dependencies) -> tuple[str, ...]:
    record = read_record(shelf.folder, view.key)
    if record is None or current_version(shelf.folder, view.key) is None:
        return (NEW,)
    if not shelf.holds(view.key, record.files):
        return (DAMAGED,)
    return explain(record.inputs, dependencies.now(view.dashboard, record.inputs))
