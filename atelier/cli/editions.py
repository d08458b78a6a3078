"""``atelier editions``: what is published, its history, and whether it still tells the truth."""

import json
from collections.abc import Iterator
from pathlib import Path

import click

from atelier.editions.store import (
    PROVENANCE,
    current_version,
    edition_keys,
    list_versions,
    read_record,
    roll_back,
    version_folder,
)
from atelier.errors import ReportError
from atelier.indicators import Engine
from atelier.reports.differences import Change, compare_versions
from atelier.reports.verification import verify_edition
from atelier.settings import Settings, load_settings
from atelier.theme import read_theme

SHOWN_CHANGES = 20
SHOWN_HASH = 8

_theme = click.option("--theme", default=None, metavar="ID", help="Theme; the one set in settings by default.")


@click.group()
def editions() -> None:
    """Look at published reports, compare, verify, put an earlier version back."""


@editions.command("list")
@click.option("--only", default="", metavar="REPORT", help="Report to list; all by default.")
@_theme
def list_editions(only: str, theme: str | None) -> None:
    """List the editions in place: version, day, number of versions kept."""
    for folder, key in _all(load_settings(), theme, only):
        record = read_record(folder, key)
        current = current_version(folder, key) or "gone"
        versions = record.versions if record else ()
        day = next((one.published[:10] for one in versions if one.version == current), "-")
        click.echo(f"{folder.name}/{key}\t{current[:SHOWN_HASH]}\t{day}\t{len(versions)}")


@editions.command()
@click.argument("report")
@click.argument("key")
@_theme
def show(report: str, key: str, theme: str | None) -> None:
    """Show an edition: parameters, data, files, warnings and versions."""
    folder = _folder(load_settings(), theme) / report
    versions, current = list_versions(folder, key), current_version(folder, key)
    record = json.loads((folder / key / PROVENANCE).read_bytes())
    click.echo(record["title"])
    for name, value in record["parameters"].items():
        click.echo(f"  {name} = {value}")
    for name, dataset in record["datasets"].items():
        click.echo(f"  {name}: {dataset['dataset_id']}, {dataset['vintage']}")
    for name, sha256 in record["files"].items():
        click.echo(f"  {folder / key / name}  sha256 {sha256[:SHOWN_HASH]}")
    for warning in record["checks"]["warnings"]:
        click.echo(f"  warning: {warning}")
    for one in versions:
        mark = "*" if one.version == current else " "
        click.echo(f"{mark} {one.version[:SHOWN_HASH]}  {one.published}  {'; '.join(one.reasons)}")


@editions.command()
@click.argument("report")
@click.argument("key")
@click.argument("before", required=False)
@_theme
def diff(report: str, key: str, before: str | None, theme: str | None) -> None:
    """Tell what changed since the version BEFORE, the one before the current one by default."""
    folder = _folder(load_settings(), theme) / report
    versions, current = list_versions(folder, key), str(current_version(folder, key))
    names = [one.version for one in versions]
    earlier = [name for name in names[: names.index(current)] if before is None or name.startswith(before)]
    if not earlier:
        raise ReportError(f"edition {key!r}: there is no earlier version to compare with.")
    changes = compare_versions(version_folder(folder, key, earlier[-1]), version_folder(folder, key, current))
    click.echo(f"{earlier[-1][:SHOWN_HASH]} -> {current[:SHOWN_HASH]}: {_count(changes)}.")
    for one in changes[:SHOWN_CHANGES]:
        click.echo(f"  {one.kind}\t{one.indicator}\t{', '.join(one.codes)}\t{_cell(one.before)} -> {_cell(one.after)}")
    if len(changes) > SHOWN_CHANGES:
        click.echo(f"  … and {len(changes) - SHOWN_CHANGES} more")


@editions.command()
@click.argument("report")
@click.argument("key")
@click.option("--to", "version", default=None, metavar="VERSION", help="Version; the one before by default.")
@_theme
def rollback(report: str, key: str, version: str | None, theme: str | None) -> None:
    """Put an earlier version back in place, until something it depends on changes."""
    chosen = roll_back(_folder(load_settings(), theme) / report, key, version)
    click.echo(f"{report}/{key} is back at {chosen.version[:SHOWN_HASH]}, published {chosen.published}.")


@editions.command()
@click.argument("report", required=False, default="")
@click.argument("key", required=False)
@click.option("--sample", type=click.IntRange(min=1), default=20, show_default=True, help="Numbers for each edition.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the draw.")
@_theme
def verify(report: str, key: str | None, sample: int, seed: int, theme: str | None) -> None:
    """Verify the bytes of editions, and numbers they print, asked again from their sidecar alone."""
    settings = load_settings()
    engine = Engine(read_theme(settings, theme))
    wrong, checked, count = [], 0, 0
    for folder, name in _all(settings, theme, report):
        if key is None or name == key:
            found = verify_edition(folder / name, engine, sample=sample, seed=seed)
            count, checked = count + 1, checked + found.checked
            wrong += [f"{folder.name}/{name}: {problem}" for problem in found.problems]
    click.echo(f"{count} editions, {checked} printed numbers asked again.")
    if wrong:
        raise ReportError("\n".join(wrong))


def _folder(settings: Settings, theme: str | None) -> Path:
    return settings.editions / read_theme(settings, theme).id


def _all(settings: Settings, theme: str | None, only: str) -> Iterator[tuple[Path, str]]:
    root = _folder(settings, theme)
    for folder in sorted(root.iterdir()) if root.is_dir() else []:
        if folder.is_dir() and only in ("", folder.name):
            yield from ((folder, key) for key in edition_keys(folder))


def _count(changes: list[Change]) -> str:
    kinds = [one.kind for one in changes]
    told = [f"{kinds.count(kind)} numbers {kind}" for kind in ("revised", "added", "removed") if kind in kinds]
    return ", ".join(told) or "no number changed"


def _cell(cell: tuple[float | None, str] | None) -> str:
    if cell is None:
        return "nothing"
    value, status = cell
    return f"{'-' if value is None else f'{value:.10g}'}{'' if status == 'A' else f' [{status}]'}"
