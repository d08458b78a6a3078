"""A theme's TOML files read into models, every mistake listed, and as much as can be trusted kept.

A file that holds a mistake is still worth reading: with its unknown keys taken away and its missing texts filled, the
names and formulas in it can be checked too, so that an author sees all mistakes at once and not one after the other.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from atelier.errors import Problem
from atelier.language import LANGUAGES, Text

M = TypeVar("M", bound=BaseModel)

_INCLUDE = re.compile(r"^-- include (?P<file>shared/[a-z0-9-]+\.sql)$", re.MULTILINE)
_FILLER = "?"
_WORDS = {"fr": "French", "en": "English"}
_TYPES = {
    "int_type": "write a whole number, without quotes",
    "int_parsing": "write a whole number, without quotes",
    "int_from_float": "write a whole number",
    "float_type": "write a number, without quotes",
    "float_parsing": "write a number, without quotes",
    "bool_type": "write true or false, without quotes",
    "bool_parsing": "write true or false, without quotes",
    "string_type": "write a text, between quotes",
    "tuple_type": "write a list, between square brackets",
    "model_type": "write a table of keys, between braces",
    "dict_type": "write a table of keys, between braces",
}


def read_declaration(file: Path, name: str, model: type[M]) -> tuple[M | None, list[Problem]]:
    """Return the model a TOML file declares, and its mistakes.

    Args:
        file: The TOML file.
        name: Name of the file in problems.
        model: What it must declare.

    Returns:
        The declaration, without the keys at fault; None where what is left could mislead. Each mistake with its key.
    """
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        return None, [Problem(name, "", f"not valid TOML: {error}. Mend this line first: the file cannot be read.")]
    except (OSError, UnicodeDecodeError) as error:
        return None, [Problem(name, "", f"cannot be read ({error}): save it as UTF-8 text and check its rights.")]
    try:
        declared = model.model_validate(data)
    except ValidationError as error:
        problems = [_problem(name, found, model, data) for found in error.errors()]
        kept = _without(data, error, model)
        return kept, problems + list(_blank_texts(kept, name))
    return declared, list(_blank_texts(declared, name))


def _without(data: dict[str, Any], error: ValidationError, model: type[M]) -> M | None:
    """Return the model of what is right in ``data``, None when a part that has no default is wrong."""
    kept = deepcopy(data)
    for found in error.errors():
        location = list(found["loc"]) or [""]
        while isinstance(location[-1], int):
            # An entry of a list goes with the list: half a list could mislead.
            location.pop()
        *parents, last = location
        holder: Any = kept
        for part in parents:
            try:
                holder = holder[part]
            except (KeyError, IndexError, TypeError):
                return None
        if not isinstance(holder, dict):
            return None
        if last in LANGUAGES:
            holder[last] = _FILLER
        elif found["type"] == "missing" or _wants_text(found):
            holder[last] = dict.fromkeys(LANGUAGES, _FILLER)
        else:
            holder.pop(last, None)
    try:
        return model.model_validate(kept)
    except ValidationError:
        return None


def _problem(file: str, found: ErrorDetails, model: type[BaseModel], data: dict[str, Any]) -> Problem:
    location, kind, given = found["loc"], found["type"], found["input"]
    key = ".".join(_named(location, data))
    last = str(location[-1]) if location else ""
    if kind == "extra_forbidden":
        near = get_close_matches(last, sorted(set(_keys(model))), n=1)
        message = "unknown key" + (f": did you mean {near[0]!r}?" if near else ": remove it.")
    elif kind == "missing" and last in _WORDS:
        message = f"missing: write the {_WORDS[last]} text."
    elif kind == "missing":
        message = "missing: add it."
    elif kind == "string_pattern_mismatch":
        sign = "_" if "_" in str(found.get("ctx", {}).get("pattern", "")) else "-"
        message = f"bad identifier {given!r}: write it as {_identifier(str(given), sign)!r} (a to z, 0 to 9, {sign!r})."
    elif _wants_text(found):
        message = f'{given!r} is in one language: write {{ fr = "…", en = "…" }}.'
    elif kind in _TYPES:
        message = f"{given!r} is of the wrong type: {_TYPES[kind]}."
    elif kind == "literal_error":
        message = f"{given!r} is not allowed: write {found['ctx']['expected']}."
    else:
        message = f"{given!r}: {found['msg'][0].lower()}{found['msg'][1:]}: change it."
    return Problem(file, key, message)


def _wants_text(found: ErrorDetails) -> bool:
    return found["type"] == "model_type" and found.get("ctx", {}).get("class_name") == Text.__name__


def _named(location: tuple[int | str, ...], data: object) -> Iterator[str]:
    """Yield the parts of a key, an entry of a list told by its name or code rather than by its place."""
    for part in location:
        try:
            data = data[part]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            data = None
        entry = data if isinstance(part, int) and isinstance(data, dict) else {}
        yield next((entry[name] for name in ("name", "code") if isinstance(entry.get(name), str)), str(part))


def _identifier(text: str, sign: str) -> str:
    return re.sub(r"[^a-z0-9]+", sign, text.lower()).strip(sign) or "name"


def _keys(model: type[BaseModel]) -> Iterator[str]:
    """Yield the keys of a model and of the models inside it."""
    for name, info in model.model_fields.items():
        yield name
        parts = (info.annotation, *getattr(info.annotation, "__args__", ()))
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _keys(part)


def _blank_texts(value: object, file: str, key: str = "") -> Iterator[Problem]:
    """Yield a problem for each text that is written in no letter."""
    if isinstance(value, Text):
        for language in LANGUAGES:
            if not value[language]:
                yield Problem(file, f"{key}.{language}", f"blank: write the {_WORDS[language]} text.")
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _blank_texts(getattr(value, name), file, f"{key}.{name}" if key else name)
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _blank_texts(inner, file, f"{key}.{name}")
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from _blank_texts(inner, file, f"{key}.{number}")


def read_sql(folder: Path, path: Path, problems: list[Problem]) -> str:
    """Return the SQL of a table, each line ``-- include shared/rows.sql`` replaced by the text of that file.

    Args:
        folder: Folder of the theme.
        path: The SQL file.
        problems: Gets a problem for each file included that is not there; the line is left as it is.
    """

    def included(line: re.Match[str]) -> str:
        try:
            return (folder / line["file"]).read_text("utf-8").rstrip()
        except OSError:
            told = f"{line['file']!r} cannot be read: name a file of the theme's folder shared/."
            problems.append(Problem(path.relative_to(folder).as_posix(), "", told))
            return line[0]

    return _INCLUDE.sub(included, path.read_text("utf-8"))
