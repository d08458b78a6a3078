"""Draw the pictures of the gallery of figures, docs/images/figures, from the embedded figures of the ESR theme.

``make gallery`` runs it. Each page of docs/figures shows the lines that make its figure: they are read from the page
and run, so that a page cannot show lines that do not make its picture.
"""

import re
import sys
from contextlib import closing
from pathlib import Path

from atelier import open_theme
from atelier.figures import Figure, render_svg

DOCS = Path(__file__).resolve().parents[1]
IMAGES = DOCS / "images" / "figures"
KINDS = [
    *("line", "bars", "stack", "map", "multiples"),
    *("diverging", "dots", "slope", "scatter"),
    *("distribution", "heat", "points", "tiles", "key"),
]
"""Pages of docs/figures, each with a block of Python that ends by naming ``figure``."""
_CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def main(kinds: list[str]) -> None:
    """Draw the picture of each kind."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with closing(open_theme("esr")) as esr:
        for kind in kinds:
            drawn = render_svg(make_figure(kind, esr), 720, captions=True)
            (IMAGES / f"{kind}.svg").write_text(drawn + "\n", "utf-8")
            print(f"{kind}.svg")


def make_figure(kind: str, esr: object) -> Figure:
    """Run the lines of a page and return the figure they make."""
    found = _CODE.search((DOCS / "figures" / f"{kind}.md").read_text("utf-8"))
    if found is None:
        raise SystemExit(f"docs/figures/{kind}.md has no block of Python: write the lines that make the figure.")
    names: dict[str, object] = {"esr": esr}
    exec(found.group(1), names)
    figure = names["figure"]
    if not isinstance(figure, Figure):
        raise SystemExit(f"docs/figures/{kind}.md must end with figure = …")
    return figure


if __name__ == "__main__":
    main(sys.argv[1:] or KINDS)
