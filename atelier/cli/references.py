"""``atelier references``: look through code lists and take them away."""

from pathlib import Path

import click

from atelier.cli.options import LANGUAGE, THEME
from atelier.references import FORMATS, write_package
from atelier.workbench import open_theme

NAME = click.argument("name")
FOUND = 10


@click.group()
def references() -> None:
    """Look through code lists and take them away."""


@references.command("list")
@THEME
@LANGUAGE
def list_references(theme: str | None, lang: str | None) -> None:
    """Print every code list: codes, version, title."""
    workbench = open_theme(theme, language=lang)
    for name, declared in workbench.theme.references.items():
        codes = workbench.reference(name)
        click.echo(f"{name:<14} {len(codes.members):>6}  {codes.version:<24} {declared.title[workbench.language]}")


@references.command("show")
@NAME
@click.argument("code", required=False)
@THEME
@LANGUAGE
def show_reference(name: str, code: str | None, theme: str | None, lang: str | None) -> None:
    """Print what a code list holds, or all that it says of one CODE."""
    workbench = open_theme(theme, language=lang)
    codes, language = workbench.reference(name), workbench.language
    if code is None:
        declared = codes.declaration
        click.echo(f"{declared.title[language]} ({codes.version})\n{declared.description[language]}\n")
        click.echo(codes.describe().to_string(index=False))
        return
    lineage = codes.lineage(code)
    for column in codes.declaration.fields:
        value = codes.attributes[code][column.name]
        if value is not None:
            click.echo(f"{column.title[language]:<36} {value}")
    for one in lineage:
        before, after = (codes.members[each].label[language] for each in (one.code, one.successor))
        click.echo(f"{one.year or '?'}: {before} ({one.code}) → {after} ({one.successor})")


@references.command("search")
@NAME
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", default=FOUND, show_default=True, help="Most codes printed.")
@THEME
@LANGUAGE
def search_reference(name: str, text: tuple[str, ...], *, limit: int, theme: str | None, lang: str | None) -> None:
    """Print the codes that a TEXT names, nearest first: a name, an acronym, an identifier."""
    found = open_theme(theme, language=lang).reference(name).search(" ".join(text), limit)
    for code, label, today in found[["code", "label", "today"]].astype(str).to_numpy():
        click.echo(f"{code:<8} {label}" + (f"  → {today}" if today != code else ""))


@references.command("export")
@NAME
@click.option(
    "--to", "form", type=click.Choice(list(FORMATS)), default="csv", show_default=True, help="Form of the table."
)
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), default=None, help="Folder; the list's name by default."
)
@THEME
@LANGUAGE
def export_reference(name: str, *, form: str, into: Path | None, theme: str | None, lang: str | None) -> None:
    """Write a code list as a Data Package: its table and datapackage.json."""
    workbench = open_theme(theme, language=lang)
    codes = workbench.reference(name)
    click.echo(write_package(codes, workbench.engine.figures, into or Path(name), form))
