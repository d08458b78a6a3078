"""Controls and the row under a figure, as a reader uses them: by keyboard, on a phone, in the dark, back and forth."""

import re

from tests.browser.conftest import wait_until
from tests.browser.test_dashboard import trend
from tests.browser.test_hub import open_dashboard

STRASBOURG = "4k25D"
PNG = b"\x89PNG\r\n"


def title(page) -> str:
    """Return what is chosen, as the page's title says it."""
    return page.locator(".atelier-chosen").inner_text()


def test_an_institution_is_found_by_typing_and_back_returns(hub, page, record):
    """Search by keyboard, with or without accents, in any order; Back and Forward restore without loading the page."""
    open_dashboard(page, hub)
    page.evaluate("window.isSamePage = true")
    field = page.get_by_role("combobox", name="Établissement", exact=True)
    field.focus()
    page.keyboard.type("strasbourg univ")
    option = page.get_by_role("option", name="Université de Strasbourg")
    option.wait_for()
    assert field.get_attribute("aria-expanded") == "true"
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**institution={STRASBOURG}")
    wait_until(lambda: "Strasbourg" in title(page))
    page.get_by_label("Région", exact=True).select_option(label="Bretagne")
    page.wait_for_url("**?region=53")
    page.go_back()
    wait_until(lambda: "Strasbourg" in title(page))
    wait_until(lambda: "Strasbourg" in field.input_value())
    wait_until(lambda: "50\u202f832" in trend(page).locator("h3").inner_text())
    page.go_back()
    wait_until(lambda: "France" in title(page))
    page.go_forward()
    wait_until(lambda: "Strasbourg" in title(page))
    assert page.url.endswith(f"?institution={STRASBOURG}")
    assert page.evaluate("window.isSamePage") is True
    assert record.errors == []


def test_escape_leaves_the_choice_as_it_was(hub, page):
    """A search that finds nothing says so and changes nothing."""
    open_dashboard(page, hub, f"?institution={STRASBOURG}")
    field = page.get_by_role("combobox", name="Établissement", exact=True)
    before = field.input_value()
    field.fill("xyz")
    assert page.locator(".atelier-combo [role=status]").first.inner_text() == "Aucun résultat"
    page.keyboard.press("Escape")
    assert field.input_value() == before
    assert page.url.endswith(f"?institution={STRASBOURG}")


def test_the_years_play_and_stop(hub, page):
    """From the first year; each view follows; the years gone through are not as many steps back."""
    open_dashboard(page, hub, "?year=2006")
    steps = page.evaluate("history.length")
    page.get_by_role("button", name="Faire défiler les années").click()
    wait_until(lambda: "2008" in title(page))
    page.get_by_role("button", name="Mettre en pause").click()
    assert page.get_by_role("slider", name="Rentrée").get_attribute("aria-valuetext") in page.url
    assert page.evaluate("history.length") <= steps + 1
    page.get_by_role("slider", name="Rentrée").press("End")
    wait_until(lambda: "2022" in title(page))


def test_a08_nothing_plays_for_those_who_want_no_motion(hub, open_page):
    """The button goes one year further, once."""
    page = open_page(reduced_motion="reduce")
    open_dashboard(page, hub, "?year=2006")
    page.get_by_role("button", name="Année suivante").click()
    wait_until(lambda: "2007" in title(page))
    assert page.evaluate("document.body.dataset.playing") is None


