"""The fork page: an analyst's own copy of a dashboard, opened on the reader's selection.

This is an extension of the user's own Jupyter server, enabled by ``hub_config/user``; it is the one module of this
room that uses jupyter_server's and tornado's names, for there is no other way into that server. Reading the page
changes nothing; the copy is made by a form with the server's own token against forgery.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
import nbformat
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from markupsafe import Markup
from nbformat import NotebookNode
from tornado import web

from atelier.errors import AtelierError, QuestionError, StoreError
from atelier.indicators import Engine
from atelier.language import LANGUAGES, Text, same
from atelier.notebooks import Dashboard, read_dashboards, require_dashboard
from atelier.parameters import Value, read_parameters
from atelier.settings import Settings, load_settings
from atelier.theme import read_theme
from atelier.words import read_words

FOLDER = "forks"
_COPIES_AT_MOST = 10_000
_POLICY = "default-src 'self'; script-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


@dataclass(frozen=True)
class Fork:
    """A copy about to be made.

    Attributes:
        dashboard: What is copied.
        notebook: The notebook with the selection in its parameters cell.
        selection: What differs from the notebook's own values: what it is, and the words for its value.
    """

    dashboard: Dashboard
    notebook: NotebookNode
    selection: tuple[tuple[Text, Text], ...]


def build_fork(settings: Settings, theme: str, name: str, query: str) -> Fork:
    """Return the copy that a reader's address asks for; nothing is written.

    Args:
        settings: Where the project is.
        theme: Identifier of the theme.
        name: Identifier of the dashboard.
        query: Query of the dashboard's address: ``year=2022&region=53``.

    Raises:
        UnknownNameError: No such dashboard, parameter or code; the message names those there are.
        QuestionError: A value of another type.
    """
    dashboard = require_dashboard(read_dashboards(settings.home), theme, name)
    notebook = nbformat.read(dashboard.path, as_version=4)
    parameters = read_parameters(notebook, dashboard.path.name)
    asked = parameters.split_query(query)
    declared = parameters.defaults
    if "lang" not in declared:
        asked.pop("lang", None)
    members = read_members(settings, theme, tuple(declared))
    values = parameters.read(asked, members)
    changed = [one for one in parameters.declared if values[one.name] != one.default]
    filled = parameters.with_values(notebook, values) if changed else notebook
    selection = tuple((one.help, _told(values[one.name], members.get(one.name, {}))) for one in changed)
    return Fork(dashboard, filled, selection)


def _told(value: Value, words: Mapping[str, Text]) -> Text:
    codes = value if isinstance(value, tuple) else (str(value),)
    known = [words.get(code, same(code)) for code in codes]
    return Text(fr=", ".join(one.fr for one in known), en=", ".join(one.en for one in known))


@lru_cache(maxsize=8)
def read_members(settings: Settings, theme: str, names: tuple[str, ...]) -> dict[str, dict[str, Text]]:
    """Return codes and their words, for the parameters that are dimensions of the theme.

    Args:
        settings: Where the project is.
        theme: Identifier of the theme.
        names: Names of parameters (``institution_type`` for ``institution-type``).
    """
    declared = read_theme(settings, theme)
    engine = Engine(declared)
    found: dict[str, dict[str, Text]] = {}
    try:
        for dataset in declared.datasets:
            known = engine.dimensions(dataset)
            for name in names:
                if (dimension := known.get(name.replace("_", "-"))) is not None:
                    labels = {code: member.label for code, member in dimension.members.items()}
                    found.setdefault(name, {}).update(labels)
    finally:
        engine.close()
    return found


def write_fork(fork: Fork, home: Path) -> Path:
    """Write the copy below ``home``, beside older copies, never over one.

    Returns:
        The new file's path relative to ``home``.

    Raises:
        QuestionError: There are too many copies already.
        StoreError: The disk refused.
    """
    folder = home / FOLDER / fork.dashboard.theme
    text = nbformat.writes(fork.notebook) + "\n"
    for number in range(1, _COPIES_AT_MOST):
        path = folder / f"{fork.dashboard.name}-{number}.ipynb"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreError(
                f"{path} was not written ({error.strerror}): free some space or check the rights."
            ) from error
        return path.relative_to(home)
    raise QuestionError(f"{folder} holds {_COPIES_AT_MOST} copies already: delete some.")


class ForkHandler(JupyterHandler):
    """Shows what would be copied, and copies it."""

    def initialize(self, settings: Settings, home: Path) -> None:
        """Take the project's settings and the folder the user's files are in."""
        self.atelier, self.home = settings, home

    @property
    def content_security_policy(self) -> str:
        """Let nothing run on this page."""
        return _POLICY

    @web.authenticated
    def get(self, theme: str, name: str) -> None:
        """Show what would be copied."""
        try:
            self._show(build_fork(self.atelier, theme, name, self.request.query), theme)
        except AtelierError as error:
            self._refuse(error, theme)

    @web.authenticated
    def post(self, theme: str, name: str) -> None:
        """Copy, and open the copy."""
        try:
            copy = write_fork(build_fork(self.atelier, theme, name, self.request.query), self.home)
        except AtelierError as error:
            self._refuse(error, theme)
        else:
            self.redirect(url_path_join(self.base_url, "lab/tree", quote(copy.as_posix())), status=HTTPStatus.SEE_OTHER)

    def _refuse(self, error: AtelierError, theme: str) -> None:
        self.set_status(HTTPStatus.BAD_REQUEST)
        self._show(None, theme, problem=str(error))

    def _show(self, fork: Fork | None, theme: str, problem: str = "") -> None:
        language = self.get_argument("lang", "fr")
        language = language if language in LANGUAGES else "fr"
        root = os.environ.get("JUPYTERHUB_BASE_URL", "/")
        self.finish(
            _templates(self.atelier.home)
            .get_template("fork.html")
            .render(
                all_words=read_words(self.atelier.home),
                language=language,
                public=url_path_join(root, "services/public/"),
                base_url=url_path_join(root, "hub/"),
                user=None,
                problem=problem,
                dashboard=fork and fork.dashboard,
                selection=fork and [(label[language], value[language]) for label, value in fork.selection],
                target=f"{FOLDER}/{theme}/",
                xsrf_field=Markup(self.xsrf_form_html()),  # noqa: S704 - tornado's own, escaped there
            )
        )


def _templates(home: Path) -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.FileSystemLoader(home / "templates" / "hub"), autoescape=True)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "atelier.hub.fork"}]


def _load_jupyter_server_extension(server: Any) -> None:
    route = url_path_join(server.web_app.settings["base_url"], r"fork/([a-z0-9-]+)/dashboards/([a-z0-9-]+)")
    options = {"settings": load_settings(), "home": Path(server.root_dir)}
    server.web_app.add_handlers(".*$", [(route, ForkHandler, options)])
