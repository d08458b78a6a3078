"""JupyterHub's settings, made from a profile: one function per concern, each tested on the settings it makes."""

import os
import sys
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from atelier.errors import SettingsError
from atelier.hub.outage import register_outage_page
from atelier.hub.profile import DemoLogin, OidcLogin, Profile, Public
from atelier.settings import Settings
from atelier.words import read_words

PUBLIC_PREFIX = "/services/public/"
HUB_PREFIX = "/hub/"
PASSWORD_VARIABLE = "ATELIER_DEMO_PASSWORD"  # noqa: S105 - its name, not its value
PASSWORD_LENGTH = 8
PORTS_VARIABLE = "ATELIER_HUB_PORTS"
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "PYTHONPATH", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
"""What a user's server takes over from the hub's environment; everything else is made for it."""

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self'"
)


@dataclass(frozen=True)
class Ports:
    """Ports of one installation; all but ``public`` are for its own processes.

    Attributes:
        public: Where readers and analysts arrive.
        hub: The hub's own.
        proxy: The proxy's command port.
        service: The public dashboards'.
    """

    public: int
    hub: int
    proxy: int
    service: int

    def write(self) -> str:
        """Return the ports as one environment variable holds them."""
        return ",".join(map(str, astuple(self)))

    @classmethod
    def read(cls, text: str) -> "Ports":
        """Return the ports written by ``write``."""
        try:
            return cls(*(int(part) for part in text.split(",")))
        except (TypeError, ValueError) as error:
            raise SettingsError(
                f"{PORTS_VARIABLE} is {text!r}: write four ports, as in 8000,8081,8001,8082."
            ) from error


def configure(c: Any, settings: Settings, profile: Profile, ports: Ports, environment: Mapping[str, str]) -> None:
    """Write the whole configuration into ``c``, JupyterHub's configuration object."""
    configure_addresses(c, settings, profile, ports)
    configure_state(c, settings)
    configure_pages(c, settings, profile)
    configure_login(c, profile, environment)
    configure_servers(c, settings, profile)
    configure_public_service(c, settings, ports, profile.public)


def configure_addresses(c: Any, settings: Settings, profile: Profile, ports: Ports) -> None:
    """Listen on one public port; everything else stays on loopback."""
    c.JupyterHub.bind_url = f"http://{profile.public.address}:{ports.public}"
    c.JupyterHub.hub_ip = "127.0.0.1"
    c.JupyterHub.hub_port = ports.hub
    if profile.public.url:
        c.JupyterHub.public_url = profile.public.url
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{ports.proxy}"
    c.ConfigurableHTTPProxy.command = [str(proxy_command(settings))]
    c.ConfigurableHTTPProxy.log_level = "warn"
    c.ConfigurableHTTPProxy.pid_file = str(settings.state / "hub" / "proxy.pid")


def configure_state(c: Any, settings: Settings) -> None:
    """Keep the database and the cookie secret in the state folder, for this system user only."""
    folder = settings.state / "hub"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    c.JupyterHub.db_url = f"sqlite:///{folder / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
    c.JupyterHub.cleanup_servers = True
    c.JupyterHub.logging_config = {
        "formatters": {
            "console": {
                "class": "atelier.logs.BoundedFormatter",
                "format": "[%(asctime)s %(levelname)s %(name)s] %(message)s",
            }
        }
    }


def configure_pages(c: Any, settings: Settings, profile: Profile) -> None:
    """Give the hub's pages our look and a strict policy; ``/`` is the public front page, for everybody."""
    c.JupyterHub.template_paths = [str(settings.home / "templates" / "hub")]
    c.JupyterHub.template_vars = {
        "all_words": read_words(settings.home),
        "public": PUBLIC_PREFIX,
        "is_demo": isinstance(profile.login, DemoLogin),
    }
    c.JupyterHub.default_url = _front_page
    headers = {
        "Content-Security-Policy": CONTENT_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Frame-Options": "DENY",
        "Server": "",
        "X-JupyterHub-Version": "",
    }
    if profile.public.url:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    c.JupyterHub.tornado_settings = {
        "headers": headers,
        "cookie_options": {"samesite": "Lax"},
        "atelier": settings,
        "atelier_prefix": PUBLIC_PREFIX,
    }
    register_outage_page()


