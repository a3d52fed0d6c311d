"""One client of the soak: a WebSocket by hand, because half of what it does no library would."""

import asyncio
import collections
import json
import socket
import struct

from raw_client import BINARY, CLOSE, PING, PONG, TEXT, close_frame, frame, upgrade_request


class Peer(asyncio.Protocol):
    """Answers pings and closes, and compares what comes back with what it said."""

    def __init__(self, crowd, user, path, v1):
        self.crowd, self.user, self.path, self.v1 = crowd, user, path, v1
        self.state = "connecting"  # then "open", "leaving", "ended"
        self.awaited = collections.deque()  # echoes that must come, in this order
        self.acks = collections.deque()
        self.code = None  # of the node's close frame
        self.allowed = ()  # codes that it may be closed with although it wants to stay
        self.away = False
        self.heard = 0
        self._buffer = bytearray()
        self._transport = None

    # ---- what it does

    def write(self, data):
        if not self._transport.is_closing():
            self._transport.write(data)

    def say(self, data):
        """On /echo: something that must come back."""
        self.awaited.append(data)
        if self.v1:
            number = len(self.acks) and self.acks[-1] + 1
            self.acks.append(number)
            self.tell("message", data=data.decode(), id=number)
        else:
            self.write(frame(BINARY, data))

    def tell(self, type, **fields):
        """A message of holdfast.v1."""
        self.write(frame(TEXT, json.dumps({"type": type, **fields}).encode()))

    def leave(self, how):
        """`how` is polite, rude (a reset) or silent (an end without a close frame)."""
        if self.state == "ended":
            return
        self.state = "leaving"
        if how == "polite":
            self.write(close_frame(1000))
        elif how == "rude":
            self._transport.abort()
        else:
            self._transport.close()

    def look_away(self):
        """Reads nothing any more, and lets the kernel take little."""
        self.away = True
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._transport.pause_reading()

    def give_up(self):
        if self._transport:
            self._transport.abort()

    @property
    def quiet(self):
        return not self.awaited and not self.acks

    # ---- what happens to it

    def connection_made(self, transport):
        self._transport = transport
        self.begin()

    def begin(self):
        extra = ("Sec-WebSocket-Protocol: holdfast.v1",) if self.v1 else ()
        self.write(upgrade_request(f"{self.path}?user={self.user}", extra=extra))

    def data_received(self, data):
        self._buffer += data
        if self.state == "connecting" and not self._opened():
            return
        while (got := self._next_frame()) is not None:
            self._take(*got)

    def connection_lost(self, error):
        before, self.state = self.state, "ended"
        self.crowd.ended(self, before)

    def _opened(self):
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return False
        if not self._buffer.startswith(b"HTTP/1.1 101 "):
            self.crowd.refused(self, bytes(self._buffer[:12]))
            self._transport.abort()
            return False
        del self._buffer[:end + 4]
        self.state = "open"
        self.crowd.opened(self)
        return True

    def _next_frame(self):
        if len(self._buffer) < 2:
            return None
        size, at = self._buffer[1] & 0x7F, 2
        for mark, form in ((126, "!H"), (127, "!Q")):
            if size == mark:
                at = 2 + struct.calcsize(form)
                if len(self._buffer) < at:
                    return None
                size, = struct.unpack_from(form, self._buffer, 2)
                break
        if len(self._buffer) < at + size:
            return None
        opcode, payload = self._buffer[0] & 0x0F, bytes(self._buffer[at:at + size])
        del self._buffer[:at + size]
        return opcode, payload

    def _take(self, opcode, payload):
        if opcode == PING:
            self.write(frame(PONG, payload))
        elif opcode == CLOSE:
            self.code = struct.unpack("!H", payload[:2])[0] if payload else 1005
            if self.state == "open":
                self.write(frame(CLOSE, payload[:2]))
            # The node is the one to end TCP.
        elif opcode == TEXT and self.v1:
            self._take_control(json.loads(payload))
        elif opcode in (TEXT, BINARY):
            self._take_message(payload)

    def _take_control(self, message):
        match message["type"]:
            case "message" if self.path == "/echo": self._take_message(message["data"].encode())
            case "message": self.heard += 1
            case "ack": self._take_ack(message["id"])
            case "welcome" | "pong" | "drain" | "drain_cancelled": pass
            case other: self.crowd.wrong(self, f"was told {other}: {message}")

    def _take_ack(self, number):
        if not self.acks or self.acks.popleft() != number:
            self.crowd.wrong(self, f"ack {number} out of turn")

    def _take_message(self, payload):
        self.heard += 1
        if self.path == "/echo" and (not self.awaited or self.awaited.popleft() != payload):
            self.crowd.wrong(self, "an echo of what it did not say")


class HalfOpen(Peer):
    """Never gets as far as a whole request."""

    def begin(self):
        self.write(upgrade_request()[:30])

    def data_received(self, data):
        pass
