"""The hub as people meet it: front page, dashboard, login, fork, and the end."""

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

import nbformat
import pytest

from atelier.parameters import read_parameters
from tests.browser.conftest import wait_until

DASHBOARDS = "/services/public/dashboards/esr/"
DASHBOARD = f"{DASHBOARDS}students"
DRAWING = ".bqplot svg"


def open_dashboard(page, hub, query: str = "", name: str = "students") -> None:
    """Open a dashboard and wait for its drawings."""
    page.goto(f"{hub.url}{DASHBOARDS}{name}{query}")
    page.wait_for_selector("body.is-ready")
    page.wait_for_selector(DRAWING)


class Client:
    """A browser without pages: cookies, and no redirect followed."""

    def __init__(self, hub) -> None:
        class NoRedirect(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *_args):
                return None

        self.hub, self.jar = hub, http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(NoRedirect, urllib.request.HTTPCookieProcessor(self.jar))
        self.opener.addheaders = [("User-Agent", "Mozilla/5.0 Test")]

    def ask(self, path: str, form: dict[str, str] | None = None):
        """Return status, headers and text."""
        data = None if form is None else urllib.parse.urlencode(form).encode()
        try:
            with self.opener.open(self.hub.url + path, data, timeout=30) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode(errors="replace")

    def log_in(self, password: str, after: str = ""):
        """Send the login form; return status, headers and text."""
        query = f"?next={urllib.parse.quote(after, safe='')}" if after else ""
        _status, _headers, text = self.ask(f"/hub/login{query}")
        token = re.search(r'name="_xsrf" value="([^"]+)"', text).group(1)
        form = {"_xsrf": token, "username": self.hub.user, "password": password}
        return self.ask(f"/hub/login{query}", form)


def test_the_front_page_asks_for_no_login(hub, page, record):
    """A visitor without an account comes to the public pages, in one step, without a cookie."""
    page.goto(f"{hub.url}/")
    assert page.url == f"{hub.url}/services/public/"
    assert page.locator("h1").count() == 1
    assert page.locator(f"a[href*='{DASHBOARD}']").count() >= 1
    assert page.context.cookies() == []
    assert record.hosts == {hub.url.removeprefix("http://")}
    assert record.errors == []


@pytest.mark.parametrize("width", [1280, 360])
def test_a_dashboard_shows_and_its_kernel_ends_when_it_is_left(hub, open_page, record, width):
    """R01: the kernel ends when the page is left. No other host, no refusal of the policy, no sideways scroll."""
    before = hub.kernels
    page = open_page(width)
    open_dashboard(page, hub, "?lang=en" if width == 360 else "")
    assert page.get_attribute("html", "lang") == ("en" if width == 360 else "fr")
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert hub.kernels == before + 1
    page.goto(f"{hub.url}/services/public/about/")
    wait_until(lambda: hub.kernels == before)
    assert record.hosts == {hub.url.removeprefix("http://")}
    assert record.errors == []
    assert page.context.cookies() == []


def test_a_wrong_password_is_refused_and_the_right_one_let_in(hub):
    """The printed password opens; another one does not, and the page says so."""
    stranger = Client(hub)
    status, _headers, text = stranger.log_in("not-the-password")
    assert status == 403
    assert 'role="alert"' in text
    assert not any("login" in cookie.name for cookie in stranger.jar)
    analyst = Client(hub)
    status, _headers, _text = analyst.log_in(hub.password)
    assert status == 302
    cookies = {cookie.name: cookie for cookie in analyst.jar}
    assert cookies["jupyterhub-hub-login"].has_nonstandard_attr("HttpOnly")


def test_a_view_forks_into_the_analysts_own_copy(hub, page, record):
    """Dashboard, fork, login, the selection shown, a copy made, JupyterLab open on it."""
    open_dashboard(page, hub, "?region=53&year=2021")
    page.click("#fork")
    page.fill("#username_input", hub.user)
    page.fill("#password_input", hub.password)
    page.click("main form button[type=submit]")
    page.wait_for_url("**/fork/esr/dashboards/students?*", timeout=120_000)
    assert page.locator("dd", has_text="Bretagne").count() == 1
    assert page.locator("dd", has_text="2021").count() == 1
    page.click("main form button[type=submit]")
    page.wait_for_url("**/lab/tree/forks/esr/students-1.ipynb")
    page.wait_for_selector(".jp-Notebook .cm-content:has-text('region: str = \\'53\\'')", timeout=90_000)
    copy = hub.state / "homes" / hub.user / "forks" / "esr" / "students-1.ipynb"
    values = read_parameters(nbformat.read(copy, as_version=4)).defaults
    assert (values["region"], values["year"]) == ("53", 2021)
    assert record.hosts == {hub.url.removeprefix("http://")}
    page.goto("about:blank")


def test_s24_logs_hold_no_secret(hub):
    """Not after a login, nor a wrong one, nor a token in an address, nor ten megabytes of a name."""
    client, stranger = Client(hub), Client(hub)
    client.log_in(hub.password)
    stranger.log_in("canary-password")
    client.ask("/hub/api/users?token=canary-token")
    client.ask("/hub/login?next=%2Fhub%2Fx%3Ftoken%3Dcanary-next")
    stranger.ask("/hub/login", {"username": "x" * 10_000_000, "password": "canary-long"})
    client.ask(f"{DASHBOARD}/nothing?token=canary-public")
    log = hub.log
    assert "canary" not in log
    assert hub.password not in log
    assert not any(cookie.value in log for cookie in [*client.jar, *stranger.jar] if len(cookie.value or "") > 8)
    assert max(map(len, log.splitlines())) < 4096
