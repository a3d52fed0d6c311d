"""A SIGTERM: everybody is told when to come back, nothing that was accepted is lost."""

import asyncio
import contextlib
import json
import signal
import unittest

import clients
import websockets
from clients import connect_v1
from raw_client import RawClient, connected, request, upgrade_request
from support import HOST, NodeTest, deadline, ms, seconds, within

HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def shutdown(rate, *, drain=6000, force=9000, flush=500, close=500, allowance=2000, **more):
    """Settings of a drain, times in milliseconds."""
    return (f"shutdown.reconnect_rate={rate}", f"shutdown.drain_timeout={ms(drain)}",
            f"shutdown.force_close_timeout={ms(force)}",
            f"shutdown.message_flush_timeout={ms(flush)}", f"limits.close_timeout={ms(close)}",
            f"shutdown.restart_allowance={ms(allowance)}",
            *(f"shutdown.{key}={value}" for key, value in more.items()))


class Talker:
    """Keeps a few messages under way until its connection ends, and remembers all."""

    def __init__(self, socket, v1):
        self.socket = socket
        self.v1 = v1
        self.sent = 0
        self.echoes, self.acks = [], []
        self.drain = None

    async def talk(self):
        """Returns the close code."""
        try:
            for _ in range(4):
                await self.say()
            while True:
                self.hear(await self.socket.recv())
                if len(self.echoes) + 4 > self.sent:
                    await self.say()
        except websockets.ConnectionClosed:
            return await self.socket.ended()

    async def say(self):
        number = self.sent
        self.sent += 1
        text = json.dumps({"type": "message", "data": number, "id": number})
        # After the node's close there may still be messages to hear.
        with contextlib.suppress(websockets.ConnectionClosed):
            await self.socket.send(text if self.v1 else str(number))

    def hear(self, text):
        if not self.v1:
            self.echoes.append(int(text))
            return
        message = json.loads(text)
        match message["type"]:
            case "message": self.echoes.append(message["data"])
            case "ack": self.acks.append(message["id"])
            case "drain": self.drain = message
            case other: raise AssertionError(other)


async def talkers(test, node, count, v1=False):
    """Open clients that have not begun to talk."""
    result = []
    for _ in range(count):
        if v1:
            result.append(Talker((await connect_v1(test, node)).socket, True))
        else:
            socket = await clients.connect(test, node)
            await socket.round_trip()
            result.append(Talker(socket, False))
    return result


