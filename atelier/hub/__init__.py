"""JupyterHub for analysts, set up by tested functions, and the fork of a dashboard into an analyst's own copy.

Read it in this order:

    profile      who may log in and where users' servers run: ``hub_config/*.toml``
    configure    JupyterHub's settings, made from a profile
    outage       what readers get while the public service does not answer
    fork         the page that copies a notebook with the reader's selection, inside a user's server
    program      how the hub's programs are run
    service      the hub as a child process: started, awaited, stopped with all it started
"""

from atelier.hub.configure import Ports, configure
from atelier.hub.profile import Profile, read_profile

__all__ = ["Ports", "Profile", "configure", "read_profile"]
