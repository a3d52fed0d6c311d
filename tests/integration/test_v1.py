"""The subprotocol holdfast.v1: control messages as JSON in text frames."""

import asyncio
import contextlib
import json
import unittest

import clients
import websockets
from clients import connect_v1
from support import NodeTest, deadline, ms, within


class Basics(NodeTest):
    async def test_the_welcome_says_who_and_what(self):
        node = self.start("node.name=here", "heartbeat.ping_interval=20s",
                          "heartbeat.pong_timeout=4s", "limits.max_message_size=32KiB")
        client = await connect_v1(self, node, user="alice")
        welcome = client.welcome
        self.assertEqual(welcome["connection"], (await node.saw("admitted"))["id"])
        self.assertEqual((welcome["node"], welcome["user"]), ("here", "alice"))
        self.assertEqual(welcome["heartbeat"], {"interval_ms": 20_000, "timeout_ms": 4_000})
        self.assertEqual(welcome["limits"], {"message_bytes": 32 * 1024})

    async def test_an_anonymous_welcome_names_no_user(self):
        client = await connect_v1(self, self.start())
        self.assertNotIn("user", client.welcome)

    async def test_it_is_chosen_among_several_offers(self):
        node = self.start()
        client = await clients.connect(self, node, subprotocols=["chat", "holdfast.v1", "other"])
        self.assertEqual(client.subprotocol, "holdfast.v1")
        other = await clients.connect(self, node, subprotocols=["chat", "holdfast.v2"])
        self.assertIsNone(other.subprotocol)
        await other.send("plain")
        self.assertEqual(await within(other.recv()), "plain")

    async def test_type_may_stand_anywhere_and_comes_first_in_answers(self):
        client = await connect_v1(self, self.start())
        await client.socket.send('{ "data" : "x", "type" : "message" }')
        text = await within(client.socket.recv())
        self.assertEqual(next(iter(json.loads(text))), "type")

    async def test_ping_is_answered_with_its_id(self):
        client = await connect_v1(self, self.start())
        for number in (0, 7, 2**64 - 1, "a string", "\u00e9\""):
            await client.send("ping", id=number)
            await client.expect("pong", id=number)


class Echo(NodeTest):
    async def test_data_of_every_kind_comes_back(self):
        client = await connect_v1(self, self.start())
        for data in ("text", "", "\u65e5\u672c \U0001f980 \"\\\n", 0, -1, 1.5, True, False, None,
                     [], [1, [2, [3]]], {"a": {"b": [None]}}, "x" * 40_000):
            await client.send("message", data=data)
            self.assertEqual((await client.expect("message"))["data"], data)

    async def test_numbers_keep_their_digits(self):
        client = await connect_v1(self, self.start())
        for digits in ("1.10", "12345678901234567890123", "1e2", "-0.0"):
            await client.socket.send('{"type":"message","data":[%s]}' % digits)
            self.assertIn(f"[{digits}]", await within(client.socket.recv()))

    async def test_a_message_with_an_id_is_acknowledged_once(self):
        client = await connect_v1(self, self.start())
        await client.send("message", data="x", id="m1")
        await client.expect_set({"type": "message", "data": "x"}, {"type": "ack", "id": "m1"})
        await client.send("message", data="y")
        await client.send("ping", id=1)
        await client.expect("message", data="y")
        await client.expect("pong", id=1)

    async def test_acks_come_in_the_order_of_their_messages(self):
        client = await connect_v1(self, self.start())
        for number in range(300):
            await client.send("message", data=number, id=number)
        got = [await client.receive() for _ in range(600)]
        self.assertEqual([m["id"] for m in got if m["type"] == "ack"], list(range(300)))
        self.assertEqual([m["data"] for m in got if m["type"] == "message"], list(range(300)))

    async def test_binary_frames_go_to_the_handler_as_they_are(self):
        client = await connect_v1(self, self.start())
        await client.socket.send(b"\x00\xffbinary")
        self.assertEqual(await client.receive(), b"\x00\xffbinary")

    async def test_acks_and_pings_are_no_messages(self):
        node = self.start()
        client = await connect_v1(self, node, user="acks")
        for number in range(3):
            await client.send("message", data=number)
            await client.expect("message")
        await client.send("ack", n=2)
        await client.send("ping", id=1)
        await client.expect("pong")
        await client.socket.close()
        closed = await node.saw("closed", user="acks")
        self.assertEqual((closed["in"], closed["out"]), ("3", "3"))


class Errors(NodeTest):
    BAD = {
        "not_json": "{",
        "not_an_object": "[1]",
        "missing_type": "{}",
        "unknown_type": '{"type":"dance"}',
        "wrong_field_type": '{"type":"ack","n":"one"}',
        "missing_field": '{"type":"message"}',
        "empty_field": '{"type":"subscribe","topic":""}',
        "field_too_long": json.dumps({"type": "subscribe", "topic": "t" * 257}),
        "too_deep": '{"type":"message","data":%s}' % ("[" * 32 + "]" * 32),
    }

    async def test_every_mistake_is_named(self):
        node = self.start()
        for code, text in self.BAD.items():
            client = await connect_v1(self, node)
            await client.socket.send(text)
            error = await client.expect("error", code=code)
            self.assertTrue(error["message"])
            await client.send("ping", id=code)
            await client.expect("pong", id=code)

    async def test_an_error_names_the_message_it_is_about(self):
        client = await connect_v1(self, self.start())
        await client.send("publish", topic="", data=1, id="p1")
        await client.expect("error", code="empty_field", re="p1")

    async def test_the_third_mistake_ends_the_connection(self):
        node = self.start()
        client = await connect_v1(self, node, user="clumsy")
        for number in range(3):
            await client.socket.send("nonsense")
            await client.expect("error", code="not_json")
            if number < 2:
                await client.send("ping", id=number)
                await client.expect("pong", id=number)
        self.assertEqual(await client.socket.ended(), 4504)
        closed = await node.saw("closed", user="clumsy")
        self.assertEqual(closed["cause"], "bad_control_messages")

    async def test_an_ack_of_more_than_was_sent_is_a_mistake(self):
        client = await connect_v1(self, self.start())
        await client.send("ack", n=5)
        await client.expect("error")

    async def test_a_route_without_topics_says_so(self):
        client = await connect_v1(self, self.start(), "/echo")
        await client.send("subscribe", topic="news", id=1)
        await client.expect("error", code="unsupported", re=1)


