"""Bounded, redacted log lines, whatever a visitor sends."""

import logging
import re

LINE_LIMIT = 2000
_SECRETS = re.compile(r"(?i)\b(token|_xsrf|code|state|password|cookie|authorization)(=|: ?|%3D)[^\s&;,'\"]+")


class BoundedFormatter(logging.Formatter):
    """A formatter whose records stay short and hold no token, cookie or password."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text: values of secrets replaced, the middle cut out when it is long."""
        text = _SECRETS.sub(r"\1\2[redacted]", super().format(record))
        if len(text) <= LINE_LIMIT:
            return text
        half = LINE_LIMIT // 2
        return f"{text[:half]} […{len(text) - LINE_LIMIT} characters…] {text[-half:]}"