class UnderTraffic(NodeTest):
    RATE = 40
    EACH = 40

    async def drain(self, *more):
        """Drains a node on which EACH plain and EACH leased clients talk."""
        self.node = self.start("node.shards=2", *shutdown(self.RATE, **dict(more)))
        self.leased = await talkers(self, self.node, self.EACH, v1=True)
        self.plain = await talkers(self, self.node, self.EACH)
        talking = asyncio.gather(*(t.talk() for t in self.leased + self.plain))
        await self.node.becomes(lambda: False if any(len(t.echoes) < 5 for t in self.everyone)
                                else True, what="everybody talks")
        self.ledger = await self.node.stopped()
        self.codes = await within(talking)
        self.closed = {r["id"]: r for r in self.node.logged("closed")}

    @property
    def everyone(self):
        return self.leased + self.plain

    def phase(self, name):
        return self.node.logged("phase", phase=name)[0].time

    async def test_a_restart_loses_nobody_and_nothing(self):
        await self.drain()
        self.assertEqual(set(self.codes), {1012})
        self.nothing_that_was_accepted_is_lost()
        self.leases_are_spread()
        self.plain_clients_were_closed_in_their_slots()
        self.receipts_are_clean()
        self.it_ended_as_planned()

    def nothing_that_was_accepted_is_lost(self):
        for talker in self.everyone:
            self.assertEqual(talker.echoes, list(range(len(talker.echoes))))
        for talker in self.leased:
            self.assertEqual(talker.acks, list(range(len(talker.acks))))
            self.assertLessEqual(len(talker.acks), len(talker.echoes))

    def leases_are_spread(self):
        """Each in a slot of its own, after the planned end and the restart."""
        leases = [talker.drain["lease"] for talker in self.leased]
        self.assertEqual(len({lease["id"] for lease in leases}), self.EACH)
        begin = self.EACH / self.RATE * 1000 + seconds(2000) * 1000
        slot = 1000 / self.RATE
        for number, after in enumerate(sorted(lease["after_ms"] for lease in leases)):
            self.assertGreaterEqual(after, begin + number * slot - 1)
            self.assertLessEqual(after, begin + (number + 1) * slot)
        for lease in leases:
            self.assertGreater(lease["expires_ms"], lease["after_ms"])
            self.assertNotIn("target", lease)

    def plain_clients_were_closed_in_their_slots(self):
        leased = {talker.drain["lease"]["id"].rsplit(".", 1)[0] for talker in self.leased}
        begin = self.phase("stop_accepting")
        times = sorted(r.time - begin for id, r in self.closed.items() if id not in leased)
        self.assertEqual(len(times), self.EACH)
        for number, time in enumerate(times):
            self.assertGreaterEqual(time, number / self.RATE - 0.02)
            self.assertLess(time, (number + 1) / self.RATE + deadline(0.5))

    def receipts_are_clean(self):
        self.assertEqual(len(self.closed), 2 * self.EACH)
        for record in self.closed.values():
            self.assertEqual((record["code"], record["who"], record["cause"]),
                             ("1012", "node", "drained"))
            self.assertEqual(record["in"], record["out"])
            self.assertEqual(record["never_written"], "0")

    def it_ended_as_planned(self):
        lasted = self.phase("finished") - self.phase("stop_accepting")
        self.assertGreaterEqual(lasted, (self.EACH - 1) / self.RATE - 0.02)
        self.assertLess(lasted, self.EACH / self.RATE + deadline(1.0))
        self.assertTrue(any("drained" in line for line in self.ledger), self.ledger)
        self.assertTrue(any(str(2 * self.EACH) in line for line in self.ledger), self.ledger)

    async def test_without_notification_all_are_paced_as_plain_clients(self):
        await self.drain(("notify_clients", "false"))
        self.assertEqual(set(self.codes), {1012})
        self.assertEqual([talker.drain for talker in self.everyone], [None] * 2 * self.EACH)
        self.nothing_that_was_accepted_is_lost()
        lasted = self.phase("finished") - self.phase("stop_accepting")
        self.assertGreaterEqual(lasted, (2 * self.EACH - 1) / self.RATE - 0.02)


class Phases(NodeTest):
    async def test_they_come_in_their_order(self):
        node = self.start(*shutdown(1000))
        client = await clients.connect(self, node)
        await client.round_trip()
        await node.stopped()
        phases = [record["phase"] for record in node.logged("phase")]
        order = ["unready", "stop_accepting", "notify", "draining", "stop_heartbeats", "cleanup",
                 "finished"]
        self.assertEqual([phase for phase in phases if phase != "serving"], order)

    def test_with_nobody_connected_it_ends_at_once(self):
        for shards in (1, 2):
            node = self.start(f"node.shards={shards}")
            node.stop(limit=2)

    def test_signals_until_the_very_end_do_not_spoil_it(self):
        node = self.start()
        while node.process.poll() is None:
            node.signal(signal.SIGTERM)
        node.wait_exit()

    def test_sigint_drains_too(self):
        node = self.start()
        node.signal(signal.SIGINT)
        node.wait_exit(limit=2)

    async def test_during_the_load_balancers_grace_it_still_accepts(self):
        node = self.start(*shutdown(1000, lb_grace=ms(1200)))
        self.assertEqual(request(self, node, HEALTHZ).status, 200)
        node.signal(signal.SIGTERM)
        await node.saw("phase", phase="unready")
        # The shards hear of it a moment after the log.
        await node.becomes(lambda: request(self, node, HEALTHZ).status == 503, what="not ready")
        client = await clients.connect(self, node)
        await client.send("late")
        self.assertEqual(await within(client.recv()), "late")
        self.assertEqual(node.logged("phase", phase="stop_accepting"), [])
        self.assertEqual(await client.ended(), 1012)
        await asyncio.to_thread(node.wait_exit)
        grace = (node.logged("phase", phase="stop_accepting")[0].time
                 - node.logged("phase", phase="unready")[0].time)
        self.assertGreaterEqual(grace, seconds(1200) - 0.02)
        self.assertLess(grace, seconds(1200) + deadline(0.5))

    async def test_once_it_has_stopped_accepting_nobody_gets_in(self):
        node = self.start("node.shards=2", *shutdown(1))
        half = [RawClient(node.port) for _ in range(4)]
        head, rest = upgrade_request().split(b"\r\n", 1)
        for client in half:
            self.addCleanup(client.close)
            client.send(head + b"\r\n")
        staying = [await clients.connect(self, node) for _ in range(3)]
        for client in staying:
            await client.round_trip()
        node.signal(signal.SIGTERM)
        await node.saw("phase", phase="draining")
        with self.assertRaises(ConnectionRefusedError):
            await asyncio.open_connection(HOST, node.port)
        for client in half:
            client.send(rest)
            response = client.read_response()
            if response.status == 101:
                self.assertEqual(client.read_close().close_code, 1012)
            else:
                self.assertEqual(response.status, 503)
        self.assertEqual(len(node.logged("admitted")), 3)
        node.signal(signal.SIGTERM)
        await asyncio.to_thread(node.wait_exit)


