"""What the public server answers to requests: headers, routes, files."""

import re
from urllib.parse import quote

import pytest

from atelier.live.policy import CONTENT_POLICY
from atelier.settings import load_settings

PREFIX = "/services/public/"
ADDRESSES = {
    "front": PREFIX,
    "english": f"{PREFIX}en/",
    "read": f"{PREFIX}how-to-read/",
    "about": f"{PREFIX}about/",
    "sheet": f"{PREFIX}static/atelier.css",
    "health": f"{PREFIX}health",
    "missing": f"{PREFIX}nothing/here",
    "outside": "/elsewhere",
    "kernel": f"{PREFIX}api/kernels/00000000-0000-0000-0000-000000000000",
    "too long": f"{PREFIX}dashboards/demo/counter?step={'9' * 3000}",
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES.keys())
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PUT"])
def test_s04_s06_every_answer_carries_the_policy(public, address, method):
    """Whatever is asked, and however, the answer says what the page may do and nothing about the server."""
    answer = public.ask(address, method, data=b"" if method in {"POST", "PUT"} else None)
    assert answer.headers["Content-Security-Policy"] == CONTENT_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"]
    assert answer.headers["Server"] is None
    assert answer.headers["Set-Cookie"] is None
    assert answer.headers["Strict-Transport-Security"] is None


def test_s06_transport_security_is_asked_for_over_https_only(public):
    """Behind TLS, browsers are told to come back over TLS."""
    answer = public.ask(PREFIX, headers={"X-Forwarded-Proto": "https,http"})
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_s13_the_inventory_of_routes_is_closed(sample_project):
    """A new route is a decision: it is written here."""
    from atelier.live.server import PublicServer

    server = PublicServer(load_settings({}, home=sample_project, state=sample_project / "state"))
    server.initialize()
    server.prepare()
    routes = [(rule.matcher.regex.pattern, rule.target.__name__) for rule in server.rules()]
    identifier = "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    assert routes == [
        (f"{PREFIX}health$", "HealthHandler"),
        (f"{PREFIX}ready$", "ReadyHandler"),
        (f"{PREFIX}status$", "StatusHandler"),
        (f"{PREFIX}metrics$", "MetricsHandler"),
        (f"{PREFIX}(dashboards/[a-z0-9-]+/[a-z0-9-]+)$", "DashboardHandler"),
        (f"{PREFIX}(dashboards/[a-z0-9-]+/[a-z0-9-]+)/kernel$", "WakeHandler"),
        (f"{PREFIX}(dashboards/[a-z0-9-]+/[a-z0-9-]+)/static/([A-Za-z0-9_-]*)$", "StaticEditionHandler"),
        (
            f"{PREFIX}(dashboards/[a-z0-9-]+/[a-z0-9-]+)/files/([0-9a-f]{{16}})/([A-Za-z0-9][A-Za-z0-9._-]*)$",
            "HandedFileHandler",
        ),
        (f"{PREFIX}embed/([a-z0-9-]+)/([a-z0-9-]+)/([a-z0-9-]+)$", "EmbedHandler"),
        (f"{PREFIX}reports/(.+)$", "EditionHandler"),
        (f"{PREFIX}api/kernels/{identifier}$", "KernelHandler"),
        (f"{PREFIX}api/kernels/{identifier}/channels$", "SocketHandler"),
        (f"{PREFIX}voila/api/shutdown/{identifier}$", "LeaveHandler"),
        (rf"{PREFIX}assets/[0-9a-f]{{12}}/(.+)$", "AssetHandler"),
        (rf"{PREFIX}((?:[a-z0-9-]+/)*(?:[a-z0-9-]+\.[a-z0-9]+)?)$", "AssetHandler"),
        (r"/(robots\.txt)$", "AssetHandler"),
        (".*$", "NotFoundHandler"),
    ]


@pytest.mark.parametrize(
    "path",
    [
        "voila/render/demo/dashboards/counter.ipynb",
        "voila/tree",
        "voila/files/demo/dashboards/counter.ipynb",
        "voila/api/contents/demo",
        "voila/templates/lab/static/index.css",
        "voila/static/voila.js",
        "voila/api/themes/x",
        "api/contents",
        "api/kernels",
        "api/sessions",
        "api/terminals",
        "terminals/1",
        "login",
        "dashboards/",
        "dashboards/demo/",
        "dashboards/demo/counter/",
        "dashboards/demo/counter.ipynb",
        "reports/demo/letter/",
    ],
)
def test_s13_nothing_else_of_voila_or_jupyter_answers(public, path):
    """No folder, no contents, no terminals, no metrics, no list of kernels."""
    assert public.ask(PREFIX + path).status == 404


