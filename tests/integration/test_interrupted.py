"""Killed, stopped or told to end at the wrong moment."""

import asyncio
import os
import signal
import time
import unittest

import clients
from raw_client import connected
from support import HOST, NodeTest, deadline, ms, seconds, within


class KilledInADrain(NodeTest):
    async def test_it_starts_again_at_once_on_what_it_left_and_all_can_come_back(self):
        run_dir = self.temporary_directory()
        first = self.start("node.shards=2", "shutdown.reconnect_rate=20", run_dir=run_dir,
                           arguments=("--debug",))
        there = [await clients.connect(self, first, user=f"u{i}") for i in range(60)]
        for client in there:
            await client.round_trip()
        first.signal(signal.SIGTERM)
        await first.saw("closed", count=5)
        first.kill()
        left = sorted(os.listdir(run_dir))
        self.assertEqual(left, ["debug.sock", "holdfast.lock", "holdfast.sock"])
        for client in there:
            self.assertIn(await client.ended(), (1006, 1012))
        second = self.start("node.shards=2", run_dir=run_dir, listen=f"{HOST}:{first.port}",
                            arguments=("--debug",))
        back = await asyncio.gather(*(clients.connect(self, second, user=f"u{i}")
                                      for i in range(60)))
        for client in back:
            await client.send("back")
            self.assertEqual(await within(client.recv()), "back")


class StoppedInADrain(NodeTest):
    async def test_it_goes_on_where_it_was_and_ends_by_its_deadline(self):
        node = self.start("node.shards=2", "shutdown.reconnect_rate=20",
                          f"shutdown.drain_timeout={ms(4000)}", f"limits.close_timeout={ms(500)}",
                          f"shutdown.message_flush_timeout={ms(500)}")
        there = [await clients.connect(self, node) for _ in range(40)]  # two seconds of drain
        for client in there:
            await client.round_trip()
        node.signal(signal.SIGTERM)
        await node.saw("closed", count=5)
        node.signal(signal.SIGSTOP)
        await node.becomes(lambda: node.state() == "T")
        # Answers to its pings, and one message that nobody reads meanwhile.
        still_open = [client for client in there if client.open]
        with self.assertRaises(TimeoutError):
            await asyncio.wait_for(still_open[-1].wait_closed(), seconds(1000))
        node.signal(signal.SIGCONT)
        for client in there:
            self.assertEqual(await client.ended(), 1012)
        await asyncio.to_thread(node.wait_exit)
        self.assertEqual(len(node.logged("closed", cause="drained")), 40)
        lasted = (node.logged("phase", phase="finished")[0].time
                  - node.logged("phase", phase="stop_accepting")[0].time)
        self.assertLess(lasted, seconds(4000) + deadline(1))


class ToldToEndWhileItStarts(NodeTest):
    def test_a_signal_at_any_moment_of_the_start_ends_it(self):
        codes = []
        for descriptors in range(3, 30):  # it opens more and more of them
            node = self.start("node.shards=2", expect_start=False, log_level="info")
            self.has_come_so_far(node, descriptors)
            node.signal(signal.SIGTERM)
            code = node.process.wait(deadline(10))
            node.exit_expected = code
            self.assertIn(code, (0, -signal.SIGTERM), node.story())  # a drain, or too early for one
            codes.append(code)
        self.assertEqual(codes[-1], 0)

    def has_come_so_far(self, node, descriptors):
        until = time.monotonic() + deadline(5)
        while node.descriptors() < descriptors and not node.out.lines:
            self.assertLess(time.monotonic(), until)

    def test_a_signal_right_behind_the_first_line_drains(self):
        for _ in range(10):
            node = self.start("node.shards=2")
            node.signal(signal.SIGTERM)
            node.wait_exit()
            self.assertTrue(any(line.startswith("drained in") for line in node.out.lines))


if __name__ == "__main__":
    unittest.main()
