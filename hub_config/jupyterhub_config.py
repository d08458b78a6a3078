"""JupyterHub's configuration: read the settings and the profile, let tested functions do the rest.

`atelier serve` starts the hub with this file and sets the three variables read here. To run JupyterHub by hand (a
system service, a container), set them yourself; see hub_config/production.toml.
"""

import os
from pathlib import Path

from atelier.hub import Ports, configure, read_profile
from atelier.settings import load_settings

settings = load_settings()
profile = read_profile(Path(os.environ.get("ATELIER_HUB_PROFILE", settings.home / "hub_config" / "local.toml")))
ports = Ports.read(os.environ.get("ATELIER_HUB_PORTS", "8000,8081,8001,8082"))
configure(get_config(), settings, profile, ports, os.environ)  # noqa: F821 - JupyterHub defines get_config
