"""``atelier report`` runs a report for one set of parameters and publishes it."""

from pathlib import Path

import click

from atelier.language import LANGUAGES
from atelier.reports.production import produce, read_choices
from atelier.settings import load_settings


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
    edition = produce(
        settings,
        theme,
        name,
        read_choices(settings, theme, name, subject, others),
        formats=[one.strip() for one in formats.split(",")],
        folder=output,
        tell=lambda message: click.echo(f"{name}: {message}", err=True),
    )
    for file in edition.files:
        click.echo(file)
