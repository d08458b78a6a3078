"""The command line: one module per group of commands, loaded when asked for."""

import sys
from importlib import import_module

import click

from atelier.errors import AtelierError

COMMANDS = {
    "serve": "serve",
    "report": "report",
    "reports": "report",
    "editions": "editions",
    "dashboards": "dashboards",
    "indicator": "indicator",
    "indicators": "indicators",
    "datasets": "data",
    "snapshots": "data",
    "references": "references",
    "theme": "data",
}
"""Module of each command: loading all of Jupyter to print one figure would take seconds."""


class LazyGroup(click.Group):
    """A group that imports a command's module at its first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order of ``COMMANDS``."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None when there is no such name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"atelier.cli.{COMMANDS[cmd_name]}"), cmd_name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dataesr-atelier", prog_name="atelier")
def commands() -> None:
    """dataESR: right figures, live dashboards, printable reports, notebooks to fork."""


def main() -> None:
    """Run the command line: an expected error is one clear message and exit code 1, never a traceback."""
    try:
        commands.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
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
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
