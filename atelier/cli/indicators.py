"""``atelier indicators`` lists what can be asked, and produces all of it."""

import sys
from pathlib import Path

import click

import atelier
from atelier.cli.options import LANGUAGE, THEME
from atelier.indicators.production import produce_indicators
from atelier.settings import load_settings
from atelier.theme import read_theme

SHOWN_CODES = 8


@click.group()
def indicators() -> None:
    """Tell which indicators exist and what they mean; produce them all."""


@indicators.command("list")
@THEME
@LANGUAGE
def list_indicators(theme: str | None, lang: str | None) -> None:
    """Print every indicator with its label."""
    workbench = atelier.open_theme(theme, language=lang)
    for name, card in workbench.indicators.items():
        click.echo(f"{name:<32} {card.label[workbench.language]}")


@indicators.command("show")
@click.argument("name")
@THEME
@LANGUAGE
def show_indicator(name: str, theme: str | None, lang: str | None) -> None:
    """Print an indicator's card and the dimensions it may be asked for."""
    workbench = atelier.open_theme(theme, language=lang)
    workbench.theme.require_indicator(name)
    card, language = workbench.indicators[name], workbench.language
    click.echo(card.label[language])
    for text in (card.definition, card.calculation, card.interpretation, card.limits, card.scope):
        click.echo(f"\n{text[language]}")
    click.echo()
    for dimension in workbench.dimensions(name).values():
        codes = ", ".join(list(dimension.members)[:SHOWN_CODES])
        more = ", …" if len(dimension.members) > SHOWN_CODES else ""
        click.echo(f"{dimension.id:<18} {dimension.title[language]} : {codes}{more}")


@indicators.command("build")
@THEME
@click.option("--only", multiple=True, metavar="ID", help="Produce this indicator; several may be named.")
@click.option("--jobs", type=click.IntRange(1), default=None, help="Processes at work; the processors by default.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to produce in.")
def build_indicators(theme: str | None, *, only: tuple[str, ...], jobs: int | None, out: Path | None) -> None:
    """Produce every indicator for every breakdown it allows, in Parquet; only what is due is made again."""
    settings = load_settings()
    declared = read_theme(settings, theme)
    with click.progressbar(length=0, label="indicators", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        report = produce_indicators(declared, settings, only=only, jobs=jobs, folder=out, progress=show)
    for name in report.built:
        click.echo(f"{name}: built")
    for name in report.removed:
        click.echo(f"{name}: removed")
    click.echo(f"{len(report.unchanged)} unchanged, {len(report.built)} built: {report.folder}")
