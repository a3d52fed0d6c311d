"""Who gets in, who does not, and what he is told."""

import asyncio
import contextlib
import unittest

import clients
import websockets
from raw_client import TEXT, RawClient, connected, request, upgrade_request
from support import HOST, NodeTest, deadline, ms, within


class PerUser(NodeTest):
    async def fill(self, node, user, count):
        """Open connections, admitted in their order."""
        opened = []
        for _ in range(count):
            opened.append(await clients.connect(self, node, user=user))
            await opened[-1].round_trip()
        return opened

    async def echo(self, client, text):
        await client.send(text)
        self.assertEqual(await within(client.recv()), text)

    async def test_the_6th_connection_of_a_user_is_refused(self):
        node = self.start()
        five = await self.fill(node, "alice", 5)
        for _ in range(3):
            sixth = await clients.connect(self, node, user="alice")
            self.assertEqual(await sixth.ended(), 4500)
        for number, client in enumerate(five):
            await self.echo(client, f"still here {number}")
        await self.echo(await clients.connect(self, node, user="bob"), "somebody else")
        await node.saw("admitted", user="bob")
        self.assertEqual(len(node.logged("admitted", user="alice")), 5)

    async def test_a_place_is_free_again_when_one_leaves(self):
        node = self.start("node.shards=2", "pool.max_connections_per_user=2")
        one, two = await self.fill(node, "alice", 2)
        for left in range(1, 11):
            await one.close()
            await node.saw("closed", user="alice", count=left)
            one, two = two, await self.gets_in(node, "alice")
        third = await clients.connect(self, node, user="alice")
        self.assertEqual(await third.ended(), 4500)

    async def gets_in(self, node, user):
        """A connection in the place of one that left, of which his shard hears in a moment."""
        end = asyncio.get_running_loop().time() + deadline(10)
        while asyncio.get_running_loop().time() < end:
            client = await clients.connect(self, node, user=user)
            with contextlib.suppress(websockets.ConnectionClosed):
                await self.echo(client, "in its place")
                return client
        self.fail("the place was not given out again")

    async def test_the_limit_holds_when_all_come_at_once_on_two_shards(self):
        node = self.start("node.shards=2")
        opened = await asyncio.gather(*(clients.connect(self, node, user="alice")
                                        for _ in range(40)))
        await node.becomes(lambda: sum(c.close_code == 4500 for c in opened) >= 35,
                           what="35 refused")
        left = [client for client in opened if client.close_code is None]
        self.assertEqual(len(left), 5)
        for client in left:
            await self.echo(client, "in")

    async def test_the_limit_counts_the_user_and_not_the_route(self):
        node = self.start("pool.max_connections_per_user=2")
        for path in ("/echo", "/broadcast"):
            client = await clients.connect(self, node, path, user="alice")
            await client.round_trip()
        third = await clients.connect(self, node, "/", user="alice")
        self.assertEqual(await third.ended(), 4500)

    async def test_anonymous_clients_have_no_limit_of_their_own(self):
        node = self.start("pool.max_connections_per_user=1")
        for number in range(10):
            await self.echo(await clients.connect(self, node), str(number))

    async def test_evict_oldest_closes_the_oldest(self):
        node = self.start("pool.max_connections_per_user=3", "pool.on_user_limit=evict_oldest")
        opened = await self.fill(node, "alice", 3)
        for client in opened:
            await self.echo(client, "in")
        for expected_out in (0, 1):
            newest = await clients.connect(self, node, user="alice")
            await self.echo(newest, "new")
            opened.append(newest)
            self.assertEqual(await opened[expected_out].ended(), 4502)
        for client in opened[2:]:
            await self.echo(client, "stays")
        await node.saw("closed", count=2, cause="superseded", code=4502)

    async def test_a_refused_client_never_reaches_the_handler(self):
        node = self.start("pool.max_connections_per_user=1")
        await self.fill(node, "alice", 1)
        second = connected(self, node, user="alice")
        second.send_frame(TEXT, b"hello?")
        first_frame = await asyncio.to_thread(second.read_frame)
        self.assertEqual((first_frame.opcode, first_frame.close_code), (0x8, 4500))


