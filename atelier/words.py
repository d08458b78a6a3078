"""The words of the interface, in French and English, kept in one file: ``templates/site/words.toml``.

Pages, dashboards, the fork page and the hub's login share it, so that one thing has one name everywhere.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from atelier.errors import DeclarationError, Problem
from atelier.language import LANGUAGES, typeset

FILE = Path("templates") / "site" / "words.toml"


def read_words(home: Path) -> dict[str, Mapping[str, str]]:
    """Return ``words[language][key]``.

    Args:
        home: Project folder that holds ``templates/``.

    Raises:
        DeclarationError: A word lacks a language; all such words are listed.
    """
    declared = tomllib.loads((home / FILE).read_text("utf-8"))
    problems = [
        Problem(str(FILE), key, f"missing language {language!r}.")
        for key, texts in declared.items()
        for language in LANGUAGES
        if not texts.get(language)
    ]
    if problems:
        raise DeclarationError("interface words", problems)
    return {
        language: {key: typeset(texts[language], language) for key, texts in declared.items()} for language in LANGUAGES
    }
