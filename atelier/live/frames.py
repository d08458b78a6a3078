"""What a kernel may say to a browser: results, never a traceback, a path or a log.

An error in a notebook's callback reaches the browser three ways: an ``error`` message, a ``stream`` on stderr (the
comm machinery logs there), and the state of an Output widget. Each is replaced by one neutral sentence in both
languages with a number; the original goes to the server's log under that number.
"""

import logging
import re
import secrets
from typing import Any

NEUTRAL = (
    "Une erreur est survenue pendant ce calcul. Rechargez la page ; si elle revient, signalez l’incident {number}. — "
    "Something went wrong in this calculation. Reload the page; if it comes back, report incident {number}."
)
_LOGGED_LINES = 200
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def new_incident() -> str:
    """Return a short number that ties what a visitor reads to what the log holds."""
    return secrets.token_hex(4)


def neutral_error(number: str) -> dict[str, Any]:
    """Return the content of an ``error`` message or output that says nothing of the machine."""
    sentence = NEUTRAL.format(number=number)
    return {"ename": "Incident", "evalue": number, "traceback": [sentence]}


def censor(msg_type: str, content: dict[str, Any], log: logging.Logger) -> dict[str, Any] | None:
    """Return what may be sent of a message's content; None when nothing may.

    Args:
        msg_type: Type of the message in its header.
        content: Content as the kernel sent it; it is not changed.
        log: Where the original of anything hidden is written.
    """
    if msg_type == "stream" and content.get("name") == "stderr":
        _record(log, content.get("text", ""))
        return None
    return _without_errors(content, log)


def _without_errors(value: Any, log: logging.Logger) -> Any:
    if isinstance(value, dict):
        if "traceback" in value:
            number = _record(log, value)
            return {**value, **neutral_error(number)}
        if value.get("output_type") == "stream" and value.get("name") == "stderr":
            number = _record(log, value)
            return {**value, "text": NEUTRAL.format(number=number)}
        return {key: _without_errors(item, log) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_errors(item, log) for item in value]
    return value


def _record(log: logging.Logger, original: object) -> str:
    number = new_incident()
    text = "\n".join(original["traceback"]) if isinstance(original, dict) and "traceback" in original else str(original)
    # A line at a time: the log's lines are bounded, and the middle of a trace is worth keeping.
    for line in _COLOURS.sub("", text).splitlines()[-_LOGGED_LINES:]:
        log.error("incident %s: %s", number, line)
    return number