class Total(NodeTest):
    async def test_the_1001st_of_all_is_told_to_try_later(self):
        node = self.start("node.shards=2")
        opened = []
        for _ in range(10):
            opened += await asyncio.gather(*(clients.connect(self, node) for _ in range(100)))
        await node.saw("admitted", count=1000, limit=20)
        extra = await clients.connect(self, node)
        self.assertEqual(await extra.ended(), 1013)
        self.assertEqual([c.close_code for c in opened if c.closed], [])

        await opened.pop().close()
        await node.saw("closed")
        await self.gets_in(node)
        await asyncio.gather(*(client.close() for client in opened))

    async def gets_in(self, node):
        """A connection on a new place, which may take the node a moment to give out."""
        end = asyncio.get_running_loop().time() + deadline(10)
        while asyncio.get_running_loop().time() < end:
            client = await clients.connect(self, node)
            with contextlib.suppress(websockets.ConnectionClosed):
                await client.send("hello")
                self.assertEqual(await within(client.recv()), "hello")
                return
        self.fail("the place was not given out again")

    async def test_a_small_pool_on_two_shards_is_used_to_the_last_place(self):
        node = self.start("node.shards=2", "pool.max_total_connections=7")
        opened = await asyncio.gather(*(clients.connect(self, node) for _ in range(7)))
        for client in opened:
            await client.send("in")
            self.assertEqual(await within(client.recv()), "in")
        for _ in range(4):
            extra = await clients.connect(self, node)
            self.assertEqual(await extra.ended(), 1013)

    async def test_the_reserve_is_kept_from_ordinary_users(self):
        node = self.start("pool.max_total_connections=10", "pool.reserve=3")
        for _ in range(7):
            client = await clients.connect(self, node)
            await client.send("in")
            self.assertEqual(await within(client.recv()), "in")
        eighth = await clients.connect(self, node)
        self.assertEqual(await eighth.ended(), 1013)

    async def test_a_refusal_can_be_a_status(self):
        node = self.start("pool.max_total_connections=1", "pool.refuse=http")
        await clients.connect(self, node)
        with self.assertRaises(websockets.InvalidStatusCode) as refused:
            await clients.connect(self, node)
        self.assertEqual(refused.exception.status_code, 503)
        self.assertGreater(int(refused.exception.headers["Retry-After"]), 0)

    async def test_many_refusals_become_statuses_by_themselves(self):
        node = self.start("pool.max_total_connections=1", "pool.refuse_close_rate=5",
                          "node.shards=1")
        await clients.connect(self, node)

        async def ending():
            try:
                client = await clients.connect(self, node)
            except websockets.InvalidStatusCode as refused:
                return refused.status_code
            return await client.ended()

        endings = await asyncio.gather(*(ending() for _ in range(60)))
        self.assertEqual(set(endings), {503, 1013})


class HalfOpen(NodeTest):
    def test_too_many_unfinished_handshakes_are_refused(self):
        node = self.start("node.shards=1", "limits.half_open=10")
        waiting = [self.tcp(node) for _ in range(10)]
        for client in waiting:
            client.send(b"GET /echo HTTP/1.1\r\n")
        eleventh = self.tcp(node)
        self.assertEqual(eleventh.read_response().status, 429)
        rest = upgrade_request().split(b"\r\n", 1)[1]
        for client in waiting:
            client.send(rest)
            self.assertEqual(client.read_response().status, 101)
        connected(self, node)

    def test_an_unfinished_handshake_ends_by_its_deadline(self):
        node = self.start(f"limits.handshake_timeout={ms(300)}", "limits.half_open=4",
                          "node.shards=1")
        waiting = [self.tcp(node) for _ in range(4)]
        waiting[0].send(upgrade_request()[:-1])
        for client in waiting:
            self.assertIn(client.read_end(), ("fin", "reset"))
        connected(self, node)

    def tcp(self, node):
        client = RawClient(node.port)
        self.addCleanup(client.close)
        return client


