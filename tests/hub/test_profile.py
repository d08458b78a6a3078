"""The hub's profile: what may be written in it, and what is refused before anything starts."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from atelier.cli.serve import require_confinement
from atelier.errors import AtelierError, DeclarationError, ServiceError, SettingsError
from atelier.hub import read_profile
from atelier.hub.profile import Profile
from atelier.live.confine import Confinement

DEMO = '[login]\nkind = "demo"\n'
OIDC = """
[login]
kind = "oidc"
name = "Identity"
authorize_url = "https://id.example.org/a"
token_url = "https://id.example.org/t"
userdata_url = "https://id.example.org/u"
"""


@pytest.fixture
def profile_of(tmp_path):
    """A function that reads a profile from its text."""

    def read(text: str, port: int | None = None):
        path = tmp_path / "profile.toml"
        path.write_text(text, "utf-8")
        return read_profile(path, port)

    return read


@pytest.mark.parametrize("name", ["local", "production"])
def test_the_profiles_of_the_project_are_valid(home, name):
    """Both files that come with the project can be used as they are."""
    profile = read_profile(home / "hub_config" / f"{name}.toml")
    assert profile.login.kind == {"local": "demo", "production": "oidc"}[name]
    assert profile.public.is_loopback is (name == "local")


@pytest.mark.parametrize(
    ("public", "named"),
    [
        ('address = "0.0.0.0"', "0.0.0.0"),
        ('address = "192.0.2.1"', "192.0.2.1"),
        ('address = "::"', "::"),
        ('url = "https://example.org"', "https://example.org"),
    ],
)
def test_the_demo_login_is_for_loopback_only(profile_of, public, named):
    """An address others can reach, or a public url, refuses the demo login and says what to do."""
    with pytest.raises(DeclarationError, match="the demo login is for this machine only") as refused:
        profile_of(f"[public]\n{public}\n{DEMO}")
    assert named in str(refused.value)
    assert "production.toml" in str(refused.value)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1"])
def test_any_address_of_loopback_will_do(profile_of, address):
    """Loopback is more than one address."""
    assert profile_of(f'[public]\naddress = "{address}"\n{DEMO}').public.is_loopback


def test_users_who_come_from_elsewhere_are_isolated(profile_of):
    """Behind a public url, users' servers cannot be plain processes of one system user."""
    with pytest.raises(DeclarationError, match="does not isolate users"):
        profile_of(f'[public]\nurl = "https://example.org"\n{OIDC}')


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 'red'\n" + DEMO, "colour"),
        (f"[public]\nprot = 8000\n{DEMO}", "public.prot"),
        (f"[public]\nport = 'many'\n{DEMO}", "public.port"),
        (f"[public]\nport = 70000\n{DEMO}", "public.port"),
        (f"[public]\naddress = 'somewhere'\n{DEMO}", "somewhere"),
        (f"[public]\nurl = 'http://example.org'\n{OIDC}", "https://"),
        ("[login]\nkind = 'magic'\n", "demo"),
        ("[login]\nkind = 'oidc'\n", "authorize_url"),
        ("[public]\nport = 8000\n", "login"),
        (DEMO + "[servers]\nspawner = 3\n", "servers.spawner"),
    ],
)
def test_mistakes_are_named(profile_of, text, named):
    """An unknown key, a wrong type, a missing section: each is named where it stands."""
    with pytest.raises(AtelierError) as refused:
        profile_of(text)
    assert named in str(refused.value)


def test_all_mistakes_are_listed_at_once(profile_of):
    """One run tells everything there is to correct."""
    with pytest.raises(DeclarationError) as refused:
        profile_of(f"[public]\nprot = 1\nport = 'x'\n{DEMO}")
    assert len(refused.value.problems) == 2


def test_a_missing_file_and_a_broken_one_say_so(tmp_path):
    """The file's path is in the message."""
    with pytest.raises(SettingsError, match=r"no hub profile .*none\.toml"):
        read_profile(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("[public", "utf-8")
    with pytest.raises(SettingsError, match=r"broken\.toml: not valid TOML"):
        read_profile(broken)


def test_the_port_asked_for_wins(profile_of):
    """``--port`` wins over the file."""
    assert profile_of(f"[public]\nport = 8000\n{DEMO}", 8123).public.port == 8123


def test_the_profile_holds_no_secret(home):
    """Secrets come from the environment: no key of a profile could hold one."""
    for path in sorted(Path(home / "hub_config").glob("*.toml")):
        lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
        assert not any(word in line.lower() for line in lines for word in ("secret", "password"))


@pytest.mark.parametrize(
    ("public", "network", "refused"),
    [
        ({}, False, False),
        ({"address": "192.0.2.1"}, True, False),
        ({"address": "192.0.2.1"}, False, True),
        ({"address": "192.0.2.1", "unconfined": True}, False, False),
        ({"url": "https://statistics.example.org"}, False, True),
    ],
)
def test_the_world_is_not_served_by_kernels_that_reach_the_network(public, network, refused):
    """S07: on another address than loopback, without a network namespace, the service does not start unless told to."""
    login = {"kind": "oidc", "name": "x", "authorize_url": "x", "token_url": "x", "userdata_url": "x"}
    profile = Profile(public=public, login=login, servers={"spawner": "some.Spawner"})
    confinement = Confinement("none", network=network)
    with pytest.raises(ServiceError, match="bubblewrap") if refused else nullcontext():
        require_confinement(profile, confinement)
