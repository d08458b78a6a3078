"""Dashboards for the public: Voilà behind a closed list of routes, without secrets, without traces of the machine.

Read it in this order:

    environment    what the server's process, and so every kernel, may know
    policy         the headers of every answer
    assets         the only files that leave the machine, listed at start
    frames         what a websocket may say to a browser, and a browser to a kernel
    kernels        life and death of kernels
    handlers       one class per kind of page
    server         the routes, and the process
"""
