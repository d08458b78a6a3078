"""Runs a program of JupyterHub's, the hub or a user's server, as ``python -m`` does.

``python -m atelier.hub.program MODULE ...`` differs in that ``atelier`` is imported first, which puts off what costs
two seconds (see ``deferred``).
"""

import runpy
import sys

if __name__ == "__main__":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