class Handshakes(NodeTest):
    """One request, one status."""

    def setUp(self):
        self.node = self.start()

    def status(self, data):
        return request(self, self.node, data).status

    def assert_refused(self, status, **how):
        with self.subTest(how):
            self.assertEqual(self.status(upgrade_request(**how)), status)

    def test_an_unknown_path_is_404(self):
        for path in ("/nowhere", "/echo/", "/echo/more", "/ech", "//echo", "/ECHO"):
            self.assert_refused(404, path=path)

    def test_plain_http_on_an_unknown_path_is_404(self):
        self.assertEqual(self.status(b"GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"), 404)

    def test_plain_http_on_a_route_is_426(self):
        response = request(self, self.node, b"GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(response.status, 426)
        self.assertEqual(response.headers["upgrade"].lower(), "websocket")

    def test_another_version_is_426_and_names_ours(self):
        for version in ("8", "12", "14", "0"):
            bad = upgrade_request(replace={"Sec-WebSocket-Version": version})
            response = request(self, self.node, bad)
            self.assertEqual(response.status, 426, version)
            self.assertEqual(response.headers["sec-websocket-version"], "13")

    def test_a_malformed_handshake_is_refused(self):
        for replace in ({"Sec-WebSocket-Version": "13.0"}, {"Sec-WebSocket-Version": "abc"},
                        {"Upgrade": "websocketx"}, {"Connection": "keep-alive"}):
            with self.subTest(replace):
                self.assertEqual(self.status(upgrade_request(replace=replace)), 400)
        for key in ("", "short", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZSE=", "!" * 24):
            self.assert_refused(400, replace={"Sec-WebSocket-Key": key})
        self.assert_refused(400, drop=("Host",))
        self.assert_refused(400, drop=("Sec-WebSocket-Key",))
        self.assertEqual(self.status(upgrade_request(drop=("Sec-WebSocket-Version",))), 426)

    def test_headers_that_only_an_attacker_sends_are_400(self):
        for line in ("Transfer-Encoding: chunked", "Content-Length: 5", "Host: other",
                     "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {'A' * 22}==",
                     "No-Colon", ": empty name", "Space : before", "X: nul\0inside"):
            self.assert_refused(400, extra=(line,))

    def test_something_that_is_no_http_is_400(self):
        for junk in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"hello\r\n\r\n",
                     b"GET\r\n\r\n", b"GET /echo\r\n\r\n", b"\0" * 64 + b"\r\n\r\n",
                     b"GET /echo HTTP/9.9\r\nHost: x\r\n\r\n"):
            with self.subTest(junk):
                self.assertIn(self.status(junk), (400, 505))

    def test_other_methods_are_refused(self):
        for method in (b"POST", b"PUT", b"DELETE"):
            data = upgrade_request().replace(b"GET", method, 1)
            self.assertIn(self.status(data), (400, 405))

    def test_headers_above_their_limit_are_431(self):
        self.assert_refused(431, extra=(f"X-Long: {'x' * 20000}",))
        self.assert_refused(431, extra=tuple(f"X-{i}: {'y' * 100}" for i in range(200)))

    def test_a_path_above_its_limit_is_414(self):
        self.assert_refused(414, path="/echo?user=" + "u" * 5000)

    def test_pages_of_other_origins_are_403(self):
        path = f"{self.temporary_directory()}/holdfast.toml"
        with open(path, "w") as file:
            file.write(f'[[listen]]\naddress = "{HOST}:0"\norigins = ["https://ours.example"]\n')
        node = self.start(listen=None, arguments=("--config", path))
        for origin, status in (("https://ours.example", 101), ("https://evil.example", 403),
                               ("null", 403)):
            with self.subTest(origin):
                data = upgrade_request(extra=(f"Origin: {origin}",))
                self.assertEqual(request(self, node, data).status, status)
        self.assertEqual(request(self, node, upgrade_request()).status, 101)

    def test_healthz_is_ok(self):
        response = request(self, self.node, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertEqual(response.status, 200)


if __name__ == "__main__":
    unittest.main()
