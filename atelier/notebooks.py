"""The notebooks a project makes public: found by name once, never by walking a folder at a reader's request.

A dashboard is ``notebooks/<theme>/dashboards/<name>.ipynb``. Its title and description are declared in the
notebook's metadata, in French and English::

    "metadata": {"atelier": {"title": {"fr": "…", "en": "…"}, "description": {"fr": "…", "en": "…"},
                             "questions": [{"fr": "… ?", "en": "…?"}], "order": 1}}
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from atelier.errors import DeclarationError, Problem, UnknownNameError
from atelier.language import Text, same

NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_HEADING = re.compile(r"^#\s+(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Dashboard:
    """One notebook served live.

    Attributes:
        theme: Identifier of its theme.
        name: Identifier of the notebook inside the theme.
        path: The notebook's file.
        title: What readers see first.
        description: One or two sentences; empty when the notebook declares none.
        questions: What it answers, in order.
        order: Its place among those of its theme: the lowest first, then by name.
    """

    theme: str
    name: str
    path: Path
    title: Text
    description: Text
    questions: tuple[Text, ...] = ()
    order: int = 0

    @property
    def address(self) -> str:
        """Return the path of its page below the public prefix: ``dashboards/esr/students``."""
        return f"dashboards/{self.theme}/{self.name}"

    @property
    def fork_address(self) -> str:
        """Return the path of its fork page below a user's server: ``fork/esr/dashboards/students``."""
        return f"fork/{self.theme}/dashboards/{self.name}"


def read_dashboards(home: Path) -> tuple[Dashboard, ...]:
    """Return the dashboards of every theme, ordered by theme, then as they declare, then by name.

    Args:
        home: Project folder that holds ``notebooks/``.

    Raises:
        DeclarationError: Notebooks that are not readable, or badly named; all are listed.
    """
    found, problems = [], []
    for path in sorted((home / "notebooks").glob("*/dashboards/*.ipynb")):
        where = str(path.relative_to(home))
        if not (NAME.fullmatch(path.stem) and NAME.fullmatch(path.parts[-3])):
            problems.append(Problem(where, "name", "use lower-case letters, digits and hyphens."))
            continue
        try:
            found.append(read_dashboard(path))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(Problem(where, "metadata.atelier", _reason(error)))
    if problems:
        raise DeclarationError("notebooks", problems)
    return tuple(sorted(found, key=lambda one: (one.theme, one.order, one.name)))


def read_dashboard(path: Path) -> Dashboard:
    """Return the dashboard stored in ``path``.

    Raises:
        ValueError: The file is not a notebook, or its declared title lacks a language.
    """
    notebook: dict[str, Any] = json.loads(path.read_text("utf-8"))
    declared = notebook["metadata"].get("atelier", {})
    title = Text(**declared["title"]) if "title" in declared else same(_first_heading(notebook) or path.stem)
    description = Text(**declared["description"]) if "description" in declared else same("")
    questions = tuple(Text(**one) for one in declared.get("questions", ()))
    order = int(declared.get("order", 0))
    return Dashboard(path.parts[-3], path.stem, path, title, description, questions, order)


def require_dashboard(dashboards: tuple[Dashboard, ...], theme: str, name: str) -> Dashboard:
    """Return the dashboard called ``name`` in ``theme``.

    Raises:
        UnknownNameError: There is none; the message lists those there are.
    """
    for dashboard in dashboards:
        if (dashboard.theme, dashboard.name) == (theme, name):
            return dashboard
    raise UnknownNameError("dashboard", f"{theme}/{name}", [f"{one.theme}/{one.name}" for one in dashboards])


def _first_heading(notebook: dict[str, Any]) -> str:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            heading = _HEADING.search("".join(cell["source"]))
            if heading:
                return heading.group(1)
    return ""


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    return f"not a readable notebook ({error})."
