"""The process that has run a notebook and draws its views, each in a fork of itself: see ``atelier.live.parent``.

``python -m atelier.live.editions.studio NOTEBOOK CONTROL REPORT LIMITS``. It differs from the parent of visitors'
kernels in two ways: the theme's engine notes what is read, and a view is asked for as a static edition, without what
only a live page can do.
"""

from pathlib import Path
from typing import Any

import comm

from atelier.editions.reads import warm_up
from atelier.live import parent
from atelier.live.environment import RESTORE_TARGET
from atelier.live.parked import ParkedNotebook
from atelier.settings import load_settings


class StudioNotebook(ParkedNotebook):
    """A notebook that has run, with what it read."""

    def __init__(self, path: Path) -> None:
        self.engine = warm_up(load_settings(), path.parts[-3])
        super().__init__(path)

    def restore(self, query: str, *, draws: bool = True) -> dict[str, Any]:  # noqa: ARG002 - it always draws
        """Return what static editions are made from, by query.

        Args:
            query: Queries, a line each.
            draws: As in ``ParkedNotebook``.

        Returns:
            For each, ``drawn``, HTML by model; ``reads``, names of what was read of the theme; and, of a notebook that
            can show another selection, ``query``, ``selection`` and ``codes``: see ``atelier_widgets.Dashboard``.
        """
        return {one: self._draw(one) for one in query.split("\n")}

    def _draw(self, query: str) -> dict[str, Any]:
        said = self.ask({"query": query, "static": True}) if self.can_restore else {"drawn": {}}
        return {**said, "reads": sorted(self.engine.reads)}

    def ask(self, data: dict[str, Any]) -> dict[str, Any]:
        """Send data to the notebook's comm target, and return what it answers."""
        self.session.kept.clear()
        line = comm.create_comm(target_name=RESTORE_TARGET, primary=False)
        opening = {"comm_id": line.comm_id, "target_name": RESTORE_TARGET, "data": data}
        comm.get_comm_manager().targets[RESTORE_TARGET](line, {"content": opening})
        answer: dict[str, Any] = {"drawn": {}}
        for message in self.session.kept:
            if message["header"]["msg_type"] == "comm_msg" and message["content"]["comm_id"] == line.comm_id:
                answer |= message["content"]["data"]
        return answer


if __name__ == "__main__":
    parent.main(make=StudioNotebook)
