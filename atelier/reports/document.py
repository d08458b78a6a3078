"""An executed notebook as a document: its prose and blocks in order, and the record of what they were made from."""

import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import atelier.reports.start  # noqa: F401 - before nbformat

# isort: split
import segno
from nbformat import NotebookNode

from atelier.errors import ReportError
from atelier.indicators.table import STATUSES
from atelier.language import NO_BREAK_SPACE, typeset
from atelier.parameters import Value
from atelier.reports.blocks import MIME, Facts
from atelier.reports.changes import sentence
from atelier.reports.prose import read_prose
from atelier.reports.report import Report, dashboard_address
from atelier.reports.words import say
from atelier.settings import Settings
from atelier.theme import Theme

LANGUAGE_TAG = "lang-"
INJECTED_TAG = "injected-parameters"
SECTION_LEVEL = 2
SHOWN_HASH = 12


Answers = tuple[dict[str, Any], ...]
Since = Callable[[Answers, str], tuple[dict[str, Any] | None, list[dict[str, Any]]]]
"""From answers and a language, what changed since the edition in place, and the blocks that tell it."""


@dataclass(frozen=True)
class Document:
    """What is published, before it is given a form.

    Attributes:
        title: Title of the document, for readers and for the file's metadata.
        description: One sentence.
        language: Its language.
        author: Who publishes it.
        blocks: Prose and blocks as JSON, in order; the first is the cover. Figures and tables carry ``name``, their
            number in words.
        answers: Each question asked, once, as JSON, with the ``blocks`` that print its answer.
        changes: What changed since the edition in place; see ``atelier.reports.changes``.
    """

    title: str
    description: str
    language: str
    author: str
    blocks: tuple[dict[str, Any], ...]
    answers: tuple[dict[str, Any], ...]
    changes: dict[str, Any] | None = None

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Anchor and text of each section's heading."""
        found = [
            block for block in self.blocks if block.get("level") == SECTION_LEVEL or block["kind"] == "key-figures"
        ]
        return [(block["id"], block["title"] if "title" in block else plain(block)) for block in found]


def read_document(
    report: Report,
    executed: NotebookNode,
    values: Mapping[str, Value],
    theme: Theme,
    settings: Settings,
    *,
    since: Since | None = None,
) -> Document:
    """Return the document that an executed notebook holds, with its closing sections.

    Markdown cells tagged ``lang-fr`` or ``lang-en`` are kept in that language only; code, printed lines and parameters
    are left out; each output must be a block.

    Args:
        report: The report.
        executed: Its notebook, executed.
        values: The parameters it was run with; ``lang`` is the language of the document.
        theme: Its theme.
        settings: Settings in force.
        since: What tells the changes since the edition in place; none are told without it.

    Raises:
        ReportError: No cover, an output that is not a block, or prose that cannot be printed.
    """
    language = str(values.get("lang", settings.language))
    author = theme.card.publisher[language]
    blocks = list(_read_cells(report, executed, language))
    if not blocks or blocks[0]["kind"] != "cover":
        raise ReportError(f"{report.path}: the first thing shown must be a cover: show reports.cover(...) first.")
    cover = blocks[0]
    title = f"{cover['title']} – {cover['kicker']}"
    answers = _take_answers(blocks)
    changes, told = since(answers, language) if since else (None, [])
    if changes:
        *others, last = cover["warnings"] or [""]
        cover["warnings"] = [*others, " ".join(filter(None, (last, sentence(changes, language))))]
    blocks += told
    _number(blocks, language)
    blocks += _closing(
        report, answers, language, f"{author}, {title}", (settings.address, report.edition_address(values))
    )
    cover["live"] = _live(report, values, settings, language)
    seen: Counter[str] = Counter()
    for block in blocks:
        if block["kind"] in ("heading", "key-figures"):
            anchor = _anchor(block["title"] if "title" in block else plain(block))
            seen[anchor] += 1
            block["id"] = anchor if seen[anchor] == 1 else f"{anchor}-{seen[anchor]}"
    return Document(title, report.description[language], language, author, tuple(blocks), answers, changes)


def plain(block: Mapping[str, Any]) -> str:
    """Return the text of a heading or paragraph without its marks."""
    return "".join(span["text"] for span in block["spans"])


