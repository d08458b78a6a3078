"""What a live dashboard costs and holds: plain Voilà, Voilà with preheated kernels, and ours, in one run.

``python -m benchmarks.live`` makes a seeded notebook (a million rows, two bqplot charts, two lists), serves it by each
in turn on loopback, visits it with a websocket client and with Chromium, and writes ``benchmarks/results/live.json``.
Every loop is bounded in count and in time.
"""