def _traversals() -> list[str]:
    secret = "state/secret.txt"
    ups = ["../", "..%2f", "..%252f", "%2e%2e/", "%2e%2e%2f", "..;/", "....//", "..\\", "..%5c", "%00/../", "./../"]
    paths = [
        up * depth + target for up in ups for depth in (1, 3, 6) for target in (secret, "secret.txt", "etc/passwd")
    ]
    return [
        *paths,
        "/etc/passwd",
        "//etc/passwd",
        "file:///etc/passwd",
        ".kept/x/secret.txt",
        "%00",
        "-sibling/secret.txt",
    ]


@pytest.mark.parametrize(
    "root",
    [
        *("", "static/", "reports/", "reports/demo/letter/a/", "assets/000000000000/", "dashboards/"),
        *("dashboards/demo/counter/static/", "dashboards/demo/counter/files/0123456789abcdef/", "embed/demo/counter/"),
    ],
)
def test_s12_no_path_wanders(public, sample_project, root):
    """No spelling of a path leads out of what is public."""
    for place in (sample_project / "state", sample_project, sample_project / "state" / "editions-sibling"):
        place.mkdir(exist_ok=True)
        (place / "secret.txt").write_text("canary-traversal", "utf-8")
    for path in _traversals():
        answer = public.ask(PREFIX + root + quote(path, safe="/%:;.\\"))
        assert 400 <= answer.status < 500, path
        assert b"canary-traversal" not in answer.body
        assert b"root:x:" not in answer.body


def test_s14_only_the_public_folder_is_served(public, sample_project):
    """A hidden file, a file of another kind and a symbolic link in the site's folder stay there."""
    site = sample_project / "state" / "site"
    (site / ".hidden.html").write_text("canary-site", "utf-8")
    (site / "notes.py").write_text("canary-site", "utf-8")
    (site / "link.html").symlink_to("/etc/hostname")
    for name in (".hidden.html", "notes.py", "link.html"):
        assert public.ask(PREFIX + name).status == 404


def test_s26_a_report_is_inert(public):
    """A published report is served in a sandbox: its scripts do not run, it has no origin."""
    answer = public.ask(f"{PREFIX}reports/demo/letter/a/index.html")
    assert answer.status == 200
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_folder_of_a_report_is_its_page(public):
    """The address of an edition ends with a stroke."""
    assert public.ask(f"{PREFIX}reports/demo/letter/a/").status == 200


@pytest.mark.parametrize("language", ["fr", "en"])
def test_errors_are_pages_a_person_can_read(public, language):
    """A wrong address leads back to the front page, in the visitor's language."""
    answer = public.ask(f"{PREFIX}nowhere?lang={language}")
    assert answer.status == 404
    assert f'<html lang="{language}">' in answer.text
    assert {"fr": "Cette page n’existe pas", "en": "This page does not exist"}[language] in answer.text


@pytest.mark.parametrize("key", ["theme", "template", "lang", "step", "x"])
def test_s03_a_query_is_never_reflected_nor_obeyed(public, key):
    """Neither theme nor template can be chosen by a reader, and what they write does not come back as it is."""
    hostile = "'\"><script>alert(1)</script>"
    answer = public.ask(f"{PREFIX}dashboards/demo/counter?{key}={quote(hostile)}", headers={"User-Agent": "bot"})
    assert "<script>alert" not in answer.text
    kernel, page = public.open_dashboard(f"?{key}={quote(hostile)}")
    public.leave(kernel)
    assert "<script>alert" not in page
    assert "template/dashboard.js" in page


def test_a_text_file_is_compressed_for_those_who_ask(public):
    """The design sheet travels compressed, and is not sent twice."""
    answer = public.ask(f"{PREFIX}static/atelier.css", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    again = public.ask(f"{PREFIX}static/atelier.css", headers={"If-None-Match": answer.headers["Etag"]})
    assert (again.status, again.body) == (304, b"")


def test_a11_no_page_names_another_host(public):
    """Pages load nothing from elsewhere: every source is a path of ours or data."""
    kernel, page = public.open_dashboard()
    public.leave(kernel)
    texts = [page, *(public.ask(address).text for address in (PREFIX, f"{PREFIX}en/about/", f"{PREFIX}how-to-read/"))]
    for text in texts:
        for source in re.findall(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="([^"]*)"', text):
            assert source.startswith((PREFIX, "data:")), source
