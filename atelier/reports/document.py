"""An executed notebook as a document: its prose and blocks in order, and the record of what they were made from."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from atelier.errors import ReportError
from atelier.parameters import Value
from atelier.reports.blocks import MIME, Facts
from atelier.reports.prose import read_prose
from atelier.reports.run import Report
from atelier.reports.words import say

LANGUAGE_TAG = "lang-"
INJECTED_TAG = "injected-parameters"
SECTION_LEVEL = 2
SHOWN_HASH = 12


@dataclass(frozen=True)
class Document:
    """What is published, before it is given a form.

    Attributes:
        title: Title of the document, for readers and for the file's metadata.
        description: One sentence.
        language: Its language.
        author: Who publishes it.
        blocks: Prose and blocks as JSON, in order; the first is the cover.
        provenance: One record per question asked, as JSON.
    """

    title: str
    description: str
    language: str
    author: str
    blocks: tuple[dict[str, Any], ...]
    provenance: tuple[dict[str, Any], ...]

    @property
    def sections(self) -> list[tuple[str, str]]:
        """Anchor and text of each section's heading."""
        headings = [block for block in self.blocks if block["kind"] == "heading" and block["level"] == SECTION_LEVEL]
        return [(heading["id"], plain(heading)) for heading in headings]


def read_document(
    report: Report, executed: NotebookNode, values: Mapping[str, Value], language: str, author: str
) -> Document:
    """Return the document that an executed notebook holds.

    Markdown cells tagged ``lang-fr`` or ``lang-en`` are kept in that language only; code, printed lines and parameters
    are left out; each output must be a block.

    Args:
        report: The report.
        executed: Its notebook, executed.
        values: The parameters it was run with.
        language: Language of the document.
        author: Who publishes it.

    Raises:
        ReportError: No cover, an output that is not a block, or prose that cannot be printed.
    """
    blocks: list[dict[str, Any]] = []
    written = [cell for cell in executed.cells if INJECTED_TAG not in cell.metadata.get("tags", [])]
    for number, cell in enumerate(written, 1):
        where = f"{report.path}, cell {number}"
        tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith(LANGUAGE_TAG)]
        if cell.cell_type == "markdown" and (not tags or LANGUAGE_TAG + language in tags):
            blocks += read_prose(cell.source, language, where)
        elif cell.cell_type == "code":
            blocks += [_read_output(output, where) for output in cell.outputs if output.output_type != "stream"]
    if not blocks or blocks[0]["kind"] != "cover":
        raise ReportError(f"{report.path}: the first thing shown must be a cover: show reports.cover(...) first.")
    questions = tuple(question for block in blocks for question in block.pop("provenance", ()))
    blocks += _provenance_blocks(report, values, questions, language)
    for block in blocks:
        if block["kind"] == "heading":
            block["id"] = _anchor(plain(block))
    cover = blocks[0]
    return Document(
        title=f"{cover['title']} – {cover['kicker']}",
        description=report.description[language],
        language=language,
        author=author,
        blocks=tuple(blocks),
        provenance=questions,
    )


def plain(block: Mapping[str, Any]) -> str:
    """Return the text of a heading or paragraph without its marks."""
    return "".join(span["text"] for span in block["spans"])


def datasets(questions: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return what is known of each dataset read, by identifier."""
    kept = ("dataset_id", "dataset_title", "producer", "licence", "vintage", "page", "snapshots", "references")
    return {question["dataset"]: {key: question[key] for key in kept} for question in questions}


def _read_output(output: NotebookNode, where: str) -> dict[str, Any]:
    data = output.get("data", {})
    if MIME not in data:
        raise ReportError(
            f"{where}: shows something that is not a block of a report: show reports.figure(...) or another block, "
            "or end the line with a semicolon."
        )
    return dict(data[MIME])


def _provenance_blocks(
    report: Report, values: Mapping[str, Value], questions: Iterable[Mapping[str, Any]], language: str
) -> list[dict[str, Any]]:
    questions = list(questions)
    heading = {"kind": "heading", "level": SECTION_LEVEL, "spans": [{"text": say("provenance", language)}]}
    facts = [
        (say("report", language), f"{report.theme}/{report.name}"),
        (say("parameters", language), ", ".join(f"{name} = {value}" for name, value in values.items())),
        (say("notebook", language), f"{report.path} (sha256 {report.sha256[:SHOWN_HASH]})"),
    ]
    for known in datasets(questions).values():
        hashes = ", ".join(sorted({sha256[:SHOWN_HASH] for sha256 in known["snapshots"].values()}))
        facts += [
            (say("dataset", language), f"{known['dataset_title'][language]} ({known['dataset_id']})"),
            (say("producer", language), known["producer"][language]),
            (say("vintage", language), known["vintage"]),
            (say("licence", language), known["licence"]),
            (say("snapshot", language), f"sha256 {hashes}"),
        ]
    facts += [(say("engine", language), f"dataESR {engine}") for engine in sorted({one["engine"] for one in questions})]
    return [heading, Facts(language=language, facts=tuple(facts)).as_json()]


def _anchor(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-") or "section"
