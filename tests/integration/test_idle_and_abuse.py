"""Those who say nothing, read nothing, or break the rules."""

import asyncio
import itertools
import random
import unittest

import clients
from raw_client import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawClient, close_frame,
                        connected, frame, upgrade_request)
from support import NodeTest, deadline, ms, seconds, within


class Idle(NodeTest):
    async def test_a_client_without_messages_is_closed_on_time(self):
        node = self.start(f"pool.connection_timeout={ms(700)}", f"heartbeat.ping_interval={ms(200)}",
                          f"heartbeat.pong_timeout={ms(150)}")
        client = await clients.connect(self, node, user="idle")
        self.assertEqual(await client.ended(), 4505)
        self.assertGreaterEqual(client.pings_answered, 1, "pings are no activity")
        closed = await node.saw("closed", user="idle")
        self.assertEqual((closed["code"], closed["cause"], closed["who"]),
                         ("4505", "idle", "node"))
        lived = closed.time - node.logged("admitted", user="idle")[0].time
        self.assertGreaterEqual(lived, seconds(700) - 0.02)
        self.assertLess(lived, seconds(700) + deadline(0.5))

    async def test_messages_keep_a_client_open(self):
        node = self.start(f"pool.connection_timeout={ms(600)}")
        busy = await clients.connect(self, node, user="busy")
        idle = await clients.connect(self, node, user="idle")
        idle_end = asyncio.ensure_future(idle.ended())
        while not idle_end.done():
            await busy.send("x")
            await within(busy.recv())
            await asyncio.wait([idle_end], timeout=seconds(100))
        await busy.send("still")
        self.assertEqual(await within(busy.recv()), "still")

    async def test_who_only_listens_is_active_while_he_is_sent_something(self):
        node = self.start(f"pool.connection_timeout={ms(600)}")
        listener = await clients.connect(self, node, "/broadcast", user="listener")
        await listener.round_trip()
        speaker = await clients.connect(self, node, "/broadcast", user="speaker")
        idle = await clients.connect(self, node, "/echo", user="idle")
        idle_end = asyncio.ensure_future(idle.ended())
        while not idle_end.done():
            await speaker.send("news")
            self.assertEqual(await within(listener.recv()), "news")
            await asyncio.wait([idle_end], timeout=seconds(100))
        self.assertTrue(listener.open)

    async def test_zero_turns_it_off(self):
        node = self.start("pool.connection_timeout=0s", f"heartbeat.ping_interval={ms(150)}",
                          f"heartbeat.pong_timeout={ms(100)}")
        client = await clients.connect(self, node)
        for _ in range(5):
            await within(client.next_ping())
        self.assertTrue(client.open)


