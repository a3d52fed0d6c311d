"""The course of a soak: warm-up, turmoil with rests in between, the last drain, the verdict."""

import asyncio
import contextlib
import subprocess
import time

import verdict
from crowd import Crowd
from faults import Faults
from onlookers import Onlookers
from served import Served

AT_REST = 100  # connections, at each rest
WARM_UP = 3  # times 4,000 connections: the ring of 10,000 receipts is full
TURNS = 50  # a second, of so many actions each
REST_LIMIT = 30  # seconds for everything to come to rest


class Course:
    def __init__(self, program, folder, seconds, size, rate, random):
        self.program, self.seconds, self.size, self.random = program, seconds, size, random
        self.per_turn = max(1, rate // TURNS)
        self.folder = folder
        self.failures, self.rests = [], []
        self.counts = {"restarts": 0, "closed": {}, "slow_consumers": 0}  # at the last rest

    async def run(self):
        self.served = Served(self.program, self.folder)
        try:
            self.crowd = Crowd(await self.served.port(), self.random, self.size)
            self.faults = Faults(self.served, self.crowd, self.random)
            self.onlookers = Onlookers(self.folder, self.random)
            self.idle = self.served.measure()["descriptors"]
            self.warm_up()
            await self.turmoil_and_rests()
            await self.last_drain()
        finally:
            self.served.kill()
        self.judge()
        return self.failures

    def fail(self, what):
        print("FAILED:", what, flush=True)
        self.failures.append(what)

    def warm_up(self):
        for _ in range(WARM_UP):
            done = subprocess.run([self.program, "bench", "storm", f"ws://127.0.0.1:{self.crowd.port}/echo",
                                   "--connections", "4000", "--user-prefix", "w"],
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if done.returncode != 0:
                self.fail("warm-up: " + done.stdout + done.stderr)

    # ---- the parts

    async def turmoil_and_rests(self):
        self.began = time.monotonic()
        end = self.began + self.seconds
        between = min(60, max(5, self.seconds / 12))
        self.headings()
        await self.rest()
        while time.monotonic() < end and self.served.process.poll() is None:
            await self.turmoil(min(end, time.monotonic() + between))
            await self.rest()
        if self.served.process.poll() is not None:
            self.fail(f"the node ended by itself, exit code {self.served.process.returncode}")
            print(self.served.said(self.served.log)[-2000:])

    async def turmoil(self, until):
        beside = asyncio.gather(self.break_things(until), self.onlookers.watch(until, time.monotonic))
        while (now := time.monotonic()) < until and self.served.process.poll() is None:
            for _ in range(self.per_turn):
                self.crowd.act()
            await asyncio.sleep(max(0, now + 1 / TURNS - time.monotonic()))
        await beside

    async def break_things(self, until):
        try:
            while time.monotonic() < until and self.served.process.poll() is None:
                await self.faults.maybe(time.monotonic())
                await asyncio.sleep(0.05)
        except (OSError, ValueError, asyncio.TimeoutError) as error:
            self.fail(f"holdfast debug: {error!r}")

    async def rest(self):
        """Brings everything to rest, compares what both sides count, and measures."""
        with contextlib.suppress(OSError):  # the node has ended, which turmoil_and_rests() says
            await self.come_to_rest(time.monotonic() + REST_LIMIT)

    async def come_to_rest(self, until):
        counts = None
        while time.monotonic() < until and self.served.process.poll() is None:
            await self.crowd.comes_to(AT_REST)
            if self.crowd.settled and len(self.crowd.open) == AT_REST:
                counts = await self.served.counts()
                measured = self.served.measure()
                if counts and self.agreed(counts) and measured["descriptors"] == self.idle + AT_REST:
                    self.note(counts, measured)
                    return
            await asyncio.sleep(0.05)
        if self.served.process.poll() is not None:
            return
        crowd = self.crowd
        self.fail(f"no rest within {REST_LIMIT} s: {len(crowd.open)} open, "
                  f"{[(p.state, p.path, p.v1, p.code) for p in crowd.others][:5]} coming or going, "
                  f"{sum(not p.quiet for p in crowd.open.values())} without an answer, node counts {counts}, "
                  f"{self.served.measure()['descriptors']} descriptors, {self.idle} when it was idle")
        crowd.vanish()  # so that the next rest is not spoiled too

    def agreed(self, counts):
        there = len(self.crowd.open)
        return (counts["open"] == counts["slots"] == counts["users"] == counts["states"]["open"] == there
                and counts["admitted"] - counts["ended"] == there and counts["receipts"] == counts["ended"])

    def note(self, counts, measured):
        seconds = time.monotonic() - self.began
        self.counts = counts
        if counts["mended"]:
            self.fail(f"a sweep had to mend {counts['mended']} leaks")
        self.rests.append({"time": seconds, **measured})
        before = self.rests[-2] if len(self.rests) > 1 else self.rests[-1]
        busy = (measured["cpu"] - before["cpu"]) / max(0.001, seconds - before["time"])
        done, faults = self.crowd.done, self.faults.done
        print(self.row(f"{seconds:.0f}", f"{measured['pss'] / verdict.MIB:.1f}", f"{measured['rss'] / verdict.MIB:.1f}",
                       measured["descriptors"], measured["threads"], f"{100 * busy:.0f}", counts["open"],
                       counts["admitted"], done["messages"], counts["restarts"], faults["drains cancelled"],
                       faults["SIGHUP"]), flush=True)

    row = "{:>7} {:>8} {:>8} {:>5} {:>7} {:>5} {:>6} {:>9} {:>9} {:>9} {:>7} {:>7}".format

    def headings(self):
        print(self.row("seconds", "PSS MiB", "RSS MiB", "fds", "threads", "CPU %", "open", "admitted", "messages",
                       "restarts", "drains", "SIGHUPs"))

    async def last_drain(self):
        self.crowd.draining = True
        there = len(self.crowd.open)
        wrong = await self.served.end()
        if wrong:
            self.fail(wrong)
        ledger = self.served.ledger()
        if ledger != (there, there):
            self.fail(f"{there} were there at the end; the ledger says (connections, receipts) {ledger}")

    # ---- the verdict

    def judge(self):
        for what, count in sorted((self.crowd.failures + self.onlookers.failures).items()):
            self.fail(f"{count} x {what}")
        complaints = self.served.complaints()
        for line in complaints[:5]:
            self.fail(f"the log, {len(complaints)} x: {line}")
        self.check_faults()
        print("\nclients:", ", ".join(f"{count} {what}" for what, count in sorted(self.crowd.done.items())))
        print("faults:", ", ".join(f"{count} x {what}" for what, count in sorted(self.faults.done.items())))
        print("onlookers:", ", ".join(f"{count} x {what}" for what, count in sorted(self.onlookers.done.items())))
        if not self.rests:
            return
        print("the node's receipts:", ", ".join(f"{count} {cause}" for cause, count in self.counts["closed"].items()))
        lines, failures = verdict.flatness(self.rests)
        print("\n".join(lines))
        for failure in failures:
            self.fail(failure)

    def check_faults(self):
        broken = self.faults.done["kill"] + self.faults.done["throw"]
        restarts = self.counts["restarts"]
        if not 0 < restarts <= broken:
            self.fail(f"{broken} actors were broken, the node has restarted {restarts}")
        if self.crowd.done["slow readers"] and not self.counts["slow_consumers"]:
            self.fail("no slow reader was found out")
        if self.faults.done["SIGHUP"] and not self.served.logged("reload"):
            self.fail("no SIGHUP was heard")
