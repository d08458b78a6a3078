"""Options that several commands share."""

import click

from atelier.language import LANGUAGES

THEME = click.option("--theme", default=None, metavar="ID", help="Theme; the one set in settings by default.")
LANGUAGE = click.option("--lang", type=click.Choice(LANGUAGES), default=None, help="Language of labels.")
