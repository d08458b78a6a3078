"""The addresses of a view and of its figures: to come back to, to cite, to show inside another page."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from atelier_widgets.words import html


@dataclass(frozen=True)
class Addresses:
    """The addresses of one selection.

    Attributes:
        site: Address of the public pages, with a stroke at its end.
        page: ``<theme>/<dashboard>``; empty outside a page: there is no address then.
        query: The query of the selection.
    """

    site: str
    page: str
    query: str

    def view(self, anchor: str = "") -> str:
        """Return the whole address of the view, or of a figure in it; empty outside a page."""
        return f"{self.site}dashboards/{self.page}{self.here(anchor)}" if self.page else ""

    def here(self, anchor: str = "") -> str:
        """Return the address of the view, or of a figure in it, as seen from its own page."""
        return f"?{self.query}" + (f"#{anchor}" if anchor else "")

    def frame(self, anchor: str, title: str) -> str:
        """Return the HTML that shows a figure inside another page; empty where the site is not public."""
        if not (self.page and self.is_public):
            return ""
        query = f"?{self.query}" if self.query else ""
        source = html(f"{self.site}embed/{self.page}/{anchor}{query}")
        return (
            f'<iframe src="{source}" title="{html(title)}" width="100%" height="640" loading="lazy" '
            'style="border:0"></iframe>'
        )

    @property
    def is_public(self) -> bool:
        """Whether the site has an address that other machines can reach."""
        host = urlsplit(self.site).hostname or "localhost"
        try:
            return not ip_address(host).is_loopback
        except ValueError:
            return host != "localhost"
