"""What who runs the service asks it: whether it lives, whether it is ready, and its numbers."""

from http import HTTPStatus

from tornado import web

from atelier.live.answers import PublicPage
from atelier.live.visitors import is_remote


class HealthHandler(PublicPage):
    """Whether the service can take visitors."""

    def get(self) -> None:
        """Answer with the number of live pages and the most there may be."""
        self.set_header("Cache-Control", "no-store")
        manager = self.settings["kernel_manager"]
        kernels = len(manager) - len(manager.waiting)
        self.write({"status": "ok", "kernels": kernels, "capacity": self.settings["capacity"]})


class ReadyHandler(PublicPage):
    """Whether each dashboard has a parent, or a reason to do without."""

    def get(self) -> None:
        """Answer 200 when readers may come, 503 while notebooks run for the first time."""
        self.set_header("Cache-Control", "no-store")
        is_ready = self.settings["is_ready"]()
        self.set_status(HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)
        self.write({"status": "ready" if is_ready else "starting"})


class OperatorPage(PublicPage):
    """A page for who runs the service: it exists for requests of this machine that came through no proxy."""

    def prepare(self) -> None:
        """Answer 404 to anybody else."""
        headers = self.request.headers
        is_passed_on = any(name in headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"))
        if is_passed_on or is_remote(self.request.remote_ip or ""):
            raise web.HTTPError(HTTPStatus.NOT_FOUND)
        self.set_header("Cache-Control", "no-store")


class MetricsHandler(OperatorPage):
    """The numbers, for Prometheus."""

    def get(self) -> None:
        """Answer in the text format of Prometheus."""
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(self.settings["watch"].exposition())


class StatusHandler(OperatorPage):
    """The numbers, for a person."""

    def get(self) -> None:
        """Answer with one page."""
        watch = self.settings["watch"]
        problems = [
            (path.stem, reason, watch.pool.count(path), watch.pool.problems.get(path, ""))
            for path, reason in watch.parents.problems.items()
        ]
        self.finish(
            self.render_page(
                "status",
                numbers=watch.read(),
                problems=problems,
                confinement=self.settings["confinement"].describe(),
            )
        )
