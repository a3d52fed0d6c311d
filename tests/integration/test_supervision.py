"""Every permanent actor of the real node fails: at rest, under a storm, in a drain, for good."""

import asyncio
import json
import socket
import subprocess
import unittest

import clients
from raw_client import connected
from support import BINARY, NodeTest, deadline, environment, run, within

ACTORS = ("pool", "pool/0", "pool/1", "heartbeat/0", "heartbeat/1", "shutdown", "router",
          "router/0", "router/1", "health", "inspector")
FAULTS = [(verb, actor) for actor in ACTORS for verb in ("kill", "throw")]
CAUSES = {"kill": "exit_reason(kill)", "throw": "a bad day"}


class SupervisionTest(NodeTest):
    def begin(self, *settings, max_restarts=100):
        self.node = self.start("node.shards=2", f"supervisor.max_restarts={max_restarts}",
                               "pool.max_total_connections=6000", *settings,
                               arguments=("--debug",))
        return self.node

    def ask(self, request):
        """What `holdfast debug` does, without a process for each request."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(deadline(10))
            line.connect(f"{self.node.run_dir}/debug.sock")
            line.sendall(request.encode() + b"\n")
            with line.makefile() as answer:
                code, text = answer.read().split("\n", 1)
        if code == "7":  # an actor that has just been killed cannot answer
            return None
        self.assertEqual(code, "0", text)
        return text

    def actors(self):
        """name -> (restarts, last failure), when everyone answers."""
        text = self.node.wait_until(lambda: self.ask("actors"), what="the inspector answers")
        rows = [line.split(None, 7) for line in text.splitlines()[1:]]
        return {row[0]: (int(row[3]), row[7]) for row in rows}

    def break_one(self, verb, actor):
        """Breaks the actor; returns when it has been restarted."""
        count = len(self.node.logged("actor_failed", actor=actor))
        self.ask(f"{verb} {actor}" + (" a bad day" if verb == "throw" else ""))
        self.node.wait_for_log("actor_failed", count=count + 1, actor=actor)

    def assert_counts(self, connections):
        """That the node comes to count these, and nobody else."""
        def agreed():
            text = self.ask("counts")
            if text is None:
                return False
            counts = self.counts = json.loads(text)
            return ("silent" not in counts and counts["rebuilding"] == 0
                    and counts["open"] == counts["slots"] == counts["users"] == connections
                    and counts["states"]["open"] == connections
                    and counts["admitted"] - counts["ended"] == connections
                    and counts["receipts"] == counts["ended"])
        try:
            self.node.wait_until(agreed, 5)
        except AssertionError:
            raise AssertionError(f"{connections} connections, counted {self.counts}") from None
        self.assertEqual(self.counts["mended"], 0, "a leak that a sweep had to mend")

    def assert_restarts(self):
        """Each actor has failed in both ways, which can be read."""
        for actor, (restarts, cause) in self.actors().items():
            with self.subTest(actor):
                self.assertEqual((restarts, cause), (2, CAUSES["throw"]))


class AtRest(SupervisionTest):
    def test_whoever_fails_nobody_is_lost_and_the_counts_are_right(self):
        self.begin("heartbeat.ping_interval=500ms", "heartbeat.pong_timeout=400ms",
                   "heartbeat.max_missed_pongs=100")
        there = [connected(self, self.node, user=f"u{number}") for number in range(40)]
        for verb, actor in FAULTS:
            self.break_one(verb, actor)
            for client in there:
                client.echo()
            self.assert_counts(len(there))
            self.assertEqual(self.actors()[actor][1], CAUSES[verb])
        self.assert_restarts()
        self.assertEqual(self.node.logged("closed"), [])
        connected(self, self.node, user="later").echo()


class UnderAStorm(SupervisionTest):
    RATE = 1000
    SECONDS = 5

    def test_whoever_fails_everyone_gets_in_and_nobody_is_lost(self):
        self.begin("limits.half_open=6000")
        there = [connected(self, self.node, user=f"u{number}") for number in range(20)]
        storm = self.storm()
        self.addCleanup(storm.communicate)
        self.addCleanup(storm.kill)
        for number, (verb, actor) in enumerate(FAULTS, 1):
            self.node.wait_until(lambda: len(self.node.logged("admitted")) > number * 150,
                                 what="the storm goes on")
            self.break_one(verb, actor)
            for client in there:
                client.echo()
        out, err = storm.communicate(timeout=deadline(30))
        self.assertEqual(storm.returncode, 0, out + err)
        self.assert_counts(len(there))
        self.assertEqual(self.counts["admitted"], self.RATE * self.SECONDS + len(there))
        self.assert_restarts()
        for client in there:
            client.echo()

    def storm(self):
        """Fails if anybody is refused, or closed before the end."""
        command = [BINARY, "bench", "idle", self.node.url("/echo"), "--connections",
                   self.RATE * self.SECONDS, "--open-rate", self.RATE, "--seconds", 1,
                   "--user-prefix", "s"]
        return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True,
                                stderr=subprocess.PIPE, env=environment())


class Sweeps(SupervisionTest):
    def test_where_everyone_comes_and_goes_they_find_nothing_to_mend(self):
        self.begin("pool.pool_cleanup_interval=20ms")
        for _ in range(3):
            done = run("bench", "storm", self.node.url("/echo"), "--connections", "2000",
                       "--user-prefix", "s", limit=30)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assert_counts(0)
        self.assertEqual(self.counts["admitted"], 6000)


class InADrain(SupervisionTest):
    EACH = 80

    async def test_whoever_fails_everyone_is_closed_in_his_slot_and_has_a_receipt(self):
        self.begin("shutdown.reconnect_rate=20", "shutdown.drain_timeout=60s",
                   "shutdown.force_close_timeout=90s")
        there = await asyncio.gather(*(clients.connect(self, self.node, user=f"u{number}")
                                       for number in range(self.EACH)))
        for client in there:
            await client.round_trip()
        self.ask("drain")
        for number, (verb, actor) in enumerate(FAULTS, 1):
            await self.node.saw("closed", count=3 * number)
            await asyncio.to_thread(self.break_one, verb, actor)
        for client in there:
            self.assertEqual(await client.ended(), 1012)
        await asyncio.to_thread(self.node.wait_exit)
        closed = self.node.logged("closed")
        self.assertEqual({(r["code"], r["cause"]) for r in closed}, {("1012", "drained")})
        self.assertEqual(len({r["id"] for r in closed}), self.EACH)
        self.assertTrue(any(f"connections  {self.EACH}, receipts {self.EACH}" in line
                            for line in self.node.out.lines), self.node.story())


class ForGood(SupervisionTest):
    async def test_who_keeps_failing_ends_the_node_by_a_drain(self):
        for actor in ("pool", "pool/1", "heartbeat/0", "router", "router/0", "shutdown", "health",
                      "inspector"):
            with self.subTest(actor):
                await self.assert_ends(actor)

    async def assert_ends(self, actor):
        node = self.begin("shutdown.reconnect_rate=50", max_restarts=2)
        node.exit_expected = 1
        there = [await clients.connect(self, node, user=f"u{number}") for number in range(20)]
        for client in there:
            await client.round_trip()
        for verb in ("kill", "throw"):
            await asyncio.to_thread(self.break_one, verb, actor)
            for client in there:
                await client.send("still there")
                self.assertEqual(await within(client.recv()), "still there")
        await asyncio.to_thread(self.break_one, "throw", actor)
        for client in there:
            self.assertEqual(await client.ended(), 1012)
        await asyncio.to_thread(node.wait_exit)
        self.assertEqual(node.logged("actor_failed")[-1]["verdict"], "give_up")
        self.assertEqual(node.logged("given_up")[0]["actor"], actor)
        self.assertEqual(sorted(r["id"] for r in node.logged("admitted")),
                         sorted(r["id"] for r in node.logged("closed")))
        self.assertTrue(any("connections  20, receipts 20" in line for line in node.out.lines),
                        node.story())


if __name__ == "__main__":
    unittest.main()
