"""``atelier serve``: the public pages, the dashboards and the analysts' hub, on one port, until Ctrl-C."""

import os
import secrets
import signal
import sys
from pathlib import Path

import click

from atelier.errors import ServiceError
from atelier.hub.configure import PASSWORD_VARIABLE, PUBLIC_PREFIX
from atelier.hub.profile import Profile, read_profile
from atelier.hub.service import (
    HubService,
    Interrupted,
    interruptible,
    require_free_port,
    require_profile_matches_login,
    require_proxy,
)
from atelier.live.confine import Confinement, probe_confinement
from atelier.notebooks import read_dashboards
from atelier.settings import Settings, load_settings
from atelier.site import build_site

DEMO_USER = "analyste"
EDITIONS_COMMAND = ("nice", "-n", "19", str(Path(sys.executable).with_name("atelier")), "dashboards", "build", "--own")
"""Makes the static editions that are missing or stale, of the notebooks' own selections, after readers may come."""

INTERRUPTED = 128 + signal.SIGINT
STEPS = {
    "hub": "l’atelier répond / the hub answers",
    "dashboards": "les tableaux de bord répondent / the dashboards answer",
    "front": "la page d’accueil répond / the front page answers",
}


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=None, help="Port; the profile's by default (8000).")
@click.option(
    "--profile",
    "profile_path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Hub profile; hub_config/local.toml by default.",
)
def serve(port: int | None, profile_path: Path | None) -> None:
    """Serve everything on one port until Ctrl-C: front page, dashboards, JupyterHub."""
    settings = load_settings()
    path = (profile_path or settings.home / "hub_config" / "local.toml").resolve()
    profile = read_profile(path, port)
    require_profile_matches_login(profile)
    confinement = probe_confinement(settings)
    require_confinement(profile, confinement)
    password = _demo_password(profile)
    service = HubService(settings, profile, path, password)
    started = False
    try:
        with interruptible():
            _start(service, settings, profile, confinement)
            started = True
            _welcome(service, settings, profile)
            service.start_beside(EDITIONS_COMMAND, "editions.log")
            service.wait_end()
    except Interrupted:
        click.echo("\nArrêt… / Stopping…")
    finally:
        service.stop()
    click.echo("Tout est arrêté. / Everything has stopped.")
    if not started:
        raise SystemExit(INTERRUPTED)


def require_confinement(profile: Profile, confinement: Confinement) -> None:
    """Check that kernels of the public reach no network, where others than this machine are served.

    Raises:
        ServiceError: They would; says what to install, and how to serve all the same.
    """
    if not (profile.public.is_loopback or profile.public.unconfined or confinement.network):
        raise ServiceError(
            "dashboards would be served to the world by kernels that reach the network: install bubblewrap, allow user "
            "namespaces (sysctl kernel.unprivileged_userns_clone=1, or a container that grants them), or write "
            "`unconfined = true` under [public] of the profile if something else confines this service."
        )


def _start(service: HubService, settings: Settings, profile: Profile, confinement: Confinement) -> None:
    require_free_port(profile.public.address, profile.public.port)
    require_proxy(settings)
    build_site(settings)
    _report("les pages publiques sont prêtes / public pages are ready")
    _report(confinement.describe())
    service.start()
    service.wait_ready(lambda step: _report(STEPS[step]))


def _report(text: str) -> None:
    click.echo(f"  ✓ {text}")


def _demo_password(profile: Profile) -> str:
    if profile.login.kind != "demo":
        return ""
    return os.environ.get(PASSWORD_VARIABLE) or secrets.token_urlsafe(9)


def _welcome(service: HubService, settings: Settings, profile: Profile) -> None:
    dashboards = read_dashboards(settings.home)
    lines = ["", f"dataESR  {service.url}/", ""]
    lines += [f"  {one.title['fr']} : {service.url}{PUBLIC_PREFIX}{one.address}" for one in dashboards]
    lines += [f"  Atelier / Workbench : {service.url}/hub/login"]
    if profile.login.kind == "demo":
        lines += [
            "",
            "  Connexion de démonstration, sur cette machine seulement / Demo login, on this machine only:",
            f"    nom / name               {DEMO_USER}",
            f"    mot de passe / password  {service.password}",
        ]
    lines += ["", "Ctrl-C pour tout arrêter. / Ctrl-C stops everything.", f"Journal / log: {service.log_path}"]
    click.echo("\n".join(lines))
