"""The map on a web server of this machine alone, which follows the sheets.

``live`` keeps the page up to date and ``server`` answers requests with it. Nothing here is reachable from another
machine, and no request can change anything.
"""