class SlowConsumer(NodeTest):
    SIZE = 60_000
    COUNT = 120  # 7 MB: more than the kernel (about 3 MB) and the queue hold together

    def settings(self, policy):
        return ("limits.max_queued_bytes=256KiB", f"limits.on_slow_consumer={policy}",
                "heartbeat.ping_interval=60s", "node.shards=2")

    async def publish(self, node):
        """Lets a speaker broadcast COUNT numbered messages; he has had them all when it returns.
        Returns a raw client who was there before and has read none."""
        reader = connected(self, node, "/broadcast", user="slow", receive_buffer=4096)
        reader.round_trip()
        speaker = await clients.connect(self, node, "/broadcast", user="speaker")
        for number in range(self.COUNT):
            await speaker.send(b"%06d" % number + b"." * self.SIZE)
            await within(speaker.recv())
        return reader

    async def test_who_does_not_read_is_closed(self):
        node = self.start(*self.settings("close"))
        await self.publish(node)
        closed = await node.saw("closed", user="slow")
        self.assertEqual((closed["code"], closed["cause"], closed["who"]),
                         ("4002", "slow_consumer", "node"))
        self.assertEqual(len(node.logged("closed", user="speaker")), 0)

    async def test_who_reads_again_in_time_hears_why_he_is_closed(self):
        node = self.start(*self.settings("close"))
        reader = await self.publish(node)
        got = await asyncio.to_thread(reader.read_close)
        self.assertEqual(got.close_code, 4002)

    async def test_drop_oldest_keeps_the_newest(self):
        numbers = await self.numbers_heard("drop_oldest")
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertEqual(numbers[-1], self.COUNT - 1)
        self.assertLess(len(numbers), self.COUNT, "nothing was dropped")
        self.assertEqual(numbers[0], 0, "what the kernel had is not taken back")

    async def test_drop_newest_keeps_the_oldest(self):
        numbers = await self.numbers_heard("drop_newest")
        self.assertLess(numbers[-1], self.COUNT - 1, "nothing was dropped")
        self.assertEqual(numbers[:4], list(range(4)))
        # Contiguous until the first drop; the socket may have taken some more since.
        self.assertEqual(numbers, sorted(set(numbers)))

    async def numbers_heard(self, policy):
        """Which of the messages a reader gets who begins to read when all have been sent."""
        node = self.start(*self.settings(policy))
        reader = await self.publish(node)
        self.assertEqual(node.logged("closed"), [])

        def read():
            reader.send_frame(PING, b"end")  # its pong queues behind what waits
            numbers = []
            while (got := reader.read_frame()).opcode != PONG:
                if got.opcode == BINARY:  # and not a ping of the node
                    self.assertEqual(len(got.payload), 6 + self.SIZE)
                    numbers.append(int(got.payload[:6]))
            return numbers

        return await asyncio.to_thread(read)

    async def test_an_echo_that_nobody_reads_is_closed(self):
        node = self.start("limits.max_queued_bytes=256KiB")
        client = connected(self, node, user="deaf", receive_buffer=4096)

        def talk():
            client.socket.settimeout(deadline(1))
            data = frame(BINARY, b"." * self.SIZE)
            try:
                for _ in range(2 * self.COUNT):
                    client.send(data)
            except (TimeoutError, ConnectionError):
                pass

        await asyncio.to_thread(talk)
        self.assertEqual((await node.saw("closed", user="deaf"))["code"], "4002")


class BrokenRules(NodeTest):
    """One violation, one close code; the node stays."""

    def setUp(self):
        self.node = self.start(f"limits.close_timeout={ms(500)}")
        self.users = map("u{}".format, itertools.count())

    def assert_closes(self, code, *chunks, cause=None):
        user = next(self.users)
        client = connected(self, self.node, user=user)
        for chunk in chunks:
            client.send(chunk)
        self.assertEqual(client.read_close().close_code, code)
        client.close()
        record = self.node.wait_for_log("closed", user=user)
        self.assertEqual((record["code"], record["who"]), (str(code), "node"))
        if cause:
            self.assertEqual(record["cause"], cause)

    def test_text_that_is_not_utf8_is_1007(self):
        for bad in (b"\xff", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xed\xa0\x80",
                    b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\x80", b"good \xc3\x28",
                    b"x" * 200 + b"\xfe"):
            with self.subTest(bad):
                self.assert_closes(1007, frame(TEXT, bad), cause="bad_utf8")

    def test_text_that_ends_within_a_code_point_is_1007(self):
        self.assert_closes(1007, frame(TEXT, b"ok \xe6\x97"), cause="bad_utf8")
        self.assert_closes(1007, frame(TEXT, b"ok \xe6\x97", fin=False), frame(CONTINUATION, b""),
                           cause="bad_utf8")

    def test_a_code_point_that_goes_wrong_in_the_next_fragment_is_1007(self):
        self.assert_closes(1007, frame(TEXT, b"\xe6\x97", fin=False),
                           frame(CONTINUATION, b"\x28", fin=False), cause="bad_utf8")

    def test_bad_utf8_in_a_close_reason_is_1007(self):
        self.assert_closes(1007, frame(CLOSE, b"\x03\xe8\xff\xfe"))

    def test_a_message_above_the_limit_is_1009(self):
        self.assert_closes(1009, frame(BINARY, b"x" * (64 * 1024 + 1)), cause="too_big")
        self.assert_closes(1009, frame(TEXT, b"x" * 40_000, fin=False),
                           frame(CONTINUATION, b"x" * 25_537), cause="too_big")

    def test_a_length_that_is_only_announced_is_1009_at_once(self):
        for length in (64 * 1024 + 1, 2**32, 2**63 - 1):
            self.assert_closes(1009, frame(BINARY, b"", length=length, form=64), cause="too_big")

    def test_broken_frames_are_1002(self):
        cases = {
            "unmasked": frame(TEXT, b"hi", masked=False),
            "rsv1": frame(TEXT, b"hi", rsv=4),
            "rsv2": frame(TEXT, b"hi", rsv=2),
            "rsv3": frame(TEXT, b"hi", rsv=1),
            "reserved data opcode": frame(3, b"hi"),
            "reserved control opcode": frame(11, b"hi"),
            "continuation of nothing": frame(CONTINUATION, b"hi"),
            "new message within another": frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"),
            "fragmented ping": frame(PING, b"x", fin=False),
            "long ping": frame(PING, b"x" * 126),
            "long close": frame(CLOSE, b"\x03\xe8" + b"x" * 124),
            "length not minimal, 16 bits": frame(TEXT, b"hi", form=16),
            "length above 2^63": frame(BINARY, b"", length=2**64 - 1, form=64),
            "length not minimal, 64 bits": frame(TEXT, b"x" * 126, form=64),
            "rsv1 on a continuation": frame(TEXT, b"a", fin=False) + frame(CONTINUATION, b"b", rsv=4),
        }
        for name, data in cases.items():
            with self.subTest(name):
                self.assert_closes(1002, data, cause="protocol_violation")

    def test_close_codes_that_nobody_may_send_are_1002(self):
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
            with self.subTest(code):
                self.assert_closes(1002, close_frame(code))
        with self.subTest("one byte"):
            self.assert_closes(1002, frame(CLOSE, b"\x03"))

    def test_a_violation_is_closed_cleanly_when_the_peer_answers(self):
        client = connected(self, self.node, user="sorry")
        client.send_frame(TEXT, b"\xff")
        self.assertEqual(client.read_close().close_code, 1007)
        client.send(close_frame(1007))
        self.assertEqual(client.read_end(), "fin")

    def test_who_does_not_answer_a_close_is_aborted(self):
        client = connected(self, self.node, user="stubborn")
        client.send_frame(TEXT, b"\xff")
        self.assertEqual(client.read_close().close_code, 1007)
        self.assertIn(client.read_end(), ("fin", "reset"))
        self.node.wait_for_log("closed", user="stubborn")


