"""What goes wrong in a soak beside the clients: actors fail, drains begin and are cancelled, SIGHUP comes."""

import asyncio
import collections
import signal
import time

# How often each comes, on average, in seconds.
BETWEEN_FAILURES, BETWEEN_RELOADS, BETWEEN_DRAINS = 1.5, 4, 20
LONGEST_DRAIN = 1.5  # seconds, in which 50 a second leave


class Faults:
    def __init__(self, served, crowd, random):
        self.served, self.crowd, self.random = served, crowd, random
        self.done = collections.Counter()
        self._due = {}

    async def maybe(self, now):
        """Whatever is due."""
        for what, every in ((self.break_an_actor, BETWEEN_FAILURES), (self.reload, BETWEEN_RELOADS),
                            (self.drain, BETWEEN_DRAINS)):
            if now >= self._due.setdefault(what.__name__, now + self.random.expovariate(1 / every)):
                del self._due[what.__name__]
                await what()

    async def break_an_actor(self):
        verb = self.random.choice(("kill", "throw"))
        actor = self.random.choice(await self.served.actors())
        code, _ = await self.served.ask(f"{verb} {actor}")
        self.done[verb if code == 0 else f"{verb}: it was dead already"] += 1

    async def reload(self):
        self.served.configure(self.random.random() < 0.7, self.random.randint(4000, 6000),
                              self.random.randint(10, 30))
        self.served.process.send_signal(signal.SIGHUP)
        self.done["SIGHUP"] += 1

    async def drain(self):
        self.crowd.draining = True
        await self.served.ask("drain")
        until = time.monotonic() + self.random.uniform(0, LONGEST_DRAIN)
        while time.monotonic() < until and len(self.crowd.open) > self.crowd.size // 4:
            await asyncio.sleep(0.05)
        if self.random.random() < 0.5:
            await self.break_an_actor()
        while (await self.served.ask("cancel-drain"))[0] != 0:
            await asyncio.sleep(0.05)  # its actor has just been killed
        await asyncio.sleep(1)  # close frames of the drain are still on their way
        self.crowd.draining = False
        self.done["drains cancelled"] += 1
