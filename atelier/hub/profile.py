"""Who may log in, where the hub listens and how users' servers run: one TOML file, without secrets."""

import ipaddress
import tomllib
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from atelier.errors import DeclarationError, Problem, SettingsError


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Public(_Section):
    """Where the hub listens.

    Attributes:
        address: IP address the proxy binds.
        port: Its port.
        url: Address that readers use when something stands in front (TLS); empty when nothing does.
        visitors: Live dashboards at once; 0 for what the machine's memory allows.
        pool: Kernels run in advance, of each dashboard that cannot be forked.
        rest: Seconds without a gesture after which a page lets its kernel go; 0 for never.
        unconfined: Serve others than this machine although dashboards' kernels reach the network here.
    """

    address: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    url: str = ""
    visitors: int = Field(default=0, ge=0)
    pool: int = Field(default=2, ge=0)
    rest: float = Field(default=60.0, ge=0)
    unconfined: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the hub."""
        return ipaddress.ip_address(self.address).is_loopback and not self.url

    @model_validator(mode="after")
    def _check(self) -> Self:
        ipaddress.ip_address(self.address)
        if self.url and urlsplit(self.url).scheme != "https":
            raise ValueError("url must start with https://: passwords and cookies travel through it")
        return self


class DemoLogin(_Section):
    """Any name, one shared password made at each start: for one machine, to try things out."""

    kind: Literal["demo"]


class OidcLogin(_Section):
    """Login through an OpenID Connect provider; client identifier and secret come from the environment.

    ``OAUTH_CLIENT_ID`` and ``OAUTH_CLIENT_SECRET`` are read by the hub when it starts and are never written.
    """

    kind: Literal["oidc"]
    name: str
    authorize_url: str
    token_url: str
    userdata_url: str
    username_claim: str = "preferred_username"
    scope: tuple[str, ...] = ("openid", "profile")
    allowed_groups: tuple[str, ...] = ()
    groups_claim: str = "groups"
    allowed_users: tuple[str, ...] = ()
    admin_users: tuple[str, ...] = ()


class Servers(_Section):
    """How a user's server runs.

    Attributes:
        spawner: ``local`` (a process of the same system user: no isolation, for one machine) or the class of a
            JupyterHub spawner that isolates users, as in ``"systemdspawner.SystemdSpawner"``.
        settings: That spawner's own settings.
    """

    spawner: str = "local"
    settings: dict[str, Any] = {}


class Profile(_Section):
    """A hub's profile, ``hub_config/<name>.toml``."""

    public: Public = Public()
    login: DemoLogin | OidcLogin = Field(discriminator="kind")
    servers: Servers = Servers()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.public.is_loopback:
            if isinstance(self.login, DemoLogin):
                raise ValueError(
                    f"the demo login is for this machine only and the hub would listen on {self.public.address}"
                    f"{f' behind {self.public.url}' if self.public.url else ''}: use address 127.0.0.1 without url, or "
                    "login.kind = 'oidc' (see hub_config/production.toml)"
                )
            if self.servers.spawner == "local":
                raise ValueError("servers.spawner = 'local' does not isolate users: name a spawner that does")
        return self


def read_profile(path: Path, port: int | None = None) -> Profile:
    """Return the profile stored in ``path``.

    Args:
        path: The TOML file.
        port: Port that wins over the file's.

    Raises:
        SettingsError: The file is missing or not TOML.
        DeclarationError: Keys are missing, unknown, of the wrong type, or unsafe together; all are listed.
    """
    try:
        declared = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"no hub profile {path}: name one of hub_config/*.toml.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML ({error}).") from error
    if port is not None:
        declared.setdefault("public", {})["port"] = port
    try:
        return Profile(**declared)
    except ValidationError as error:
        problems = [Problem(path.name, ".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()]
        raise DeclarationError("hub profile", problems) from error
