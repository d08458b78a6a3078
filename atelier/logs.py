"""Bounded, redacted log lines, whatever a visitor sends."""

import logging
import re

LINE_LIMIT = 2000
# JupyterHub writes a session's identifier down when it makes a token for it.
_SESSIONS = re.compile(r"(xsrf cookie for )b?'[^']*'")
_START = r"(?i)(?:(?<![a-z])|(?<=%3F)|(?<=%26)|(?<=%2B))"
_VALUES = re.compile(
    _START + r"""((?:token|_xsrf|password)["']?(?:=|: ?|%3D)|(?:code|state)(?:=|%3D))["']?[^\s&;,'"%]+"""
)
_HEADERS = re.compile(r"""(?i)\b((?:set-)?cookie|authorization)(["']?(?:=|: ?)["']?)[^"'\n]+""")


class BoundedFormatter(logging.Formatter):
    """A formatter whose records stay short and hold no token, cookie or password."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text: values of secrets replaced, the middle cut out when it is long."""
        text = _HEADERS.sub(r"\1\2[redacted]", super().format(record))
        text = _VALUES.sub(r"\1[redacted]", text)
        text = _SESSIONS.sub(r"\1[redacted]", text)
        if len(text) <= LINE_LIMIT:
            return text
        half = LINE_LIMIT // 2
        return f"{text[:half]} […{len(text) - LINE_LIMIT} characters…] {text[-half:]}"
