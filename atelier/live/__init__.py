"""Dashboards for the public: Voilà behind a closed list of routes, on kernels forked after their notebook has run.

``docs/live.md`` says what a reader gets and why. Read it in this order:

    environment    what the server's process, and so every kernel, may know
    confine        what a kernel cannot do, tried at start
    parked         a kernel that has run its notebook without a socket, and takes sockets after a fork
    parent         the process that runs a notebook once and forks a kernel for each visitor
    parentage      the same process, seen from the server: started, asked for kernels, retired
    parents        the one in force for each notebook: watched, replaced
    provisioner    how Jupyter gets such a kernel
    policy         the headers of every answer
    assets         the only files that leave the machine, listed at start
    frames         what a websocket may say to a browser, and a browser to a kernel
    kernels        life and death of kernels
    visitors       how many there may be, and how often each may ask
    rendering      a page's text, once for all visitors of a parent, or as a notebook runs
    pool           kernels of notebooks that cannot be forked, run before a visitor comes
    pages          what a visitor gets: a page that lives, or a page to read
    editions       how static editions are made
    watch          what the operator sees
    answers        what every answer shares, and answers that are files
    handlers       a dashboard's page, and the way between that page and its kernel
    operators      whether the service lives, and its numbers
    still          pages that need no kernel: static editions, their files, one figure for another site
    server         the routes, and the process
"""
