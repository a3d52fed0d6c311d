"""The wall clock is stepped while the node runs: only the log's times show it."""

import struct
import time
import unittest
from pathlib import Path

import clients
from support import BINARY, NodeTest, binary_has_sanitizer, deadline, ms, within

DAY = 24 * 3600
PRELOADED = Path(BINARY).parent / "tests" / "libholdfast_stepped_clock.so"


class ClockJumps(NodeTest):
    def begin(self):
        """A node whose wall clock follows a file."""
        if binary_has_sanitizer():
            self.skipTest("the preloaded library would come before the sanitizer's")
        self.assertTrue(PRELOADED.exists(), f"{PRELOADED} was not built")
        self.file = Path(self.temporary_directory()) / "step"
        self.step(0)
        return self.start(f"heartbeat.ping_interval={ms(200)}", f"heartbeat.pong_timeout={ms(150)}",
                          "heartbeat.zombie_detection_threshold=20s", "pool.connection_timeout=20s",
                          "pool.pool_cleanup_interval=100ms", "shutdown.reconnect_rate=20",
                          env={"LD_PRELOAD": str(PRELOADED), "HOLDFAST_STEP_FILE": str(self.file)})

    def step(self, seconds):
        """The node's wall clock is ours and this much from now on."""
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))

    async def is_stepped(self, node, seconds):
        """Whoever comes now is logged with a time that is so far from ours."""
        count = len(node.logged("admitted"))
        client = await clients.connect(self, node)
        await client.round_trip()
        await node.saw("admitted", count=count + 1)
        logged = node.logged("admitted")[-1].time
        self.assertAlmostEqual(logged - time.time(), seconds, delta=deadline(5))
        return client

    async def test_a_step_of_a_day_either_way_closes_nobody_and_stops_no_ping(self):
        node = self.begin()
        there = [await self.is_stepped(node, 0) for _ in range(5)]
        for seconds in (DAY, -DAY, 0):
            self.step(seconds)
            there.append(await self.is_stepped(node, seconds))
            for client in there:
                await within(client.next_ping())
                await within(client.next_ping())
                await client.send("x")
                self.assertEqual(await within(client.recv()), "x")
        self.assertEqual(node.logged("closed") + node.logged("suspect"), [])

    async def test_a_drain_in_which_the_clock_is_stepped_ends_as_planned(self):
        for seconds in (DAY, -DAY):
            with self.subTest(seconds):
                node = self.begin()
                there = [await self.is_stepped(node, 0) for _ in range(40)]  # two seconds of drain
                began = time.monotonic()
                node.signal(15)
                await node.saw("closed", count=5)
                self.step(seconds)
                for client in there:
                    self.assertEqual(await client.ended(), 1012)
                node.wait_exit()
                self.assertGreater(time.monotonic() - began, 1.8)
                self.assertLess(time.monotonic() - began, 2 + deadline(1))
                self.assertEqual(len(node.logged("closed", cause="drained")), 40)


if __name__ == "__main__":
    unittest.main()
