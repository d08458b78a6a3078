"""``atelier report`` publishes one report; ``atelier reports build`` publishes all those that are not up to date."""

import sys
import time
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from atelier.errors import ReportError
from atelier.language import LANGUAGES
from atelier.reports.plan import Plan, make_plan
from atelier.settings import load_settings
from atelier.site import build_site
from atelier.theme import read_theme

QUIET_SECONDS = 5
"""Time between two lines of progress when nobody watches a terminal."""


@click.command()
@click.argument("name")
@click.option("--for", "subject", metavar="CODE", help="Value of the report's first parameter, such as 4k25D.")
@click.option("--set", "others", multiple=True, metavar="NAME=VALUE", help="Another parameter: --set year=2019.")
@click.option("--to", "formats", default="html,pdf", show_default=True, metavar="FORMATS", help="What to write.")
@click.option("--theme", default=None, metavar="ID", help="Theme; the one set in settings by default.")
@click.option("--lang", type=click.Choice(LANGUAGES), default=None, help="Language of the report.")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Folder to publish in.")
def report(
    name: str,
    *,
    subject: str | None,
    others: tuple[str, ...],
    formats: str,
    theme: str | None,
    lang: str | None,
    output: Path | None,
) -> None:
    """Publish a report: ``atelier report institution --for 4k25D --to html,pdf``."""
    settings = load_settings(language=lang) if lang else load_settings()
    theme = theme or settings.theme
    production = _load("production")
    edition = production.produce(
        settings,
        theme,
        name,
        production.read_choices(settings, theme, name, subject, others),
        formats=_split(formats),
        folder=output,
        tell=lambda message: click.echo(f"{name}: {message}", err=True),
    )
    for file in edition.files:
        click.echo(file)


@click.group()
def reports() -> None:
    """Publish all the reports of a theme."""


@reports.command()
@click.option("--only", metavar="REPORTS", default="", help="Reports to make, such as institution,region.")
@click.option("--for", "subjects", metavar="CODES", default="", help="Codes to make them for, such as 4k25D,44.")
@click.option("--year", type=int, default=None, help="Year; the one written in each notebook by default.")
@click.option("--to", "formats", default="html,pdf", show_default=True, metavar="FORMATS", help="What to write.")
@click.option("--lang", "languages", default=",".join(LANGUAGES), show_default=True, help="Languages to make.")
@click.option("--theme", default=None, metavar="ID", help="Theme; the one set in settings by default.")
@click.option("--jobs", type=click.IntRange(min=1), default=None, help="Workers; as many as fit by default.")
@click.option("--scheduler", metavar="ADDRESS", default=None, help="A Dask scheduler, such as tcp://host:8786.")
@click.option("--explain", is_flag=True, help="Say why each edition is made.")
@click.option("--dry-run", is_flag=True, help="Show the plan and stop.")
def build(
    *,
    only: str,
    subjects: str,
    year: int | None,
    formats: str,
    languages: str,
    theme: str | None,
    jobs: int | None,
    scheduler: str | None,
    explain: bool,
    dry_run: bool,
) -> None:
    """Make the editions that are not up to date; the exit code is 1 when one could not be made."""
    settings = load_settings()
    plan = make_plan(
        settings,
        read_theme(settings, theme),
        only=_split(only),
        subjects=_split(subjects),
        year=year,
        formats=_split(formats),
        languages=_split(languages),
    )
    _tell_plan(plan, explain=explain)
    if dry_run or not plan.stale:
        return
    summary = _load("factory").build(settings, plan, jobs=jobs, scheduler=scheduler, tell=_Progress())
    unchanged = sum(not one.is_new for one in summary.made)
    click.echo(
        f"{len(summary.made)} published in {_duration(summary.seconds)}"
        f"{f', {unchanged} of them with the same content as before' if unchanged else ''}; "
        f"{len(summary.failed)} failed.",
        err=True,
    )
    for warning, count in Counter(warning for one in summary.made for warning in one.warnings).most_common():
        click.echo(f"warning, {count} editions: {warning}", err=True)
    if summary.made:
        build_site(settings)
    if summary.failed:
        raise ReportError("\n".join(_tell_failure(one) for one in summary.failed))


class _Progress:
    """Shows how a production goes: one line kept up to date on a terminal, a line now and then elsewhere."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, progress: Any) -> None:
        now, last = time.monotonic(), progress.done == progress.total
        watched = sys.stderr.isatty()
        if watched or last or now - self._told > QUIET_SECONDS:
            self._told = now
            one = progress.outcome
            text = f"{progress.done}/{progress.total} {one.report} {one.key}, {_duration(progress.seconds_left)} left"
            click.echo(f"\r\x1b[K{text}" if watched else text, err=True, nl=last or not watched)


def _tell_plan(plan: Plan, *, explain: bool) -> None:
    stale = plan.stale
    click.echo(f"{len(plan.editions)} editions: {len(stale)} to make, {len(plan.editions) - len(stale)} up to date.")
    for reason, count in Counter(reason for one in stale for reason in one.reasons).most_common():
        click.echo(f"  {count}: {reason}")
    if explain:
        for one in stale:
            click.echo(f"{one.report}/{one.key}: {'; '.join(one.reasons)}")


def _tell_failure(outcome: Any) -> str:
    values = ", ".join(f"{name} = {value}" for name, value in outcome.parameters.items())
    lines = "".join(f"\n    {line}" for line in outcome.lines)
    return f"{outcome.report}, {values}: {outcome.error}{lines}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _split(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _load(module: str) -> Any:
    """Return a room that loads Papermill, IPython, Typst or Dask: a plan with nothing to do needs none."""
    return import_module(f"atelier.reports.{module}")
