"""Whatever shape a message arrives in, the same message comes back."""

import asyncio
import unittest

import clients
from raw_client import (ACCEPT, BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawClient, connected,
                        frame, upgrade_request)
from support import NodeTest, within

LIMIT = 64 * 1024  # limits.max_message_size unless it is set
SIZES = (0, 1, 2, 125, 126, 127, 128, 4095, 4096, 65534, 65535, LIMIT)


def pattern(size):
    return bytes(i * 7 % 251 for i in range(size))


class Messages(NodeTest):
    """By a client that somebody else wrote."""

    async def test_text_of_every_size_comes_back(self):
        client = await clients.connect(self, self.start())
        for size in SIZES:
            text = "x" * size
            await client.send(text)
            self.assertEqual(await within(client.recv()), text, size)

    async def test_binary_of_every_size_comes_back(self):
        client = await clients.connect(self, self.start())
        for size in SIZES:
            await client.send(pattern(size))
            self.assertEqual(await within(client.recv()), pattern(size), size)

    async def test_frames_with_64_bit_lengths_come_back_when_the_limit_is_raised(self):
        client = await clients.connect(
            self, self.start("limits.max_message_size=1MiB", "limits.max_queued_bytes=4MiB"))
        for size in (65536, 65537, 1_000_000, 1024 * 1024):
            await client.send(pattern(size))
            self.assertEqual(await within(client.recv()), pattern(size), size)

    async def test_unicode_of_every_width_comes_back(self):
        client = await clients.connect(self, self.start())
        for text in ("\x00", "\x7f\x80", "\u07ff\u0800", "\uffff\U00010000\U0010ffff",
                     "caf\u00e9 \u65e5\u672c\u8a9e \U0001f980" * 100, "\ufeffmark", "\ud7ff\ue000"):
            await client.send(text)
            self.assertEqual(await within(client.recv()), text)

    async def test_fragments_become_one_message(self):
        client = await clients.connect(self, self.start())
        for parts in (["a"], ["a", "b"], ["", ""], ["", "a", ""], list("fragments") * 50):
            await client.send(parts)
            self.assertEqual(await within(client.recv()), "".join(parts))
        parts = [pattern(60000), b"", pattern(5536)]
        await client.send(parts)
        self.assertEqual(await within(client.recv()), b"".join(parts))

    async def test_messages_come_back_in_their_order(self):
        client = await clients.connect(self, self.start())
        for number in range(1000):
            await client.send(str(number))
        echoes = [await within(client.recv()) for _ in range(1000)]
        self.assertEqual(echoes, [str(number) for number in range(1000)])

    async def test_many_clients_on_two_shards_get_their_own_messages(self):
        node = self.start("node.shards=2")

        async def talk(number):
            client = await clients.connect(self, node, user=f"u{number}")
            for turn in range(20):
                await client.send(f"{number}/{turn}")
                self.assertEqual(await within(client.recv()), f"{number}/{turn}")

        await asyncio.gather(*map(talk, range(50)))

    async def test_a_ping_between_messages_is_answered(self):
        client = await clients.connect(self, self.start())
        pong = await client.ping(b"abc")
        await client.send("after")
        await within(pong)
        self.assertEqual(await within(client.recv()), "after")

    async def test_a_clients_close_is_answered_with_its_code(self):
        node = self.start()
        for code in (1000, 1001, 3000, 4999):
            client = await clients.connect(self, node, user=str(code))
            await within(client.close(code, "bye"))
            record = await node.saw("closed", user=code)
            self.assertEqual((record["code"], record["who"], record["cause"]),
                             (str(code), "peer", "peer_closed"))

    async def test_a_client_that_offers_compression_is_understood(self):
        client = await clients.connect(self, self.start(), compression="deflate")
        for text in ("", "a" * 5000, "compress me " * 100):
            await client.send(text)
            self.assertEqual(await within(client.recv()), text)


