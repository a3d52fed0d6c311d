"""Who answers pings stays; who does not is suspected, then given up, in the time configured."""

import asyncio
import contextlib
import signal
import unittest

import clients
from raw_client import CLOSE, PING, PONG, TEXT, connected
from support import NodeTest, deadline, ms, seconds, within

TICK = 0.02  # log timestamps are milliseconds, the node's clock ticks are a few of them


def heartbeat(interval, timeout, misses=3, silence=60_000):
    """Settings, times in milliseconds."""
    return (f"heartbeat.ping_interval={ms(interval)}", f"heartbeat.pong_timeout={ms(timeout)}",
            f"heartbeat.max_missed_pongs={misses}",
            f"heartbeat.zombie_detection_threshold={ms(silence)}")


class Answering(NodeTest):
    async def test_clients_that_answer_pings_stay_open(self):
        node = self.start("node.shards=2", *heartbeat(200, 150))
        opened = [await clients.connect(self, node, user=f"u{i}") for i in range(30)]
        for _ in range(8):
            await within(asyncio.gather(*(client.next_ping() for client in opened)))
        self.assertEqual(node.logged("zombie"), [])
        self.assertEqual(node.logged("closed"), [])

    async def test_first_pings_are_spread_over_the_interval(self):
        node = self.start("node.shards=1", *heartbeat(1000, 800))
        opened = await asyncio.gather(*(clients.connect(self, node) for _ in range(60)))
        loop = asyncio.get_running_loop()

        async def first_ping(client):
            await client.next_ping()
            return loop.time()

        times = sorted(await within(asyncio.gather(*map(first_ping, opened))))
        self.assertGreater(times[-1] - times[0], seconds(1000) / 2)

    async def test_any_frame_counts_as_life(self):
        """A client that never pongs but sends messages is no zombie."""
        node = self.start(*heartbeat(200, 150, misses=2))
        client = connected(self, node, user="talks")

        def talk():
            pings = number = 0
            client.socket.settimeout(seconds(50))
            while pings < 6:
                client.send_frame(TEXT, b"%d" % number)
                number += 1
                with contextlib.suppress(TimeoutError):
                    while True:
                        pings += client.read_frame().opcode == PING

        await within(asyncio.to_thread(talk), 20)
        self.assertEqual(node.logged("zombie"), [])
        self.assertEqual(node.logged("closed"), [])

    async def test_a_suspect_that_answers_is_trusted_again(self):
        node = self.start(*heartbeat(300, 200, misses=5))
        client = connected(self, node, user="late")
        ping = await asyncio.to_thread(client.read_frame)
        await node.saw("suspect", user="late")
        client.send_frame(PONG, ping.payload)
        await node.saw("recovered", user="late")
        self.assertEqual(node.logged("zombie"), [])


