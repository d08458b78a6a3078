"""What a reader sees, and when: Chromium, with an empty and with a full cache."""

import shutil
from statistics import median

from playwright.sync_api import sync_playwright

from benchmarks.live.servers import Server

RUNS = 3
PATIENCE = 60_000
_CLOCK = """
window.seen = {};
(function look() {
  for (const bar of document.querySelectorAll('rect.bar, .bqplot .bargroup rect, .bqplot .bar rect')) {
    const box = bar.getBoundingClientRect();
    if (box.height > 0 && getComputedStyle(bar).visibility === 'visible') {
      window.seen.chart ??= performance.now();
      if (bar.closest('.bqplot')) window.seen.live ??= performance.now();
    }
  }
  if (!window.seen.live) requestAnimationFrame(look);
})();
"""


def look(server: Server) -> dict[str, float]:
    """Return medians in seconds: first chart and first live chart, cold and warm; requests of a cold visit."""
    found: dict[str, list[float]] = {}
    path = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        for _run in range(RUNS):
            context = chromium.new_context(viewport={"width": 1280, "height": 900}, bypass_csp=True)
            context.add_init_script(_CLOCK)
            for cache in ("cold", "warm"):
                page = context.new_page()
                page.goto(server.root + server.page, timeout=PATIENCE, wait_until="commit")
                page.wait_for_function("window.seen && window.seen.live", timeout=PATIENCE)
                seen = page.evaluate("window.seen")
                sent = page.evaluate("performance.getEntriesByType('resource').length")
                found.setdefault(f"first_chart_{cache}_s", []).append(seen["chart"] / 1000)
                found.setdefault(f"first_live_chart_{cache}_s", []).append(seen["live"] / 1000)
                found.setdefault(f"requests_{cache}", []).append(sent)
                page.goto("about:blank")
                page.close()
            context.close()
        chromium.close()
    return {name: round(median(values), 3) for name, values in found.items()}