class Frames(NodeTest):
    """By hand, byte for byte."""

    def setUp(self):
        self.node = self.start()
        self.client = connected(self, self.node)

    def assert_echo(self, opcode, payload):
        got = self.client.read_message()
        self.assertEqual((got.opcode, got.fin, got.payload), (opcode, True, payload))

    def test_the_handshake_proves_that_it_was_read(self):
        other = RawClient(self.node.port)
        self.addCleanup(other.close)
        response = other.upgrade()
        self.assertEqual(response.headers["sec-websocket-accept"], ACCEPT)
        self.assertEqual(response.headers["upgrade"].lower(), "websocket")
        self.assertEqual(response.headers["connection"].lower(), "upgrade")
        self.assertNotIn("sec-websocket-protocol", response.headers)

    def test_every_mask_is_undone(self):
        for mask in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x01\x02\x03\x04", b"\x80\0\0\x7f"):
            for size in (0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 1000, 65535):
                self.client.send_frame(BINARY, pattern(size), mask=mask)
                self.assert_echo(BINARY, pattern(size))

    def test_control_frames_may_stand_between_fragments(self):
        self.client.send_frame(TEXT, b"one ", fin=False)
        self.client.send_frame(PING, b"1")
        self.client.send_frame(CONTINUATION, b"two ", fin=False)
        self.client.send_frame(PONG, b"unasked")
        self.client.send_frame(PING, b"2")
        self.client.send_frame(CONTINUATION, b"three")
        got = [self.client.read_frame() for _ in range(3)]
        self.assertEqual([(f.opcode, f.payload) for f in got],
                         [(PONG, b"1"), (PONG, b"2"), (TEXT, b"one two three")])

    def test_a_code_point_may_be_cut_by_fragments(self):
        text = "\u00e9\u65e5\U0001f980".encode()
        for cut in range(1, len(text)):
            self.client.send_frame(TEXT, text[:cut], fin=False)
            self.client.send_frame(CONTINUATION, text[cut:])
            self.assert_echo(TEXT, text)
        for byte in text[:-1]:
            opcode = TEXT if byte == text[0] else CONTINUATION
            self.client.send_frame(opcode, bytes([byte]), fin=False)
        self.client.send_frame(CONTINUATION, text[-1:])
        self.assert_echo(TEXT, text)

    def test_frames_that_arrive_byte_by_byte_are_frames(self):
        for byte in frame(TEXT, b"slowly") + frame(BINARY, pattern(300)):
            self.client.send(bytes([byte]))
        self.assert_echo(TEXT, b"slowly")
        self.assert_echo(BINARY, pattern(300))

    def test_frames_that_arrive_together_are_answered_one_by_one(self):
        self.client.send(b"".join(frame(TEXT, b"%d" % i) for i in range(2000)))
        for i in range(2000):
            self.assert_echo(TEXT, b"%d" % i)

    def test_frames_that_arrive_with_the_handshake_are_not_lost(self):
        other = RawClient(self.node.port)
        self.addCleanup(other.close)
        other.send(upgrade_request("/echo?user=early") + frame(TEXT, b"early") + frame(PING, b"p"))
        self.assertEqual(other.read_response().status, 101)
        got = {(f.opcode, f.payload) for f in (other.read_frame(), other.read_frame())}
        self.assertEqual(got, {(TEXT, b"early"), (PONG, b"p")})

    def test_a_handshake_that_arrives_in_pieces_is_a_handshake(self):
        other = RawClient(self.node.port)
        self.addCleanup(other.close)
        for byte in upgrade_request():
            other.send(bytes([byte]))
        self.assertEqual(other.read_response().status, 101)

    def test_a_ping_gets_its_own_payload_back(self):
        for size in (0, 1, 8, 124, 125):
            self.client.send_frame(PING, pattern(size))
            got = self.client.read_frame()
            self.assertEqual((got.opcode, got.payload), (PONG, pattern(size)))

    def test_an_empty_close_frame_is_answered(self):
        self.client.send_frame(CLOSE)
        self.assertIn(self.client.read_close().close_code, (1000, 1005))
        self.assertEqual(self.client.read_end(), "fin")

    def test_what_follows_a_close_frame_is_not_answered(self):
        self.client.send(frame(CLOSE, b"\x03\xe8") + frame(TEXT, b"too late"))
        self.assertEqual(self.client.read_frame().opcode, CLOSE)
        with self.assertRaises((EOFError, ConnectionResetError)):
            self.client.read_frame()


if __name__ == "__main__":
    unittest.main()
