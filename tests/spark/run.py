"""Run the tests of indicators on Spark: a master and two workers of its own on the loopback address, then pytest.

Called by ``make second-engine``, which installs pyspark in ``.spark``. Arguments are given to pytest.
"""

import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

HOME = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
WORKERS = 2
DEADLINE = 240
# pyspark warns that it may not convert to pandas 3; only Arrow tables pass between the two here.
OPTIONS = [
    "-q",
    "-p",
    "no:cacheprovider",
    "-m",
    "not everywhere",
    "-W",
    "ignore:PySpark does not yet fully support pandas:FutureWarning",
]


def main() -> int:
    """Return what pytest returns; every process started is stopped."""
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        sys.exit("pyspark is not installed: run 'make second-engine'.")
    spark_home = Path(spec.origin).parent
    paths = [HOME, HOME / "widgets", spark_home.parent]
    environment = {
        **os.environ,
        "SPARK_HOME": str(spark_home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_WORKER_CORES": "1",
        "SPARK_WORKER_MEMORY": "1g",
        "SPARK_DAEMON_JAVA_OPTS": "-Dspark.ui.enabled=false -Dspark.worker.ui.retainedExecutors=1",
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        # Small tables: two partitions, one for each worker, are enough.
        "PYSPARK_SUBMIT_ARGS": "--conf spark.sql.shuffle.partitions=2 pyspark-shell",
        "PYSPARK_PYTHON": sys.executable,
    }
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="atelier-spark-")))
        environment["SPARK_WORKER_DIR"] = str(folder / "work")
        port = free_port()
        master = f"spark://{HOST}:{port}"
        command = [str(spark_home / "bin" / "spark-class")]
        deploy = "org.apache.spark.deploy"
        start(
            stack,
            [*command, f"{deploy}.master.Master", "--host", HOST, "--port", str(port), "--webui-port", "0"],
            environment,
            folder / "master.log",
        )
        wait_for(folder / "master.log", "New state: ALIVE")
        logs = [folder / f"worker-{number}.log" for number in range(WORKERS)]
        for log in logs:
            start(
                stack,
                [*command, f"{deploy}.worker.Worker", "--host", HOST, "--webui-port", "0", master],
                environment,
                log,
            )
        for log in logs:
            wait_for(log, "Successfully registered with master")
        sys.stdout.write(f"Spark: {master}, {WORKERS} workers\n")
        sys.stdout.flush()
        asked = {**environment, "ATELIER_ENGINE": "spark", "ATELIER_SPARK_MASTER": master}
        tests = sys.argv[1:] or ["tests/indicators"]
        return subprocess.run(
            [sys.executable, "-m", "pytest", *OPTIONS, *tests], cwd=HOME, env=asked, check=False
        ).returncode


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def start(stack: ExitStack, command: list[str], environment: dict[str, str], log: Path) -> None:
    """Start a process whose end comes with the stack's."""
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)

    def stop() -> None:
        process.terminate()
        process.wait(DEADLINE)

    stack.callback(stop)


def wait_for(log: Path, words: str) -> None:
    """Return when a log says something."""
    end = time.monotonic() + DEADLINE
    while words not in log.read_text("utf-8"):
        if time.monotonic() > end:
            sys.exit(f"Spark did not start in {DEADLINE} s:\n{log.read_text('utf-8')}")
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
