"""``atelier datasets``, ``atelier snapshots`` and ``atelier theme``: from raw tables to checked figures."""

import click

from atelier.cli.options import THEME
from atelier.datasets import build_tables
from atelier.datasets.figures import Figures
from atelier.errors import DataError
from atelier.settings import load_settings
from atelier.snapshots import SnapshotStore
from atelier.theme import read_theme
from atelier.workbench import open_theme


@click.group()
def datasets() -> None:
    """Compile and verify the embedded figures."""


@datasets.command("build")
@THEME
def build_datasets(theme: str | None) -> None:
    """Compile every reference and dataset from its raw table, check them, publish them at once."""
    settings = load_settings()
    report = build_tables(read_theme(settings, theme), settings, lambda name: click.echo(f"… {name}", err=True))
    workbench = open_theme(theme)
    for name in workbench.theme.datasets:
        click.echo(f"… disclosure of {name}", err=True)
        workbench.engine.guard.patterns.swaps(name)
    for problem in report.warnings:
        click.echo(f"Warning: {problem}", err=True)
    for name in report.built:
        click.echo(f"{name}: built")
    for name in report.unchanged:
        click.echo(f"{name}: unchanged")


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
def check_theme(name: str | None) -> None:
    """Check every declaration and formula of a theme; all mistakes are listed at once."""
    workbench = open_theme(name)
    declared = workbench.theme
    click.echo(
        f"{declared.id}: {len(declared.datasets)} dataset(s), {len(declared.references)} references, "
        f"{len(declared.indicators)} indicators, {len(declared.glossary)} terms. No mistake."
    )
