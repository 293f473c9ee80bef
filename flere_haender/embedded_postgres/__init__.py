"""A Django database backend that brings its own PostgreSQL server: nothing to install, nothing to start.

`base` is the backend, `home` finds the server's folder, `server` is its life, `foreground` runs what needs it.
Made for trying, developing and testing on Linux; for real use, set DATABASE_URL.
"""
