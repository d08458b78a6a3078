"""JupyterHub's settings: what the tested functions write, without starting a hub."""

import os
import stat

import pytest
from traitlets.config import Config

from atelier.errors import ServiceError, SettingsError
from atelier.hub import Ports, Profile, configure, read_profile
from atelier.hub.configure import KEPT_VARIABLES, PASSWORD_VARIABLE
from atelier.hub.service import choose_ports, require_free_port, require_profile_matches_login, require_proxy
from atelier.settings import load_settings

PORTS = Ports(public=8000, hub=8081, proxy=8001, service=8082)
DEMO = Profile(login={"kind": "demo"})
PASSWORD = {PASSWORD_VARIABLE: "long-enough"}


@pytest.fixture
def settings(home, tmp_path):
    """The project's settings, with a state of its own."""
    return load_settings({}, home=home, state=tmp_path / "state")


@pytest.fixture
def c(settings):
    """The demo hub's configuration."""
    config = Config()
    configure(config, settings, DEMO, PORTS, PASSWORD)
    return config


@pytest.fixture
def production(home, settings):
    """The production hub's configuration."""
    config = Config()
    configure(config, settings, read_profile(home / "hub_config" / "production.toml"), PORTS, {})
    return config


def test_only_the_public_port_is_for_others(c):
    """Hub, proxy and dashboards listen on loopback, each on its port."""
    assert c.JupyterHub.bind_url == "http://127.0.0.1:8000"
    assert (c.JupyterHub.hub_ip, c.JupyterHub.hub_port) == ("127.0.0.1", 8081)
    assert c.ConfigurableHTTPProxy.api_url == "http://127.0.0.1:8001"
    assert c.JupyterHub.services[0]["url"] == "http://127.0.0.1:8082"
    assert c.Spawner.ip == "127.0.0.1"


@pytest.mark.parametrize("password", ["", "short", "1234567"])
def test_a_short_password_is_refused(settings, password):
    """The demo login has a password of eight characters at least, from the environment."""
    with pytest.raises(SettingsError, match="shorter than 8 characters"):
        configure(Config(), settings, DEMO, PORTS, {PASSWORD_VARIABLE: password})


def test_the_demo_login_is_one_password_for_any_plain_name(c):
    """Names are lower-case letters, digits and hyphens: they become folder names."""
    assert c.JupyterHub.authenticator_class == "shared-password"
    assert c.SharedPasswordAuthenticator.user_password == "long-enough"
    assert c.Authenticator.username_pattern.startswith("^[a-z]")
    assert c.Authenticator.username_pattern.endswith("$")


def test_s08_a_users_server_knows_a_whitelist(c):
    """Of the hub's environment a user's server takes over where programs and languages are, nothing else."""
    assert set(c.Spawner.env_keep) == set(KEPT_VARIABLES)
    assert not any(word in name for name in KEPT_VARIABLES for word in ("SECRET", "TOKEN", "PASSWORD", "KEY"))
    assert set(c.Spawner.environment) == {"ATELIER_HOME", "JUPYTER_CONFIG_PATH", "PYTHONUNBUFFERED"}


def test_s06_pages_of_the_hub_carry_the_policy(c, production):
    """No inline script, no other host, no frame, no version; TLS is asked for where there is TLS."""
    headers = c.JupyterHub.tornado_settings["headers"]
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]
    assert headers["Server"] == headers["X-JupyterHub-Version"] == ""
    assert "Strict-Transport-Security" not in headers
    assert production.JupyterHub.tornado_settings["headers"]["Strict-Transport-Security"].startswith("max-age=")


def test_s25_nothing_is_shared(c):
    """No role, no scope, no group beyond JupyterHub's own; the public service has no right at all."""
    assert "load_roles" not in c.JupyterHub
    assert "load_groups" not in c.JupyterHub
    assert "oauth_client_allowed_scopes" not in c.Spawner
    assert c.JupyterHub.allow_named_servers is False
    service = c.JupyterHub.services[0]
    assert not {"admin", "api_token", "oauth_client_allowed_scopes", "oauth_roles"} & set(service)


def test_the_public_service_is_told_where_it_is_mounted(c, settings):
    """Its command names everything: nothing is left to the environment."""
    command = c.JupyterHub.services[0]["command"]
    assert command[1:3] == ["-m", "atelier.live"]
    given = dict(zip(command[3::2], command[4::2], strict=True))
    assert given == {
        "--port": "8082",
        "--prefix": "/services/public/",
        "--hub": "/hub/",
        "--visitors": "0",
        "--pool": "2",
        "--rest": "60.0",
        "--home": str(settings.home),
        "--state": str(settings.state),
    }


