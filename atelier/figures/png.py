"""Pictures of points from drawings of lines, for those whom SVG does not suit. Typst draws them, with our typeface."""

from functools import cache
from pathlib import Path
from threading import get_ident
from typing import Any

import typst

from atelier.errors import StoreError

TEMPLATE = Path("templates") / "figures" / "picture.typ"
FONTS = Path("node_modules") / "@expo-google-fonts" / "source-sans-3"
POINTS_PER_INCH = 108.0
"""One pixel of a drawing is one point, of 72 to an inch: half as many again."""


def render_png(svg: str, home: Path) -> bytes:
    """Return a drawing as a PNG, the same bytes for the same drawing.

    Args:
        svg: A drawing with its own ground; see ``render_svg(standalone=True)``.
        home: Project folder that holds ``templates/`` and, in ``node_modules/``, our typeface.

    Raises:
        StoreError: The typeface is missing, or it is no drawing.
    """
    try:
        compiler = _compiler(home, get_ident())
        picture: Any = compiler.compile(format="png", ppi=POINTS_PER_INCH, sys_inputs={"svg": svg})
    except typst.TypstError as error:
        raise StoreError(f"a picture could not be made of a drawing ({error}).") from error
    return bytes(picture)


@cache
def _compiler(home: Path, _thread: int) -> typst.Compiler:
    """Return the compiler of a thread: one serves one thread at a time."""
    fonts = sorted((home / FONTS).glob("*/*.ttf"))
    if not fonts:
        raise StoreError(f"{home / FONTS}: the typeface of pictures is missing: run npm ci.")
    folders = list(dict.fromkeys(str(font.parent) for font in fonts))
    template = home / TEMPLATE
    return typst.Compiler(str(template), root=str(template.parent), font_paths=folders, ignore_system_fonts=True)