def datasets(answers: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what is known of each dataset read, by identifier."""
    kept = ("dataset_id", "dataset_title", "producer", "licence", "vintage", "page", "snapshots", "references")
    return {answer["dataset"]: {key: answer[key] for key in kept} for answer in answers}


def _read_cells(report: Report, executed: NotebookNode, language: str) -> Iterator[dict[str, Any]]:
    written = [cell for cell in executed.cells if INJECTED_TAG not in cell.metadata.get("tags", [])]
    for number, cell in enumerate(written, 1):
        where = f"{report.path}, cell {number}"
        tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith(LANGUAGE_TAG)]
        if cell.cell_type == "markdown" and (not tags or LANGUAGE_TAG + language in tags):
            yield from read_prose(cell.source, language, where)
        elif cell.cell_type == "code":
            yield from (_read_output(output, where) for output in cell.outputs if output.output_type != "stream")


def _read_output(output: NotebookNode, where: str) -> dict[str, Any]:
    data = output.get("data", {})
    if MIME not in data:
        raise ReportError(
            f"{where}: shows something that is not a block of a report: show reports.figure(...) or another block, "
            "or end the line with a semicolon."
        )
    return dict(data[MIME])


def _number(blocks: Iterable[dict[str, Any]], language: str) -> None:
    counts: Counter[str] = Counter()
    for block in blocks:
        if block["kind"] in ("figure", "table"):
            counts[block["kind"]] += 1
            block["name"] = say(block["kind"], language, number=counts[block["kind"]])


def _take_answers(blocks: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Move the answers out of their blocks: each question once, with the blocks that print its answer."""
    answers: dict[str, dict[str, Any]] = {}
    for number, block in enumerate(blocks):
        for answer in block.pop("answers", ()):
            told = {key: value for key, value in answer["provenance"].items() if key != "sql"}
            question = json.dumps([told["indicator"], told["question"]], sort_keys=True)
            kept = answers.setdefault(question, {**answer, **told, "blocks": []})
            kept.pop("provenance", None)
            kept["blocks"].append(number)
    return tuple(answers.values())


def _closing(
    report: Report, answers: Sequence[Mapping[str, Any]], language: str, title: str, address: tuple[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield what ends every report: symbols, how to cite, provenance."""

    def heading(word: str) -> dict[str, Any]:
        return {"kind": "heading", "level": SECTION_LEVEL, "spans": [{"text": say(word, language)}]}

    known = datasets(answers)
    yield heading("signs")
    signs = [(f"[{code}]", text[language]) for code, text in STATUSES.items() if code != "A"]
    spans: list[dict[str, Any]] = []
    for code, words in signs:
        end = "." if code == signs[-1][0] else typeset(" ; " if language == "fr" else "; ", language)
        spans += [{"text": code, "strong": True}, {"text": f"{NO_BREAK_SPACE}{words}{end}"}]
    yield {"kind": "paragraph", "spans": spans}
    yield heading("cite")
    data = "; ".join(f"{one['producer'][language]}, {one['dataset_id']}, {one['vintage']}" for one in known.values())
    author, _, rest = title.partition(", ")
    citation = say("citation", language, author=author, title=rest, data=data or "–", address="".join(address))
    yield {"kind": "paragraph", "spans": [{"text": citation}]}
    page = f"{address[0]}{'' if language == 'fr' else f'{language}/'}corrections/"
    spans = [{"text": f"{say('corrections-at', language)} "}, {"text": page, "link": page}]
    yield {"kind": "paragraph", "spans": spans}
    yield heading("provenance")
    facts = [
        (say("report", language), report.title[language]),
        (say("notebook", language), f"sha256 {report.sha256[:SHOWN_HASH]}"),
    ]
    for one in known.values():
        hashes = ", ".join(sorted({sha256[:SHOWN_HASH] for sha256 in one["snapshots"].values()}))
        facts += [
            (say("dataset", language), f"{one['dataset_title'][language]} ({one['dataset_id']})"),
            (say("producer", language), one["producer"][language]),
            (say("vintage", language), one["vintage"]),
            (say("licence", language), one["licence"]),
            (say("snapshot", language), f"sha256 {hashes}"),
        ]
    facts += [(say("engine", language), f"dataESR {engine}") for engine in sorted({one["engine"] for one in answers})]
    yield Facts(language=language, facts=tuple(facts)).as_json()


def _live(report: Report, values: Mapping[str, Value], settings: Settings, language: str) -> dict[str, str] | None:
    """Return the address of the live dashboard on the same selection, and its QR code; None when there is none."""
    if not report.dashboard:
        return None
    address = settings.address + dashboard_address(settings.home, report, values)
    drawing = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawing, kind="svg", xmldecl=False, omitsize=True, border=0, svgclass=None, lineclass=None)
    alt = say("live-alt", language)
    svg = drawing.getvalue().decode("ascii").strip()
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{alt}" ', 1)
    return {"label": say("live", language), "address": address, "qr": svg, "alt": alt}


def _anchor(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-") or "section"
