"""python3-websockets, set up so that only the node pings and closes."""

import asyncio
import json

import websockets
from websockets.client import WebSocketClientProtocol

from support import deadline, within


class Client(WebSocketClientProtocol):
    """Counts the pings that it answers."""

    pings_answered = 0
    pinged = None

    async def pong(self, data=b""):
        await super().pong(data)
        self.pings_answered += 1
        if self.pinged and not self.pinged.done():
            self.pinged.set_result(self.pings_answered)

    async def next_ping(self):
        """Returns when one more ping has been answered."""
        self.pinged = asyncio.get_running_loop().create_future()
        return await self.pinged

    async def round_trip(self):
        """Returns when the node has admitted this client and seen all that it sent."""
        await within(await self.ping())

    async def ended(self, limit=10.0):
        """The close code that the node sent, waited for."""
        await within(self.wait_closed(), limit)
        return self.close_code


async def connect(test, node, path="/echo", *, user=None, subprotocol=None, **options):
    """An open connection that is closed with the test."""
    options = {"compression": None, "ping_interval": None, "max_size": None,
               "create_protocol": Client, "open_timeout": deadline(10),
               "close_timeout": deadline(5), **options}
    if subprotocol:
        options["subprotocols"] = [subprotocol]
    client = await websockets.connect(node.url(path, user), **options)
    test.addAsyncCleanup(client.close)
    return client


class V1:
    """A client that speaks holdfast.v1."""

    def __init__(self, socket):
        self.socket = socket
        self.welcome = None

    async def send(self, type, **fields):
        await within(self.socket.send(json.dumps({"type": type, **fields})))

    async def receive(self, limit=10.0):
        """The next text frame as an object, or the bytes of a binary one."""
        got = await within(self.socket.recv(), limit)
        return json.loads(got) if isinstance(got, str) else got

    async def expect(self, type, **fields):
        """The next message, which must be of this type and have these fields."""
        got = await self.receive()
        wanted = {"type": type, **fields}
        if not isinstance(got, dict) or any(got.get(k) != v for k, v in wanted.items()):
            raise AssertionError(f"expected {wanted}, got {got}")
        return got

    async def expect_set(self, *wanted):
        """The next messages, these in whatever order, and no other."""
        got = [await self.receive() for _ in wanted]
        key = lambda message: json.dumps(message, sort_keys=True)  # noqa: E731
        if sorted(map(key, got)) != sorted(map(key, wanted)):
            raise AssertionError(f"expected {wanted}, got {got}")
        return got


async def connect_v1(test, node, path="/echo", *, user=None, **options):
    """A holdfast.v1 client that has had its welcome."""
    socket = await connect(test, node, path, user=user, subprotocol="holdfast.v1", **options)
    if socket.subprotocol != "holdfast.v1":
        raise AssertionError(f"negotiated {socket.subprotocol!r}")
    client = V1(socket)
    client.welcome = await client.expect("welcome")
    return client
