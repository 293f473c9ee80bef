"""A small balancer: each new connection goes to the next web server, and to the one after when nobody is there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

CHUNK = 64 * 1024


class Balancer:
    """Passes on what is sent, and knows nothing of HTTP; so nothing is ever sent twice by it.

    Args:
        port: on which it listens, on this machine only.
        servers: the ports of the web servers.
    """

    def __init__(self, port: int, servers: list[int]) -> None:
        self.port, self.servers = port, servers
        self.taken = dict.fromkeys(servers, 0)
        self.turn = count()

    async def serve(self, ready: threading.Event) -> None:
        async with await asyncio.start_server(self._accept, "127.0.0.1", self.port) as server:
            ready.set()
            await server.serve_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await self._server()
            if there is not None:
                await asyncio.gather(_pass_on(reader, there[1]), _pass_on(there[0], writer))
        finally:
            writer.close()

    async def _server(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        first = next(self.turn)
        for number in range(len(self.servers)):
            port = self.servers[(first + number) % len(self.servers)]
            with suppress(OSError):
                there = await asyncio.open_connection("127.0.0.1", port)
                self.taken[port] += 1
                return there
        return None


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until one of them ends, also in the middle of an answer."""
    with suppress(OSError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
    writer.close()


@contextmanager
def balancing(port: int, servers: list[int]) -> Iterator[Balancer]:
    """A balancer in a thread of its own."""
    balancer, ready, loop = Balancer(port, servers), threading.Event(), asyncio.new_event_loop()
    serving: Any = loop.create_task(balancer.serve(ready))

    def run() -> None:
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(serving)
        loop.run_until_complete(loop.shutdown_asyncgens())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield balancer
    finally:
        loop.call_soon_threadsafe(serving.cancel)
        thread.join(10)
