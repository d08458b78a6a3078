"""The presses that this process keeps: one for each thread that makes editions, all forked from the first."""

from dataclasses import dataclass, field
from threading import Lock, get_ident

from atelier.errors import ReportError
from atelier.reports.job import Job, Run
from atelier.reports.press import Press, open_presses
from atelier.settings import Settings

Name = tuple[Settings, str, str]
"""What a press has in memory: settings, theme, and the stamp of the theme and of the engine as they were."""


@dataclass
class Presses:
    """Presses by thread; a thread that asks for another theme, or for this one after it changed, gets another press."""

    _held: dict[int, tuple[Name, Press]] = field(default_factory=dict)
    _spare: list[tuple[Name, Press]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def prepare(self, name: Name, count: int) -> None:
        """Start presses for threads to come, without waiting for them."""
        opened = open_presses(name[0], name[1], count)
        with self._lock:
            self._spare += [(name, press) for press in opened]

    def run(self, name: Name, job: Job) -> list[Run]:
        """Run a job on this thread's press; a press that is gone is replaced once.

        Raises:
            AtelierError: The theme cannot be opened, or two presses went one after the other.
        """
        try:
            return self._take(name).run(job)
        except ReportError:
            self._drop()
        return self._take(name).run(job)

    def close(self) -> None:
        """End every press."""
        with self._lock:
            presses = [press for _, press in (*self._held.values(), *self._spare)]
            self._held.clear()
            self._spare.clear()
        for press in presses:
            press.close()

    def _take(self, name: Name) -> Press:
        with self._lock:
            held = self._held.get(get_ident())
            fitting = [one for one in self._spare if one[0] == name]
            if held is None and fitting:
                self._spare.remove(fitting[0])
                held = self._held[get_ident()] = fitting[0]
        if held is not None and held[0] == name:
            return held[1]
        self._drop()
        press = Press(name[0], name[1])
        with self._lock:
            self._held[get_ident()] = name, press
        return press

    def _drop(self) -> None:
        with self._lock:
            held = self._held.pop(get_ident(), None)
        if held is not None:
            held[1].close()