class Vanishing(NodeTest):
    """A peer may go at any point, and leaves nothing behind."""

    def test_a_reset_at_any_point_is_survived(self):
        node = self.start("node.shards=2")
        connected(self, node, user="warm").close()
        node.wait_for_log("closed", user="warm")
        baseline = node.descriptors()
        conversation = (upgrade_request("/echo?user=gone") + frame(TEXT, b"x" * 200)
                        + frame(TEXT, b"y" * 70, fin=False) + frame(PING, b"z")
                        + frame(CONTINUATION, b"y" * 70) + close_frame(1000))
        random.seed(42)
        for cut in sorted(random.sample(range(len(conversation) + 1), 120)):
            client = RawClient(node.port)
            client.send(conversation[:cut])
            client.reset()
        node.wait_until(lambda: node.descriptors() == baseline, what="descriptors are back")
        self.still_serves(node)

    def test_a_half_close_ends_a_connection(self):
        node = self.start()
        client = connected(self, node, user="half")
        client.socket.shutdown(1)
        self.assertIn(client.read_end(), ("fin", "reset"))
        record = node.wait_for_log("closed", user="half")
        self.assertEqual((record["code"], record["cause"]), ("1006", "peer_vanished"))

    def test_a_reset_while_much_is_being_sent_to_it(self):
        node = self.start()
        for number in range(10):
            client = connected(self, node, user=f"u{number}", receive_buffer=4096)
            client.send(frame(BINARY, b"." * 60_000) * 4)
            client.read_frame()
            client.reset()
        node.wait_for_log("closed", count=10)
        self.still_serves(node)

    def test_hundreds_of_open_sockets_that_say_nothing_do_not_stop_the_others(self):
        node = self.start("limits.half_open=2000", f"limits.handshake_timeout={ms(1500)}")
        baseline = node.descriptors()
        silent = [RawClient(node.port) for _ in range(500)]
        for client in silent:
            self.addCleanup(client.close)
        self.still_serves(node)
        node.wait_until(lambda: node.descriptors() <= baseline + 1, what="silent ones are closed")

    def still_serves(self, node):
        client = connected(self, node, user="after")
        client.send_frame(TEXT, b"well?")
        self.assertEqual(client.read_message().payload, b"well?")
        client.close()


if __name__ == "__main__":
    unittest.main()
