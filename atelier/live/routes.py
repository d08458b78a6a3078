"""The addresses of the public server: all there are; anything else is not found."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from atelier.live import answers, handlers, operators, still
from atelier.live.assets import SiteListing
from atelier.live.pages import Pages
from atelier.live.resting import Resting
from atelier.live.visitors import Capacity, Pace
from atelier.notebooks import Dashboard
from atelier.settings import Settings

_KERNEL = r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_DASHBOARD = r"(dashboards/[a-z0-9-]+/[a-z0-9-]+)"
_FOREVER = 31_536_000


def list_routes(
    base: str,
    capacity: Capacity,
    *,
    dashboards: Mapping[str, Dashboard],
    pages: Pages,
    resting: Resting,
    settings: Settings,
    assets: Callable[[], Mapping[str, Path]],
) -> list[tuple[Any, ...]]:
    """Return every route, in the order they are tried.

    Args:
        base: The path that all of them start with.
        capacity: How often an address may ask.
        dashboards: The dashboards, by address.
        pages: What makes their pages.
        resting: What gives kernels to pages that are used again.
        settings: Where files are.
        assets: The files of live pages, by name.
    """
    pace, wakes = Pace(capacity.pages_per_minute), Pace(capacity.wakes_per_minute)
    editions = {"dashboards": dashboards, "atelier": settings}
    live = {**editions, "pages": pages, "pace": pace}
    site = {"listing": SiteListing(settings.state / "site")}
    routes: list[tuple[Any, ...]] = [
        (r"health", operators.HealthHandler),
        (r"ready", operators.ReadyHandler),
        (r"status", operators.StatusHandler),
        (r"metrics", operators.MetricsHandler),
        (_DASHBOARD, handlers.DashboardHandler, live),
        (
            rf"{_DASHBOARD}/kernel",
            handlers.WakeHandler,
            {"dashboards": dashboards, "resting": resting, "pace": wakes},
        ),
        (rf"{_DASHBOARD}/static/([A-Za-z0-9_-]*)", still.StaticEditionHandler, editions),
        (
            rf"{_DASHBOARD}/files/([0-9a-f]{{16}})/([A-Za-z0-9][A-Za-z0-9._-]*)",
            still.HandedFileHandler,
            editions,
        ),
        (r"embed/([a-z0-9-]+)/([a-z0-9-]+)/([a-z0-9-]+)", still.EmbedHandler, live),
        (r"reports/(.+)", answers.EditionHandler, {"folder": settings.editions}),
        (rf"api/kernels/{_KERNEL}", handlers.KernelHandler),
        (rf"api/kernels/{_KERNEL}/channels", handlers.SocketHandler),
        (rf"voila/api/shutdown/{_KERNEL}", handlers.LeaveHandler),
        (r"assets/[0-9a-f]{12}/(.+)", answers.AssetHandler, {"listing": assets, "age": _FOREVER}),
        (r"((?:[a-z0-9-]+/)*(?:[a-z0-9-]+\.[a-z0-9]+)?)", answers.AssetHandler, site),
    ]
    rules = [(base + pattern, *rest) for pattern, *rest in routes]
    # Crawlers look for it at the root of the host; the proxy sends it here.
    rules.append((r"/(robots\.txt)", answers.AssetHandler, site))
    return [*rules, (r".*", answers.NotFoundHandler)]
