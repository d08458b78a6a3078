"""What reaches a log: bounded, and without secrets."""

import logging

import pytest

from atelier.logs import LINE_LIMIT, BoundedFormatter


def write(message: str) -> str:
    """Return the line a message becomes."""
    record = logging.LogRecord("x", logging.INFO, "", 0, message, None, None)
    return BoundedFormatter("%(message)s").format(record)


@pytest.mark.parametrize(
    "message",
    [
        "302 GET /hub/login?token=hunter22&x=1",
        "GET /oauth?code=hunter22&state=hunter22",
        "POST password=hunter22",
        "Authorization: hunter22",
        "Cookie: hunter22",
        "_xsrf=hunter22",
        "next=%2Fx%3Ftoken%3Dhunter22",
        "token: hunter22, more",
        '"Cookie": "a=1; jupyterhub-session-id=hunter22", "Host": "x"',
        '{"token": "hunter22"}',
        "next=%2Fx%3Fa%3D1%26token%3Dhunter22%26b%3D2",
        "Authorization: token hunter22",
        "Authorization: Bearer hunter22",
        "Cookie: a=1; jupyterhub-hub-login=hunter22",
    ],
)
def test_s24_secrets_are_replaced(message):
    """A token, a code, a cookie or a password is not written."""
    assert "hunter22" not in write(message)


def test_s24_a_line_is_bounded():
    """Ten megabytes of a name stay under four thousand characters."""
    line = write("login of " + "x" * 10_000_000)
    assert len(line) < 2 * LINE_LIMIT
    assert "characters" in line
