"""``atelier datasets``, ``atelier snapshots`` and ``atelier theme``: from raw tables to checked figures."""

from pathlib import Path

import click

from atelier.cli.options import LANGUAGE, THEME
from atelier.datasets import build_tables, check_figures, rehearse
from atelier.datasets.checks import REVIEWED, render_catalogue, render_html, render_json, render_lines
from atelier.datasets.figures import Figures
from atelier.errors import DataError, DeclarationError
from atelier.language import require_language
from atelier.settings import load_settings
from atelier.snapshots import SnapshotStore, replacing
from atelier.theme import read_theme
from atelier.workbench import check_theme, open_theme


@click.group()
def datasets() -> None:
    """Compile and verify the embedded figures."""


def _tell(name: str) -> None:
    click.echo(f"… {name}", err=True)


@datasets.command("build")
@THEME
@click.option(
    "--accept",
    multiple=True,
    type=click.Choice(sorted(REVIEWED)),
    help="After review, let what this check between vintages finds through, this time.",
)
def build_datasets(theme: str | None, accept: tuple[str, ...]) -> None:
    """Compile every reference and dataset from its raw table, check them, publish them at once."""
    settings = load_settings()
    report = build_tables(read_theme(settings, theme), settings, _tell, accept)
    workbench = open_theme(theme)
    for name in workbench.theme.datasets:
        _tell(f"disclosure of {name}")
        workbench.engine.guard.patterns.swaps(name)
    for problem in report.warnings:
        click.echo(f"Warning: {problem}", err=True)
    for name in report.built:
        click.echo(f"{name}: built")
    for name in report.unchanged:
        click.echo(f"{name}: unchanged")


@datasets.command("check")
@THEME
@LANGUAGE
@click.option("--new", is_flag=True, help="Check what the raw tables would give, without publishing it.")
@click.option("--all", "every", is_flag=True, help="Show the checks that pass too.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as a page.")
def check_datasets(
    theme: str | None, *, lang: str | None, new: bool, every: bool, as_json: bool, html: Path | None
) -> None:
    """Run every check on the figures in place; exit code 1 when one finds an error."""
    settings = load_settings()
    language = require_language(lang or settings.language)
    declared = read_theme(settings, theme)
    report = rehearse(declared, settings, _tell) if new else check_figures(declared)
    if html:
        with replacing(html.resolve()) as path:
            path.write_text(render_html(report, language), "utf-8")
    if as_json:
        click.echo(render_json(report), nl=False)
    else:
        click.echo("\n".join(render_lines(report, language, every=every)))
    if report.errors:
        raise click.exceptions.Exit(1)


@datasets.command("catalogue")
def print_catalogue() -> None:
    """Print the catalogue of built-in checks, as docs/checks.md holds it."""
    click.echo(render_catalogue(), nl=False)


@datasets.command("verify")
@THEME
def verify_datasets(theme: str | None) -> None:
    """Verify that the embedded figures are those that were built."""
    settings = load_settings()
    figures = Figures(read_theme(settings, theme).folder / "figures")
    problems = figures.verify()
    if problems:
        raise DataError("embedded figures", problems)
    for name, entry in figures.provenance().items():
        raws = ", ".join(f"{raw.file} {raw.sha256[:12]}" for raw in entry.sources)
        click.echo(f"{name:<28} {entry.rows:>8} {entry.sha256[:12]} {raws}")


@click.group()
def snapshots() -> None:
    """Look at the raw tables kept as they were."""


@snapshots.command("list")
def list_snapshots() -> None:
    """Print every snapshot, oldest first."""
    for snapshot in SnapshotStore(load_settings().state / "snapshots").list():
        click.echo(f"{snapshot.taken}  {snapshot.sha256[:12]}  {snapshot.size:>10}  {snapshot.table}  {snapshot.file}")


@click.group()
def theme() -> None:
    """Check a theme."""


@theme.command("check")
@click.argument("name", required=False)
def check_declarations(name: str | None) -> None:
    """Check every declaration, query and formula of a theme; all mistakes are listed at once."""
    declared, problems = check_theme(load_settings(), name)
    if problems:
        raise DeclarationError(f"theme {declared.id!r}", problems)
    click.echo(
        f"{declared.id}: {len(declared.datasets)} dataset(s), {len(declared.references)} references, "
        f"{len(declared.indicators)} indicators, {len(declared.glossary)} terms. No mistake."
    )
