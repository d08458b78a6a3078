"""A theme read from its folder and checked whole: every mistake is reported at once, with file and key."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from atelier.declarations import Dataset, Disclosure, Indicator, Reference, Table, Term, ThemeFile
from atelier.errors import DeclarationError, Problem, UnknownNameError
from atelier.settings import Settings

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Theme:
    """One subject: its declarations and the SQL beside them.

    Attributes:
        id: Name of the folder.
        folder: ``themes/<id>``.
        card: ``theme.toml``.
        datasets: By identifier, as are the next four.
        references: Code lists.
        indicators: Cards and formulas.
        glossary: Terms.
        sql: Text of the SQL files, by ``datasets/<id>`` or ``references/<id>``.
    """

    id: str
    folder: Path
    card: ThemeFile
    datasets: Mapping[str, Dataset] = field(default_factory=dict)
    references: Mapping[str, Reference] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    glossary: Mapping[str, Term] = field(default_factory=dict)
    sql: Mapping[str, str] = field(default_factory=dict)

    def require_indicator(self, name: str) -> Indicator:
        """Return an indicator; UnknownNameError names the others."""
        return _require("indicator", name, self.indicators)

    def require_dataset(self, name: str) -> Dataset:
        """Return a dataset; UnknownNameError names the others."""
        return _require("dataset", name, self.datasets)

    def require_reference(self, name: str) -> Reference:
        """Return a reference; UnknownNameError names the others."""
        return _require("reference", name, self.references)

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Yield ``("references/regions", declaration)``, what others point to first, then the datasets."""
        graph = {
            name: {field.reference for field in reference.fields if field.reference and field.reference != name}
            for name, reference in self.references.items()
        }
        for name in TopologicalSorter(graph).static_order():
            yield f"references/{name}", self.references[name]
        for name, dataset in self.datasets.items():
            yield f"datasets/{name}", dataset

    def disclosure(self, dataset: str) -> Disclosure:
        """Return the disclosure rule in force for a dataset."""
        return self.datasets[dataset].disclosure or self.card.disclosure


def theme_names(settings: Settings) -> list[str]:
    """Return the themes that the project holds."""
    return sorted(path.parent.name for path in (settings.home / "themes").glob("*/theme.toml"))


def read_theme(settings: Settings, name: str | None = None) -> Theme:
    """Return a theme, checked: files, keys, types, and names that point to one another.

    Raises:
        UnknownNameError: No such theme.
        DeclarationError: The declarations hold mistakes; all are listed with file and key.
    """
    name = name or settings.theme
    names = theme_names(settings)
    if name not in names:
        raise UnknownNameError("theme", name, names)
    folder = settings.home / "themes" / name
    problems: list[Problem] = []
    card = _read(folder / "theme.toml", ThemeFile, folder, problems)
    read: dict[str, dict[str, Any]] = {
        kind: _read_all(folder / kind, model, folder, problems)
        for kind, model in {
            "datasets": Dataset,
            "references": Reference,
            "indicators": Indicator,
            "glossary": Term,
        }.items()
    }
    sql = {}
    for kind in ("datasets", "references"):
        for table in read[kind]:
            path = folder / kind / f"{table}.sql"
            if path.exists():
                sql[f"{kind}/{table}"] = path.read_text("utf-8")
            else:
                problems.append(Problem(f"{kind}/{table}.sql", "", "missing: each table has its SQL beside it."))
    if card is not None:
        theme = Theme(id=name, folder=folder, card=card, sql=sql, **read)
        problems += _check_names(theme)
        if not problems:
            return theme
    raise DeclarationError(f"theme {name!r}", problems)


def _require(kind: str, name: str, known: Mapping[str, M]) -> M:
    if name not in known:
        raise UnknownNameError(kind, name, sorted(known))
    return known[name]


