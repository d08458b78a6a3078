"""The command line: one module per group of commands."""

import sys

import click

from atelier.cli.data import datasets, snapshots, theme
from atelier.cli.indicator import indicator, indicators
from atelier.cli.report import report
from atelier.cli.serve import serve
from atelier.errors import AtelierError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dataesr-atelier", prog_name="atelier")
def commands() -> None:
    """dataESR: right figures, live dashboards, printable reports, notebooks to fork."""


for command in (serve, report, indicator, indicators, datasets, snapshots, theme):
    commands.add_command(command)


def main() -> None:
    """Run the command line: an expected error is one clear message and exit code 1, never a traceback."""
    try:
        commands.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrompu.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except BrokenPipeError:
        # The reader of our output, such as ``head``, has left: nothing more to say.
        sys.stderr.close()
        sys.exit(0)
    except AtelierError as error:
        click.echo(f"Erreur : {error}", err=True)
        sys.exit(1)
