"""One line for each request, without its query."""

import logging
from http import HTTPStatus

from tornado.web import RequestHandler

from atelier.logs import BoundedFormatter

_LOG = logging.getLogger("atelier.live")


def log_request(handler: RequestHandler) -> None:
    """Log method, path, status and duration; the query is a reader's choice and stays out of the log."""
    status = handler.get_status()
    level = (
        logging.ERROR
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR
        else logging.WARNING
        if status >= HTTPStatus.BAD_REQUEST
        else logging.INFO
    )
    if level == logging.INFO and "/assets/" in handler.request.path:
        level = logging.DEBUG
    request = handler.request
    _LOG.log(level, "%d %s %r %.0f ms", status, request.method, request.path[:300], 1000 * request.request_time())


def configure_logging(level: int = logging.INFO) -> None:
    """Send every logger of the process to standard error through the bounded formatter."""
    writer = logging.StreamHandler()
    writer.setFormatter(BoundedFormatter("[%(asctime)s %(levelname)s %(name)s] %(message)s"))
    logging.basicConfig(level=level, handlers=[writer], force=True)