def _read_all(folder: Path, model: type[M], root: Path, problems: list[Problem]) -> dict[str, M]:
    found = ((path.stem, _read(path, model, root, problems)) for path in sorted(folder.glob("*.toml")))
    return {name: declaration for name, declaration in found if declaration is not None}


def _read(path: Path, model: type[M], root: Path, problems: list[Problem]) -> M | None:
    file = path.relative_to(root).as_posix()
    try:
        return model.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(Problem(file, "", f"cannot be read ({error})."))
    except ValidationError as error:
        for found in error.errors():
            key = ".".join(str(part) for part in found["loc"])
            problems.append(Problem(file, key, _explain(found["type"], found["msg"], str(found["loc"][-1]), model)))
    return None


def _explain(kind: str, message: str, key: str, model: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        near = get_close_matches(key, _keys(model), n=1)
        return "unknown key" + (f": did you mean {near[0]!r}?" if near else ": remove it.")
    if kind == "missing":
        return "missing: add it."
    return message[0].lower() + message[1:] + "."


def _keys(model: type[BaseModel]) -> list[str]:
    """Return the keys of a model and of the models inside it."""
    keys: list[str] = []
    for name, info in model.model_fields.items():
        keys.append(name)
        parts = (info.annotation, *getattr(info.annotation, "__args__", ()))
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel):
                keys += _keys(part)
    return keys


def _check_names(theme: Theme) -> list[Problem]:
    """Return the names that point to nothing, over the whole theme."""
    problems: list[Problem] = []
    for path, table in theme.tables():
        file = f"{path}.toml"
        problems += _check_table(theme, file, table)
        if isinstance(table, Reference):
            problems += _check_reference(theme, file, table)
        if isinstance(table, Dataset):
            known = [column.name for column in table.fields if column.role == "dimension" and column.reference]
            problems += _unknown(file, "respondent", [table.respondent], known)
            for number, broken in enumerate(table.breaks):
                problems += _unknown(file, f"breaks.{number}.indicators", broken.indicators, theme.indicators)
    for name, indicator in theme.indicators.items():
        file = f"indicators/{name}.toml"
        problems += _unknown(file, "dataset", [indicator.dataset], theme.datasets)
        problems += _unknown(file, "denominator_dataset", [indicator.denominator_dataset], theme.datasets)
        problems += _unknown(file, "unit", [indicator.unit], theme.card.units)
        problems += _unknown(file, "related", indicator.related, theme.indicators)
    return problems


def _check_table(theme: Theme, file: str, table: Table) -> Iterator[Problem]:
    yield from _unknown(file, "key", table.key, [column.name for column in table.fields])
    for column in table.fields:
        key = f"fields.{column.name}"
        yield from _unknown(file, f"{key}.reference", [column.reference], theme.references)
        if column.role == "measure":
            yield from _unknown(file, f"{key}.unit", [column.unit or "(none)"], theme.card.units)
        measures = [field.name for field in table.fields if field.role == "measure"]
        yield from _unknown(file, f"{key}.of", [column.of], measures)
        if column.role == "dimension" and not (column.reference or column.members):
            yield Problem(file, key, "a dimension needs members or a reference: add one.")


def _check_reference(theme: Theme, file: str, table: Reference) -> Iterator[Problem]:
    columns = [field.name for field in table.fields]
    for key in ("code", "label", "label_en", "successor", "succeeded_in", "same_as", "valid_from", "valid_to"):
        yield from _unknown(file, key, [getattr(table, key)], columns)
    yield from _unknown(file, "searched", table.searched, columns)
    for dimension in table.dimensions:
        yield from _unknown(file, "dimensions.column", [dimension.column], columns)
        yield from _unknown(file, "dimensions.reference", [dimension.reference], theme.references)


def _unknown(file: str, key: str, names: Iterable[str | None], known: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each name, when given, that is not known."""
    allowed = sorted(known)
    for name in names:
        if name and name not in allowed:
            yield Problem(file, key, str(UnknownNameError("name", name, allowed)))
