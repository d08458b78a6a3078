"""Markdown cells become plain data that both forms can show."""

import pytest

from atelier.errors import ReportError
from atelier.reports.prose import read_prose


def test_headings_paragraphs_lists_and_inline_marks_are_kept() -> None:
    """What a printed page can show comes through."""
    heading, paragraph, items = read_prose(
        "## Titre\n\nUn **mot** et [un lien](https://example.org).\n\n- a\n- *b*", "en"
    )
    assert heading == {"kind": "heading", "level": 2, "spans": [{"text": "Titre"}]}
    assert {"text": "mot", "strong": True} in paragraph["spans"]
    assert {"text": "un lien", "link": "https://example.org"} in paragraph["spans"]
    assert items == {"kind": "list", "ordered": False, "items": [[{"text": "a"}], [{"text": "b", "emphasis": True}]]}


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "a <b>b</b>",
        "![image](https://example.org/a.png)",
        "> quotation",
        "```\ncode\n```",
        "- a\n  - b",
        "[a](javascript:alert(1))",
        "[a](../other.ipynb)",
    ],
)
def test_what_cannot_be_printed_is_refused_with_its_place(markdown: str) -> None:
    """Nothing is lost in silence, and no markup slips through."""
    with pytest.raises(ReportError, match="cell 3: "):
        read_prose(markdown, "fr", "cell 3")


@pytest.mark.parametrize("text", ["#panic()", "$x$", "@label", '#import "x"', "\\u{41}", "{{ 7 * 7 }}"])
def test_markup_of_the_outputs_is_only_text(text: str) -> None:
    """Typst and Jinja signs written by an author, or found in data, stay what they are."""
    assert read_prose(f"a {text}", "en")[0]["spans"] == [{"text": f"a {text}"}]