def configure_login(c: Any, profile: Profile, environment: Mapping[str, str]) -> None:
    """Let in those the profile lets in; secrets come from the environment."""
    login = profile.login
    c.Authenticator.username_pattern = r"^[a-z][a-z0-9-]{0,31}$"
    c.Authenticator.enable_auth_state = False
    if isinstance(login, OidcLogin):
        _configure_oidc(c, profile, login)
        return
    password = environment.get(PASSWORD_VARIABLE, "")
    if len(password) < PASSWORD_LENGTH:
        raise SettingsError(
            f"{PASSWORD_VARIABLE} is missing or shorter than {PASSWORD_LENGTH} characters: `atelier serve` makes one."
        )
    c.JupyterHub.authenticator_class = "shared-password"
    c.SharedPasswordAuthenticator.user_password = password
    c.Authenticator.allow_all = True


def configure_servers(c: Any, settings: Settings, profile: Profile) -> None:
    """Give each user a JupyterLab in a home of their own, with a whitelisted environment and our fork page."""
    homes = settings.state / "homes"
    homes.mkdir(mode=0o700, parents=True, exist_ok=True)
    c.Spawner.env_keep = list(KEPT_VARIABLES)
    c.Spawner.environment = {
        "ATELIER_HOME": str(settings.home),
        "JUPYTER_CONFIG_PATH": str(settings.home / "hub_config" / "user"),
        "PYTHONUNBUFFERED": "1",
    }
    c.Spawner.cmd = [sys.executable, "-m", "atelier.hub.program", "jupyterhub.singleuser"]
    c.Spawner.default_url = "/lab"
    c.Spawner.ip = "127.0.0.1"
    c.Spawner.http_timeout = 60
    c.Spawner.start_timeout = 120
    c.JupyterHub.allow_named_servers = False
    if profile.servers.spawner == "local":
        c.JupyterHub.spawner_class = "simple"
        c.SimpleLocalProcessSpawner.home_dir_template = str(homes / "{username}")
        c.Spawner.pre_spawn_hook = _make_home
        if os.geteuid() == 0:
            # A container or a fresh machine; the profile has already made sure that only this machine gets in.
            c.Spawner.args = ["--allow-root"]
    else:
        c.JupyterHub.spawner_class = profile.servers.spawner
        name = profile.servers.spawner.rpartition(".")[2]
        for key, value in profile.servers.settings.items():
            setattr(c[name], key, value)


def configure_public_service(c: Any, settings: Settings, ports: Ports, public: Public) -> None:
    """Run the public dashboards as a service of the hub: no token of it is used, none reaches a kernel."""
    command = [sys.executable, "-m", "atelier.live", "--port", str(ports.service)]
    command += ["--prefix", PUBLIC_PREFIX, "--hub", HUB_PREFIX]
    command += ["--visitors", str(public.visitors), "--pool", str(public.pool), "--rest", str(public.rest)]
    command += ["--home", str(settings.home), "--state", str(settings.state)]
    # Crawlers look for it at the root of the host, where only the hub would answer.
    c.ConfigurableHTTPProxy.extra_routes = {"/robots.txt/": f"http://127.0.0.1:{ports.service}"}
    c.JupyterHub.services = [
        {
            "name": "public",
            "url": f"http://127.0.0.1:{ports.service}",
            "command": command,
            "cwd": str(settings.home),
            "display": False,
        }
    ]


def proxy_command(settings: Settings) -> Path:
    """Return the proxy's command, installed by npm in the project's folder."""
    return settings.home / "node_modules" / ".bin" / "configurable-http-proxy"


def _configure_oidc(c: Any, profile: Profile, login: OidcLogin) -> None:
    c.JupyterHub.authenticator_class = "generic-oauth"
    oauth = c.GenericOAuthenticator
    oauth.login_service = login.name
    oauth.authorize_url = login.authorize_url
    oauth.token_url = login.token_url
    oauth.userdata_url = login.userdata_url
    oauth.username_claim = login.username_claim
    oauth.scope = list(login.scope)
    oauth.oauth_callback_url = f"{profile.public.url.rstrip('/')}{HUB_PREFIX}oauth_callback"
    oauth.manage_groups = bool(login.allowed_groups)
    oauth.auth_state_groups_key = f"oauth_user.{login.groups_claim}"
    oauth.allowed_groups = set(login.allowed_groups)
    c.Authenticator.allowed_users = set(login.allowed_users)
    c.Authenticator.admin_users = set(login.admin_users)


def _front_page(handler: Any) -> str:
    # The hub also asks where to send a person after login: there, an empty answer means "your own server".
    return PUBLIC_PREFIX if handler.request.path.rstrip("/") == HUB_PREFIX.rstrip("/") else ""


def _make_home(spawner: Any) -> None:
    Path(spawner.home_dir).mkdir(mode=0o700, parents=True, exist_ok=True)