def test_r17_the_hub_answers_for_a_service_that_does_not(c, settings):
    """Its page for an outage comes before the hub's own, once; crawlers' file at the root is the public service's."""
    from jupyterhub import handlers

    from atelier.hub.outage import OutageHandler, register_outage_page

    register_outage_page()
    assert handlers.default_handlers[0] == ("/error/(503)", OutageHandler)
    assert [one for _, one, *_ in handlers.default_handlers].count(OutageHandler) == 1
    assert c.JupyterHub.tornado_settings["atelier"] == settings
    assert c.ConfigurableHTTPProxy.extra_routes == {"/robots.txt/": "http://127.0.0.1:8082"}


def test_what_the_hub_keeps_is_for_its_own_user(c, settings):
    """Database, cookie secret and homes are in folders that nobody else reads."""
    assert c.JupyterHub.cookie_secret_file.startswith(str(settings.state))
    for folder in (settings.state / "hub", settings.state / "homes"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert c.JupyterHub.cleanup_servers is True


def test_logs_are_bounded(c):
    """The hub's log goes through the formatter that redacts."""
    assert c.JupyterHub.logging_config["formatters"]["console"]["class"] == "atelier.logs.BoundedFormatter"


def test_the_fork_page_is_on_in_users_servers(home, c):
    """A user's server reads our folder of settings: the fork page is on, Voilà and the news are off."""
    import json
    from pathlib import Path

    folder = Path(c.Spawner.environment["JUPYTER_CONFIG_PATH"])
    assert folder == home / "hub_config" / "user"
    declared = json.loads((folder / "jupyter_server_config.json").read_text("utf-8"))
    assert declared["ServerApp"]["jpserver_extensions"]["atelier.hub.fork"] is True
    assert declared["ServerApp"]["jpserver_extensions"]["voila.server_extension"] is False
    assert declared["LabApp"]["news_url"] is None


def test_production_logs_in_through_the_provider(production):
    """A callback below the public url, the groups of the profile, no password of ours."""
    assert production.JupyterHub.authenticator_class == "generic-oauth"
    oauth = production.GenericOAuthenticator
    assert oauth.oauth_callback_url == "https://statistics.example.org/hub/oauth_callback"
    assert oauth.allowed_groups == {"analysts"}
    assert "client_secret" not in oauth
    assert "SharedPasswordAuthenticator" not in production
    assert "allow_all" not in production.Authenticator


def test_production_isolates_users(production):
    """The profile's own settings reach its spawner."""
    assert production.JupyterHub.spawner_class == "systemdspawner.SystemdSpawner"
    assert production.SystemdSpawner.dynamic_users is True
    assert "args" not in production.Spawner


def test_an_empty_answer_sends_people_to_their_server(c):
    """``/`` is the public front page for everybody; after login people go where they wanted to."""
    from types import SimpleNamespace

    front = SimpleNamespace(request=SimpleNamespace(path="/hub/"))
    login = SimpleNamespace(request=SimpleNamespace(path="/hub/login"))
    assert c.JupyterHub.default_url(front) == "/services/public/"
    assert c.JupyterHub.default_url(login) == ""


def test_ports_travel_as_one_variable():
    """What ``write`` writes, ``read`` reads; anything else is refused."""
    assert Ports.read(PORTS.write()) == PORTS
    for text in ("", "8000", "8000,a,b,c", "1,2,3,4,5"):
        with pytest.raises(SettingsError, match="write four ports"):
            Ports.read(text)
    chosen = choose_ports(8000)
    assert len({chosen.public, chosen.hub, chosen.proxy, chosen.service}) == 4


def test_a_missing_proxy_says_how_to_install_it(tmp_path):
    """Before anything starts."""
    with pytest.raises(ServiceError, match="make install"):
        require_proxy(load_settings({}, home=tmp_path))


def test_a_port_in_use_is_named():
    """With another to try."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServiceError, match=f"port {port} of 127.0.0.1 cannot be used.*--port {port + 1}"):
            require_free_port("127.0.0.1", port)


def test_the_providers_secrets_are_asked_for_by_name(home, monkeypatch):
    """A hub that could not log anybody in does not start."""
    profile = read_profile(home / "hub_config" / "production.toml")
    monkeypatch.delenv("OAUTH_CLIENT_ID", raising=False)
    monkeypatch.setenv("OAUTH_CLIENT_SECRET", "x")
    with pytest.raises(SettingsError, match="set OAUTH_CLIENT_ID first"):
        require_profile_matches_login(profile)
    require_profile_matches_login(DEMO)


def test_the_configuration_file_stays_a_doorway(home):
    """Logic is in tested functions: the file JupyterHub reads holds a few lines."""
    lines = (home / "hub_config" / "jupyterhub_config.py").read_text("utf-8").splitlines()
    assert len(lines) < 50
    assert not any(line.startswith(("def ", "class ", "if ", "for ")) for line in lines)


def test_only_root_is_told_to_allow_root(c):
    """A container runs as root; nobody else gets the flag."""
    assert ("args" in c.Spawner) is (os.geteuid() == 0)