class Force(NodeTest):
    async def test_a_second_signal_closes_everybody_at_once(self):
        node = self.start("node.shards=2", *shutdown(1, drain=60_000, force=120_000))
        opened = [await clients.connect(self, node) for _ in range(20)]
        for client in opened:
            await client.round_trip()
        node.signal(signal.SIGTERM)
        await node.saw("phase", phase="draining")
        self.assertGreaterEqual(sum(client.open for client in opened), 18)
        node.signal(signal.SIGTERM)
        await asyncio.to_thread(node.wait_exit, 3)
        for client in opened:
            self.assertEqual(await client.ended(), 1012)
        self.assertEqual(len(node.logged("phase", phase="force_close")), 1)
        self.assertGreaterEqual(len(node.logged("closed", cause="forced")), 18)

    async def test_a_straggler_that_never_answers_a_close_is_aborted(self):
        node = self.start(*shutdown(1000, drain=1500, force=2000, flush=300, close=700))
        stragglers = [connected(self, node, user=f"s{number}") for number in range(5)]
        for client in stragglers:
            client.round_trip()
        polite = await clients.connect(self, node)
        await polite.round_trip()
        ledger = await node.stopped(seconds(2000) + 2)
        self.assertEqual(polite.close_code, 1012)
        for client in stragglers:
            self.assertEqual(client.read_close().close_code, 1012)
            self.assertEqual(client.read_end(), "reset")
        lasted = (node.logged("phase", phase="finished")[0].time
                  - node.logged("phase", phase="stop_accepting")[0].time)
        self.assertGreaterEqual(lasted, seconds(700) - 0.02)
        self.assertLess(lasted, seconds(2000) + deadline(0.5))
        self.assertTrue(any("6" in line for line in ledger), ledger)

    async def test_a_client_that_reads_nothing_does_not_hold_the_drain(self):
        node = self.start(*shutdown(1000, drain=1500, force=2000, flush=300, close=700),
                          "limits.max_queued_bytes=64MiB", "limits.max_queued_messages=100000",
                          "limits.on_slow_consumer=drop_newest")
        slow = connected(self, node, "/broadcast", user="slow", receive_buffer=4096)
        slow.round_trip()
        speaker = await clients.connect(self, node, "/broadcast", user="speaker")
        for _ in range(200):
            await speaker.send(b"." * 60_000)
            await within(speaker.recv())
        await node.stopped(seconds(2000) + 2)
        receipt = node.logged("closed", user="slow")[0]
        self.assertEqual(receipt["code"], "1012")
        self.assertGreater(int(receipt["never_written"]), 0)
        lasted = receipt.time - node.logged("phase", phase="stop_accepting")[0].time
        self.assertLess(lasted, seconds(2000) + deadline(0.5))


if __name__ == "__main__":
    unittest.main()
