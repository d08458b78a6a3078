"""``atelier dashboards build`` writes the static editions of dashboards that are not up to date."""

import sys
import time
from collections import Counter
from importlib import import_module
from typing import Any

import click

from atelier.errors import ReportError, UnknownNameError
from atelier.language import LANGUAGES
from atelier.live.editions.plan import read_request
from atelier.notebooks import Dashboard, read_dashboards
from atelier.settings import Settings, load_settings
from atelier.site import build_site

QUIET_SECONDS = 5
"""Time between two lines of progress when nobody watches a terminal."""


@click.group()
def dashboards() -> None:
    """Look after the static editions of dashboards."""


@dashboards.command()
@click.option("--only", metavar="NAMES", default="", help="Dashboards, such as students,money; all by default.")
@click.option("--for", "codes", metavar="VIEWS", default="", help="Views to make, such as region=53,region=44.")
@click.option("--own", is_flag=True, help="Only the selection written in each notebook.")
@click.option("--theme", default=None, metavar="ID", help="Theme; every one by default.")
@click.option("--lang", "languages", default=",".join(LANGUAGES), show_default=True, help="Languages to make.")
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="Views drawn at once.")
@click.option("--explain", is_flag=True, help="Say why each edition is made.")
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
def build(
    *,
    only: str,
    codes: str,
    own: bool,
    theme: str | None,
    languages: str,
    jobs: int,
    explain: bool,
    dry_run: bool,
) -> None:
    """Make the static editions that are not up to date; the exit code is 1 when one could not be made."""
    settings = load_settings()
    request = read_request(_split(languages), _split(codes), only_own=own)
    chosen = _choose(settings, theme, _split(only))
    makers: Any = import_module("atelier.live.editions.build")
    plan = makers.survey(settings, chosen, request)
    _tell_plan(plan, explain=explain)
    if dry_run or not plan.stale:
        return
    made = makers.build(settings, chosen, request, jobs=jobs, tell=_Progress(explain=explain))
    same = sum(not one.is_new for one in made.outcomes if not one.error)
    click.echo(
        f"{len(made.outcomes) - len(made.failed)} published in {made.seconds:.0f} s"
        f"{f', {same} of them with the same content as before' if same else ''}; "
        f"{len(made.failed)} failed; {len(made.withdrawn)} withdrawn.",
        err=True,
    )
    build_site(settings)
    if made.failed:
        raise ReportError("\n".join(f"{_name(one.view)}: {one.error}" for one in made.failed))


class _Progress:
    """Shows how a production goes: one line kept up to date on a terminal, a line now and then elsewhere."""

    def __init__(self, *, explain: bool) -> None:
        self._told, self._start, self._explain = 0.0, time.monotonic(), explain
        self._explained = 0

    def __call__(self, production: Any, outcome: Any) -> None:
        if self._explain:
            for view in production.views[self._explained :]:
                if view.reasons and view.chosen:
                    click.echo(f"{_name(view)}: {'; '.join(view.reasons)}")
            self._explained = len(production.views)
        now, done, total = time.monotonic(), len(production.outcomes), production.stale
        watched = sys.stderr.isatty()
        if outcome is not None and (watched or done == total or now - self._told > QUIET_SECONDS):
            self._told = now
            pace = 60 * done / (now - self._start)
            text = f"{done}/{total} {_name(outcome.view)}, {pace:.0f} views a minute"
            click.echo(f"\r\x1b[K{text}" if watched else text, err=True, nl=done == total or not watched)


def _choose(settings: Settings, theme: str | None, only: list[str]) -> list[Dashboard]:
    known = [one for one in read_dashboards(settings.home) if theme in (None, one.theme)]
    for name in only:
        if name not in [one.name for one in known]:
            raise UnknownNameError("dashboard", name, [one.name for one in known])
    return [one for one in known if not only or one.name in only]


def _tell_plan(plan: Any, *, explain: bool) -> None:
    stale = [view for view in plan.views if view.reasons]
    if not stale:
        click.echo(f"{len(plan.views)} static editions, all up to date: nothing to do.")
        return
    unknown = " (others are known once the notebook has run)" if any(not view.chosen for view in stale) else ""
    click.echo(f"{len(plan.views)} static editions: {len(stale)} to make{unknown}.")
    for reason, count in Counter(reason for view in stale for reason in view.reasons).most_common():
        click.echo(f"  {count}: {reason}")
    if explain:
        for view in stale:
            click.echo(f"{_name(view)}: {'; '.join(view.reasons)}")


def _name(view: Any) -> str:
    return f"{view.dashboard.theme}/{view.dashboard.name}/{view.key}"


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