class Topics(NodeTest):
    def setUp(self):
        self.node = self.start("node.shards=2", "pool.max_connections_per_user=50")

    async def subscriber(self, *topics, user=None):
        client = await connect_v1(self, self.node, "/", user=user)
        for topic in topics:
            await client.send("subscribe", topic=topic, id=topic)
            await client.expect("ack", id=topic)
        return client

    async def test_a_publication_reaches_every_subscriber_on_every_shard(self):
        subscribers = [await self.subscriber("news") for _ in range(20)]
        stranger = await self.subscriber("weather")
        speaker = await connect_v1(self, self.node, "/", user="speaker")
        for number in range(10):
            await speaker.send("publish", topic="news", data={"n": number}, id=number)
            await speaker.expect("ack", id=number)
        for client in subscribers:
            for number in range(10):
                got = await client.expect("message", topic="news", data={"n": number})
                self.assertEqual(got.get("from", "speaker"), "speaker")
        await stranger.send("ping", id=1)
        await stranger.expect("pong", id=1)

    async def test_everyone_hears_the_same_order(self):
        subscribers = [await self.subscriber("news") for _ in range(6)]
        speakers = [await connect_v1(self, self.node, "/") for _ in range(4)]

        async def speak(number):
            for turn in range(50):
                await speakers[number].send("publish", topic="news", data=[number, turn])

        await asyncio.gather(*map(speak, range(4)))
        heard = []
        for client in subscribers:
            heard.append([(await client.expect("message"))["data"] for _ in range(200)])
        for other in heard[1:]:
            self.assertEqual(other, heard[0])
        for number in range(4):
            self.assertEqual([turn for who, turn in heard[0] if who == number], list(range(50)))

    async def test_who_subscribes_twice_hears_once(self):
        client = await self.subscriber("news", "news")
        await client.send("publish", topic="news", data="once", id="p")
        await client.expect_set({"type": "ack", "id": "p"},
                                {"type": "message", "topic": "news", "data": "once"})
        await client.send("ping", id=1)
        await client.expect("pong", id=1)

    async def test_after_unsubscribing_there_is_silence(self):
        client = await self.subscriber("news", "weather")
        await client.send("unsubscribe", topic="news", id="u")
        await client.expect("ack", id="u")
        speaker = await connect_v1(self, self.node, "/")
        for topic in ("news", "weather"):
            await speaker.send("publish", topic=topic, data="x")
        await client.expect("message", topic="weather")

    async def test_plain_clients_name_a_topic_in_the_query(self):
        listener = await clients.connect(self, self.node, "/?topic=news")
        client = await self.subscriber("news")
        await listener.send("from a plain client")
        await client.expect("message", topic="news", data="from a plain client")
        self.assertEqual(await within(listener.recv()), "from a plain client")
        await client.send("publish", topic="news", data="back")
        self.assertEqual(await within(listener.recv()), "back")

    async def test_a_connection_may_be_in_64_topics(self):
        client = await self.subscriber(*(f"t{i}" for i in range(64)))
        await client.send("subscribe", topic="one more", id="65th")
        await client.expect("error", re="65th")


class Broadcast(NodeTest):
    async def test_everyone_on_the_route_hears_it_in_his_own_way(self):
        node = self.start("node.shards=2")
        plain = [await clients.connect(self, node, "/broadcast") for _ in range(8)]
        spoken = [await connect_v1(self, node, "/broadcast") for _ in range(8)]
        elsewhere = await clients.connect(self, node, "/echo")
        for client in [*plain, *(v1.socket for v1 in spoken)]:
            await client.round_trip()

        await plain[0].send("to all")
        for client in plain[1:]:
            self.assertEqual(await within(client.recv()), "to all")
        for client in spoken[1:]:
            await client.expect("message", data="to all")
        await spoken[0].socket.send(b"\x01\x02")
        for client in plain[1:]:
            self.assertEqual(await within(client.recv()), b"\x01\x02")
        for client in spoken[1:]:
            self.assertEqual(await client.receive(), b"\x01\x02")
        await elsewhere.send("own")
        self.assertEqual(await within(elsewhere.recv()), "own")


class Liveness(NodeTest):
    async def test_its_own_ping_does_not_stand_for_a_message(self):
        node = self.start(f"pool.connection_timeout={ms(700)}")
        client = await connect_v1(self, node, user="pinger")

        end = asyncio.get_running_loop().time() + deadline(5)
        with contextlib.suppress(websockets.ConnectionClosed):
            while asyncio.get_running_loop().time() < end:
                await client.send("ping", id=1)
                await client.expect("pong", id=1)
        self.assertEqual(client.socket.close_code, 4505)


if __name__ == "__main__":
    unittest.main()