class Silent(NodeTest):
    async def test_a_client_that_never_pongs_is_suspect_and_zombie_in_time(self):
        node = self.start(*heartbeat(300, 200))
        client = connected(self, node, user="mute")
        frames = await asyncio.to_thread(self.read_until_close, client)
        admitted = (await node.saw("admitted", user="mute")).time
        suspect = (await node.saw("suspect", user="mute")).time
        zombie = (await node.saw("zombie", user="mute")).time
        slack = deadline(0.5)

        # The first ping comes anywhere in the interval; the first miss a timeout later.
        self.assertGreaterEqual(suspect - admitted, seconds(200) - TICK)
        self.assertLess(suspect - admitted, seconds(300 + 200) + slack)
        # Two more pings, one at each miss, each with a timeout of its own.
        self.assertGreaterEqual(zombie - suspect, seconds(400) - TICK)
        self.assertLess(zombie - suspect, seconds(400) + slack)

        pings = [frame.payload for frame in frames if frame.opcode == PING]
        self.assertEqual([len(ping) for ping in pings], [8, 8, 8])
        self.assertEqual(len(set(pings)), 3)
        self.assertEqual(frames[-1].close_code, 4000)
        self.assertEqual(await asyncio.to_thread(client.read_end), "reset")
        closed = await node.saw("closed", user="mute")
        self.assertEqual((closed["code"], closed["cause"], closed["who"]),
                         ("4000", "zombie_count", "node"))
        # Aborted a second after its close frame, answered or not.
        self.assertGreaterEqual(closed.time - zombie, 1 - TICK)
        self.assertLess(closed.time - zombie, 1 + slack)

    def read_until_close(self, client):
        frames = [client.read_frame()]
        while frames[-1].opcode != CLOSE:
            frames.append(client.read_frame())
        return frames

    async def test_silence_alone_makes_a_zombie(self):
        node = self.start(*heartbeat(8000, 4000, silence=600))
        client = connected(self, node, user="silent")
        got = await asyncio.to_thread(client.read_close)
        self.assertEqual(got.close_code, 4000)
        zombie = await node.saw("zombie", user="silent")
        waited = zombie.time - node.logged("admitted", user="silent")[0].time
        self.assertGreaterEqual(waited, seconds(600) - TICK)
        self.assertLess(waited, seconds(600) + deadline(0.5))
        self.assertEqual((await node.saw("closed", user="silent"))["cause"], "zombie_silent")

    async def test_a_marked_zombie_is_left_alone_and_may_come_back(self):
        node = self.start(*heartbeat(150, 100, misses=2), "heartbeat.on_zombie=mark")
        client = connected(self, node, user="marked")
        await node.saw("zombie", user="marked")
        client.send_frame(TEXT, b"back again")
        answer = await asyncio.to_thread(client.read_message)
        self.assertEqual(answer.payload, b"back again")
        self.assertEqual(node.logged("closed"), [])

    async def test_an_unasked_pong_proves_life_but_answers_no_ping_of_another(self):
        node = self.start(*heartbeat(200, 150, misses=2))
        client = connected(self, node, user="liar")
        for _ in range(8):
            await asyncio.to_thread(client.read_frame)
            client.send_frame(PONG, b"\xff" * 8)
        self.assertEqual(node.logged("zombie"), [])

    async def test_zombies_do_not_take_the_others_with_them(self):
        node = self.start("node.shards=2", *heartbeat(200, 150))
        healthy = [await clients.connect(self, node, user=f"h{i}") for i in range(10)]
        for number in range(10):
            connected(self, node, user=f"z{number}")
        await node.saw("closed", count=10, code=4000)
        await within(asyncio.gather(*(client.next_ping() for client in healthy)))
        self.assertEqual(len(node.logged("closed")), 10)
        self.assertTrue(all(client.open for client in healthy))


class Stalled(NodeTest):
    async def test_a_server_that_was_stopped_kills_nobody(self):
        node = self.start("node.shards=2", f"pool.connection_timeout={ms(1500)}",
                          *heartbeat(200, 150, silence=1000))
        opened = [await clients.connect(self, node, user=f"u{i}") for i in range(20)]
        await within(asyncio.gather(*(client.next_ping() for client in opened)))
        await self.echo_all(opened, "before")

        node.signal(signal.SIGSTOP)
        node.wait_until(lambda: node.state() == "T")
        # Several times every threshold; nothing can come while the node stands still.
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(opened[0].recv(), seconds(3000))
        node.signal(signal.SIGCONT)

        await self.echo_all(opened, "after")
        for _ in range(4):
            await within(asyncio.gather(*(client.next_ping() for client in opened)))
        for event in ("zombie", "closed"):
            self.assertEqual(node.logged(event), [])

    async def echo_all(self, opened, text):
        for client in opened:
            await client.send(text)
        echoes = await within(asyncio.gather(*(client.recv() for client in opened)))
        self.assertEqual(echoes, [text] * len(opened))

    async def test_who_really_is_dead_is_still_found_after_a_stop(self):
        node = self.start(*heartbeat(200, 150))
        client = connected(self, node, user="dead")
        node.signal(signal.SIGSTOP)
        node.wait_until(lambda: node.state() == "T")
        client.socket.settimeout(seconds(1000))
        with self.assertRaises(TimeoutError):
            while True:
                client.read_frame()
        client.socket.settimeout(deadline(10))
        node.signal(signal.SIGCONT)
        self.assertEqual((await asyncio.to_thread(client.read_close)).close_code, 4000)


if __name__ == "__main__":
    unittest.main()
