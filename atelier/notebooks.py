"""The notebooks a project makes public: found by name once, never by walking a folder at a reader's request.

A dashboard is ``notebooks/<theme>/dashboards/<name>.ipynb``. Its title and description are declared in the
notebook's metadata, in French and English::

    "metadata": {"atelier": {"title": {"fr": "…", "en": "…"}, "description": {"fr": "…", "en": "…"},
                             "questions": [{"fr": "… ?", "en": "…?"}], "order": 1,
                             "editions": ["region", "institution"]}}

``editions`` names the parameters that readers ask for: static editions are made for each of their codes.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from atelier.errors import DeclarationError, Problem, UnknownNameError
from atelier.language import Text, same
from atelier.parameters import Value, read_parameters

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
        defaults: What its parameters are set to in the notebook, in their order.
        titles: What its parameters are called, by name.
        editions: Parameters that have a static edition for each of their codes.
        sha256: Hash of the file.
    """

    theme: str
    name: str
    path: Path
    title: Text
    description: Text
    questions: tuple[Text, ...] = ()
    order: int = 0
    defaults: Mapping[str, Value] = field(default_factory=dict)
    titles: Mapping[str, Text] = field(default_factory=dict)
    editions: tuple[str, ...] = ()
    sha256: str = ""

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
    content = path.read_bytes()
    notebook = read_plain(content)
    declared = notebook["metadata"].get("atelier", {})
    title = Text(**declared["title"]) if "title" in declared else same(_first_heading(notebook) or path.stem)
    description = Text(**declared["description"]) if "description" in declared else same("")
    questions = tuple(Text(**one) for one in declared.get("questions", ()))
    parameters = read_parameters(notebook, path.name)
    defaults = parameters.defaults
    editions = tuple(declared.get("editions", ()))
    for name in editions:
        if name not in defaults:
            raise ValueError(f"editions: {name!r} is not one of its parameters ({', '.join(defaults)}).")
    return Dashboard(
        theme=path.parts[-3],
        name=path.stem,
        path=path,
        title=title,
        description=description,
        questions=questions,
        order=int(declared.get("order", 0)),
        defaults=defaults,
        titles={one.name: one.help for one in parameters.declared},
        editions=editions,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def require_dashboard(dashboards: tuple[Dashboard, ...], theme: str, name: str) -> Dashboard:
    """Return the dashboard called ``name`` in ``theme``.

    Raises:
        UnknownNameError: There is none; the message lists those there are.
    """
    for dashboard in dashboards:
        if (dashboard.theme, dashboard.name) == (theme, name):
            return dashboard
    raise UnknownNameError("dashboard", f"{theme}/{name}", [f"{one.theme}/{one.name}" for one in dashboards])


class _Plain(dict[str, Any]):
    """A part of a notebook, read without loading what validates notebooks: a plan reads many and runs none."""

    def __getattr__(self, name: str) -> Any:
        """Return a key as an attribute, as a notebook's nodes do."""
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error


def read_plain(content: bytes) -> Any:
    """Return a notebook's file as plain data, whose keys are attributes too and whose sources are one text each.

    Raises:
        ValueError: It is not JSON.
    """
    notebook = json.loads(content, object_hook=_Plain)
    for cell in notebook.cells:
        cell["source"] = "".join(cell.source)
    return notebook


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
