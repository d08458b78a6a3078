"""Makes a process that reads notebooks start sooner: imported before anything that imports nbformat.

nbformat loads jsonschema, which compiles, where the optional ``rfc3987_syntax`` is installed, a grammar of
international addresses: over a second and a half for a check that no notebook needs. jsonschema does without it when
it is missing.
"""

import importlib
import sys

_GRAMMAR = "rfc3987_syntax"

if "jsonschema" not in sys.modules and _GRAMMAR not in sys.modules:
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    importlib.import_module("jsonschema")

    del sys.modules[_GRAMMAR]
