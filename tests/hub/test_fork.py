"""The fork: the selection in the parameters cell, nothing written by a look, nothing overwritten, nowhere else led."""

import re
from urllib.parse import quote

import nbformat
import pytest

from atelier.errors import QuestionError, UnknownNameError
from atelier.hub.fork import build_fork, write_fork
from atelier.parameters import read_parameters
from atelier.settings import load_settings

PAGE = "/fork/esr/dashboards/students"


@pytest.fixture(scope="module")
def settings(home):
    """The project's settings."""
    return load_settings({}, home=home)


def values_of(path) -> dict:
    """Return the values in a notebook's parameters cell."""
    return read_parameters(nbformat.read(path, as_version=4)).defaults


def test_the_selection_is_in_the_parameters_cell(settings, tmp_path):
    """What the reader chose, in the notebook's own types; the rest as it was; words for what was chosen."""
    fork = build_fork(settings, "esr", "students", "year=2021&region=53&lang=en")
    path = tmp_path / write_fork(fork, tmp_path)
    values = values_of(path)
    original = values_of(fork.dashboard.path)
    assert values == original | {"year": 2021, "region": "53", "lang": "en"}
    assert [value.fr for _label, value in fork.selection][:2] == ["2021", "Bretagne"]
    nbformat.validate(nbformat.read(path, as_version=4))


def test_a_copy_without_a_selection_is_the_notebook(settings, tmp_path):
    """Cell by cell."""
    fork = build_fork(settings, "esr", "students", "")
    copy = nbformat.read(tmp_path / write_fork(fork, tmp_path), as_version=4)
    assert copy.cells == nbformat.read(fork.dashboard.path, as_version=4).cells
    assert fork.selection == ()


def test_no_copy_is_overwritten(settings, tmp_path):
    """Copies stand beside one another, numbered; what the analyst wrote stays."""
    fork = build_fork(settings, "esr", "students", "region=53")
    first = tmp_path / write_fork(fork, tmp_path)
    first.write_text("mine", "utf-8")
    second = tmp_path / write_fork(fork, tmp_path)
    assert (first.name, second.name) == ("students-1.ipynb", "students-2.ipynb")
    assert first.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("query", "error", "named"),
    [
        ("regoin=53", UnknownNameError, "region"),
        ("region=999", UnknownNameError, "Allowed:"),
        ("year=1850", UnknownNameError, "2006, 2007"),
        ("year=soon", QuestionError, "type int"),
        ("lang=de", UnknownNameError, "fr, en"),
        ("region=" + "5" * 300, QuestionError, "longer than"),
        ("__import__('os')=1", UnknownNameError, "region"),
        ("region=53'%2B__import__('os').system('x')%2B'", UnknownNameError, "Allowed:"),
    ],
)
def test_what_nobody_declared_is_refused_with_what_is_allowed(settings, query, error, named):
    """A wrong name, code or type makes no copy."""
    with pytest.raises(error, match=re.escape(named)):
        build_fork(settings, "esr", "students", query)


def test_an_unknown_notebook_is_refused_with_those_there_are(settings):
    """Names are looked up, never joined to a path."""
    with pytest.raises(UnknownNameError, match="esr/students"):
        build_fork(settings, "esr", "studnets", "")
    with pytest.raises(UnknownNameError):
        build_fork(settings, "..", "students", "")


def test_looking_at_the_page_changes_nothing(user_server):
    """GET shows notebook, selection and where the copy would be."""
    status, headers, text = user_server.ask(f"{PAGE}?year=2021&region=53")
    assert status == 200
    assert "Bretagne" in text
    assert "2021" in text
    assert "forks/esr/" in text
    assert '<html lang="fr">' in text
    assert "script-src 'none'" in headers["Content-Security-Policy"]
    assert user_server.copies == []
    english = user_server.ask(f"{PAGE}?region=53&lang=en")[2]
    assert '<html lang="en">' in english
    assert "Brittany" in english


def test_a_form_without_the_token_makes_no_copy(user_server):
    """Another site's form, sent by the analyst's own browser, is refused."""
    for form in ({}, {"_xsrf": "forged"}):
        assert user_server.ask(f"{PAGE}?region=53", form)[0] == 403
    assert user_server.copies == []


def test_the_form_makes_a_copy_and_opens_it(user_server):
    """POST with the page's token writes the copy and leads to JupyterLab."""
    address = f"{PAGE}?year=2021&region=53"
    before = len(user_server.copies)
    status, headers, _text = user_server.ask(address, {"_xsrf": user_server.token_of(address)})
    assert status == 303
    copies = user_server.copies
    assert len(copies) == before + 1
    opened = user_server.files / headers["Location"].removeprefix("/lab/tree/")
    assert opened in copies
    assert values_of(opened)["region"] == "53"


@pytest.mark.parametrize(
    "query",
    [
        "next=//evil.example",
        "next=https://evil.example",
        "next=%2F%2Fevil.example",
        "url=//evil.example",
        "region=//evil.example",
    ],
)
def test_s28_the_form_leads_nowhere_else(user_server, query):
    """No part of the address chooses where the copy opens."""
    status, headers, text = user_server.ask(f"{PAGE}?{query}", {"_xsrf": user_server.token_of(PAGE)})
    assert status == 400
    assert "Location" not in headers
    assert "Allowed" in text


@pytest.mark.parametrize(
    "path",
    [
        "/fork/../../etc/dashboards/passwd",
        "/fork/..%2f..%2fetc/dashboards/passwd",
        "/fork/esr/dashboards/..%2f..%2freports%2finstitution",
        "/fork/esr/dashboards/..%252f..%252freports",
        "/fork/esr/dashboards/../reports/institution",
        "/fork/esr/dashboards/students.ipynb",
        "/fork/esr/dashboards/%00",
        "/fork/esr/reports/institution",
    ],
)
def test_s12_no_path_leads_out_of_the_dashboards(user_server, path):
    """A path that is not a name and a name is not found; a name that is not a dashboard is refused."""
    status, _headers, text = user_server.ask(quote(path, safe="/%"))
    assert 400 <= status < 500
    assert "root:" not in text


def test_what_is_refused_is_shown_as_text(user_server):
    """The message repeats the wrong value, escaped."""
    status, _headers, text = user_server.ask(f"{PAGE}?region=%3Cscript%3Ealert(1)%3C/script%3E")
    assert status == 400
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_a_visitor_without_a_login_sees_nothing(user_server):
    """The page is the analyst's own."""
    from dataclasses import replace
    from http.cookiejar import CookieJar

    anybody = replace(user_server, jar=CookieJar())
    status, headers, text = anybody.ask(f"{PAGE}?region=53")
    assert status in {302, 403}
    assert "Bretagne" not in text
    assert headers.get("Location", "/").startswith("/")
