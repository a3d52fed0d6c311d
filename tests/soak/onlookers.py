"""Who looks into the node by its admin API during a soak: they ask, they watch streams, they hang up in the middle."""

import asyncio
import collections
import contextlib
import os

PATHS = ("/v1/status", "/v1/stats", "/v1/health", "/v1/alerts", "/v1/pool", "/v1/users", "/v1/actors", "/v1/config",
         "/v1/drain", "/v1/closed?limit=100", "/v1/connections?limit=20&sort=-age", "/v1/connections?state=open",
         "/v1/actors/pool%2F1", "/metrics", "/livez", "/readyz")
STREAMS = ("/v1/events", "/v1/trace?limit=100000&for=10s", "/v1/trace?route=/echo&limit=10&for=1s")
PATIENCE = 20  # seconds for an answer; the node gives a silent actor two
AT_ONCE = 4


class Onlookers:
    def __init__(self, folder, random):
        self.socket = os.path.join(folder, "holdfast.sock")
        self.random = random
        self.done = collections.Counter()
        self.failures = collections.Counter()

    async def watch(self, until, now):
        await asyncio.gather(*(self.look_on(until, now) for _ in range(AT_ONCE)))

    async def look_on(self, until, now):
        while now() < until:
            if self.random.random() < 0.3:
                await self.hang_up_after(self.random.choice(STREAMS), min(until - now(), self.random.uniform(0, 3)))
            else:
                await self.ask(self.random.choice(PATHS))
            await asyncio.sleep(self.random.uniform(0, 0.2))

    async def ask(self, path):
        try:
            status = await asyncio.wait_for(self.exchange(path), PATIENCE)
        except (OSError, ValueError, IndexError) as error:
            self.failures[f"{path}: {error!r}"] += 1
        except asyncio.TimeoutError:
            self.failures[f"{path} was not answered within {PATIENCE} s"] += 1
        else:
            self.done[f"answers {status.decode()}"] += 1
            if status not in (b"200", b"503", b"504"):
                self.failures[f"{path} was answered {status.decode()}"] += 1

    async def exchange(self, path):
        async with self.connected(path) as reader:
            status = (await reader.readline()).split()[1]
            while await reader.read(1 << 16):
                pass
            return status

    async def hang_up_after(self, path, seconds):
        """In the middle of a stream, whatever has come of it."""
        with contextlib.suppress(asyncio.TimeoutError, OSError):
            async with self.connected(path) as reader:
                await asyncio.wait_for(reader.read(-1), seconds)
        self.done["streams"] += 1

    @contextlib.asynccontextmanager
    async def connected(self, path):
        reader, writer = await asyncio.open_unix_connection(self.socket)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            yield reader
        finally:
            writer.close()
