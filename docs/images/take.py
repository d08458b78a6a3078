"""Take the pictures of the docs: front page, each dashboard wide and on a phone, pages of a report.

``make images`` runs it. It starts everything on a free port, opens the pages in Chromium, prints a report, and stops.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from socket import socket

import pypdfium2
from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES = Path(__file__).parent
HOME = IMAGES.parents[1]
ATELIER = Path(sys.executable).with_name("atelier")
INSTITUTION = "4k25D"
DASHBOARDS = {
    "dashboard": "students?region=44",
    "institution": "institution",
    "money": "money",
    "success": "success",
    "employment": "employment",
    "parcoursup": "parcoursup",
}
"""The view of each dashboard, by the name of its pictures."""
REPORT_WIDTH = 900


def main() -> None:
    """Take every picture."""
    with tempfile.TemporaryDirectory() as state:
        environment = {**os.environ, "ATELIER_STATE": state}
        print_report(environment, Path(state))
        with socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        server = subprocess.Popen(
            [ATELIER, "serve", "--port", str(port)], cwd=HOME, env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            wait_ready(server)
            take_pages(f"http://127.0.0.1:{port}")
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def print_report(environment: dict[str, str], state: Path) -> None:
    """Publish one report and turn its pages into pictures."""
    command = [ATELIER, "report", "institution", "--for", INSTITUTION, "--to", "html,pdf"]
    subprocess.run(command, cwd=HOME, env=environment, check=True, stdout=subprocess.DEVNULL)
    (pdf,) = (state / "editions").rglob("*.pdf")
    for old in IMAGES.glob("report-*.png"):
        old.unlink()
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, 1):
            picture = page.render(scale=REPORT_WIDTH / page.get_width()).to_pil()
            write(picture, f"report-{number}.png")


def wait_ready(server: subprocess.Popen[str]) -> None:
    """Wait until the server prints its addresses."""
    assert server.stdout is not None
    for line in server.stdout:
        if re.search(r"Ctrl-C", line):
            return
    raise SystemExit("the server stopped before it was ready")


def take_pages(url: str) -> None:
    """Open each page wide and narrow."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for width, height in ((1280, 900), (360, 780)):
            page = browser.new_page(viewport={"width": width, "height": height}, locale="fr-FR")
            page.goto(f"{url}/")
            save(page, f"front-{width}.png")
            for name, view in DASHBOARDS.items():
                page.goto(f"{url}/services/public/dashboards/esr/{view}")
                page.locator(".bqplot svg").last.wait_for(state="attached", timeout=90_000)
                page.wait_for_load_state("networkidle")
                save(page, f"{name}-{width}.png")
            page.close()
        browser.close()


def save(page: Page, name: str) -> None:
    """Save a picture of the whole page."""
    taken = page.screenshot(full_page=True, animations="disabled")
    write(Image.open(BytesIO(taken)).convert("RGB"), name)


def write(picture: Image.Image, name: str) -> None:
    """Write a picture in 64 colours: pages hold few, and a repository keeps every version of it."""
    picture.quantize(64).save(IMAGES / name, optimize=True)
    print(name)


if __name__ == "__main__":
    main()