def test_files_table_and_panels(hub, page):
    """The row under a figure: a table sorted by a click, four files, a permanent link, a method, how to read it."""
    open_dashboard(page, hub, f"?institution={STRASBOURG}")
    figure = trend(page)
    figure.locator("summary", has_text="Données").click()
    head = figure.locator("thead th").last
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert "51\u202f852" in figure.locator("tbody tr").first.inner_text()
    figure.get_by_role("button", name="Télécharger").click()
    figure.locator(".atelier-file-row").wait_for()
    for name in ("CSV", "XLSX", "SVG", "PNG"):
        with page.expect_download() as taken:
            figure.locator(".atelier-file", has_text=name).click()
        assert taken.value.suggested_filename == f"trend.{name.lower()}"
    assert taken.value.path().read_bytes().startswith(PNG)
    figure.locator("summary", has_text="Partager").click()
    link = figure.get_by_role("link", name="Cette figure")
    assert link.evaluate("link => link.href") == f"{page.url}#trend"
    figure.locator("a.atelier-term").first.click()
    assert figure.locator("details", has_text="Mots").evaluate("panel => panel.open")
    figure.locator("summary", has_text="Comment lire").click()
    assert figure.get_by_text("Chaque ligne suit une même chose").is_visible()
    page.get_by_label("Région", exact=True).select_option(label="Bretagne")
    wait_until(lambda: "Bretagne" in figure.locator("caption").inner_text())
    wait_until(lambda: figure.locator("details.atelier-data").evaluate("panel => panel.open"))
    wait_until(lambda: figure.locator(".atelier-file-row").count() == 0)


def test_the_dark_is_kept_in_the_browser_and_nowhere_else(hub, page):
    """The switch wins over the system, on the next page too; no cookie."""
    page.goto(f"{hub.url}/services/public/about/")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.get_by_role("button", name="Fond sombre").click()
    assert page.evaluate(ground) == "rgb(20, 21, 29)"
    open_dashboard(page, hub)
    assert page.evaluate(ground) == "rgb(20, 21, 29)"
    assert page.get_by_role("button", name="Fond sombre").get_attribute("aria-pressed") == "true"
    assert "invert" in page.evaluate("getComputedStyle(document.querySelector('.svg-figure')).filter")
    assert page.context.cookies() == []
    page.emulate_media(media="print")
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('.svg-figure')).filter") == "none"


def test_a08_at_400_percent_nothing_is_lost(hub, open_page):
    """320 px, every panel open: no sideways scroll, and nothing to press smaller than 24 px."""
    page = open_page(320, 640)
    open_dashboard(page, hub)
    for summary in page.locator("details.atelier-panel > summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    small = page.evaluate(
        """() => [...document.querySelectorAll("main :is(button, summary, select, input, a)")]
            .filter((one) => one.offsetParent && getComputedStyle(one).display !== "inline")
            .filter((one) => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < 24)
            .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_a05_the_keyboard_reaches_everything_and_leaves(hub, page):
    """Tab goes through the controls and the row of the first figure in order, and out of the page's end."""
    open_dashboard(page, hub)
    page.locator(".atelier-play").focus()
    names = []
    for _ in range(24):
        names.append(page.evaluate("(document.activeElement.ariaLabel || document.activeElement.textContent).trim()"))
        page.keyboard.press("Tab")
    told = " | ".join(re.sub(r"\s+", " ", name)[:40] for name in names)
    for words in ("Faire défiler", "Données", "Télécharger", "Partager", "Calcul", "Comment lire"):
        assert words in told, told


def test_institutions_are_compared(hub, page):
    """One is added by typing, drawn beside the selection, told in the address, and taken away by its button."""
    open_dashboard(page, hub)
    field = page.get_by_role("combobox", name="Comparer avec")
    field.fill("strasbourg univ")
    page.keyboard.press("Enter")
    page.wait_for_url("**?compare=4k25D")
    women = page.locator(".atelier-figure", has=page.locator("#women"))
    wait_until(lambda: women.locator(".atelier-legend li").all_inner_texts() == ["Université de Strasbourg", "France"])
    assert field.input_value() == ""
    field.fill("lille univ")
    page.keyboard.press("Enter")
    page.wait_for_url("**?compare=4k25D&compare=U8a0v")
    page.get_by_role("button", name="Université de Strasbourg").click()
    page.wait_for_url("**?compare=U8a0v")
    page.go_back()
    wait_until(lambda: page.locator(".atelier-chip:visible").count() == 2)
