"""Sentences computed from the data, marked as such."""

from collections.abc import Iterator

from atelier_widgets.selection import Selection
from atelier_widgets.view import Asked, View, block, put
from atelier_widgets.words import html, word


class Narrative(View):
    """A few sentences computed from the answers to questions, marked as generated."""

    def __init__(self, *questions: Asked) -> None:
        self.questions = questions
        self.name = "narrative " + " ".join(question.__name__ for question in questions)
        self.widget = block("atelier-narrative")

    def redraw(self, selection: Selection) -> None:
        """Write the sentences."""
        sentences = list(self._sentences(selection))
        label = word("generated", selection.language)
        text = f'<p>{html(" ".join(sentences))}</p><p class="atelier-generated">{html(label)}</p>'
        put(self.widget, text if sentences else "")

    def _sentences(self, selection: Selection) -> Iterator[str]:
        for question in self.questions:
            answer = self.dashboard.answer(question(selection))
            if answer is not None:
                yield from (sentence.text for sentence in answer.narrative())
