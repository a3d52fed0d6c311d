"""Frames and requests as bytes: what no proper client would send."""

import os
import re
import socket
import struct
from dataclasses import dataclass, field

from support import HOST, deadline

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA

# RFC 6455 section 1.3: the sample nonce and what becomes of it.
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def frame(opcode, payload=b"", *, fin=True, rsv=0, masked=True, mask=None, length=None, form=None):
    """One frame. `length` lies about the payload's; `form` 7, 16 or 64 fixes how it is written."""
    size = len(payload) if length is None else length
    form = form or (7 if size < 126 else 16 if size < 65536 else 64)
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    bit = 0x80 if masked else 0
    if form == 7:
        head += bytes([bit | size])
    elif form == 16:
        head += bytes([bit | 126]) + struct.pack("!H", size)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", size)
    if not masked:
        return head + payload
    mask = os.urandom(4) if mask is None else mask
    return head + mask + apply_mask(payload, mask)


def apply_mask(payload, mask):
    stretched = (mask * (len(payload) // 4 + 1))[:len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(stretched, "big")).to_bytes(
        len(payload), "big")


def close_frame(code, reason=b""):
    return frame(CLOSE, struct.pack("!H", code) + reason)


def upgrade_request(path="/echo", *, host="localhost", replace=None, drop=(), extra=()):
    """A handshake; `replace` changes headers by name, `drop` leaves them out, `extra` adds lines."""
    headers = {"Host": host, "Upgrade": "websocket", "Connection": "Upgrade",
               "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Version": "13", **(replace or {})}
    lines = [f"GET {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name not in drop]
    return "\r\n".join([*lines, *extra, "", ""]).encode("latin-1")


@dataclass
class Response:
    status: int
    headers: dict = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Frame:
    opcode: int
    payload: bytes
    fin: bool

    @property
    def close_code(self):
        return struct.unpack("!H", self.payload[:2])[0] if self.payload else 1005

    @property
    def reason(self):
        return self.payload[2:].decode()


class RawClient:
    """A TCP connection that sends what it is told and never answers by itself."""

    def __init__(self, port, *, receive_buffer=None, segment=None):
        """`receive_buffer` bounds what the kernel takes on this side; with a small `segment` it
        keeps little on the other side too."""
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if segment:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
        self.socket.settimeout(deadline(10))
        try:
            self.socket.connect((HOST, port))
        except OSError:
            self.socket.close()
            raise
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def close(self):
        self.socket.close()

    def reset(self):
        """Ends with an RST instead of a FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def send_frame(self, opcode, payload=b"", **how):
        self.send(frame(opcode, payload, **how))

    def upgrade(self, path="/echo", **how):
        """Sends a handshake and returns the response, which must be a 101."""
        self.send(upgrade_request(path, **how))
        response = self.read_response()
        if response.status != 101:
            raise AssertionError(f"{response}")
        return response

    # ---- reading ------------------------------------------------------------------------------

    def _more(self, at_least):
        while len(self.buffer) < at_least:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError(f"end of stream with {len(self.buffer)} of {at_least} bytes")
            self.buffer += data

    def _take(self, size):
        self._more(size)
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def read_response(self):
        """An HTTP response with the body that its Content-Length promises."""
        while b"\r\n\r\n" not in self.buffer:
            self._more(len(self.buffer) + 1)
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, value = line.split(":", 1)
            headers[name.lower()] = value.strip()
        code = int(re.match(r"HTTP/1\.1 (\d{3})", status)[1])
        size = int(headers.get("content-length", 0)) if code != 101 else 0
        return Response(code, headers, self._take(size))

    def read_frame(self):
        first, second = self._take(2)
        size = second & 0x7F
        if second & 0x80:
            raise AssertionError("a server's frame is masked")
        if size == 126:
            size, = struct.unpack("!H", self._take(2))
        elif size == 127:
            size, = struct.unpack("!Q", self._take(8))
        return Frame(first & 0x0F, self._take(size), bool(first & 0x80))

    def round_trip(self):
        """Returns when the node has admitted this client and seen all that it sent."""
        self.send_frame(PING, b"round trip")
        while (got := self.read_frame()).opcode != PONG:
            if got.opcode == CLOSE:
                raise AssertionError(f"closed {got.close_code} {got.reason!r}")

    def echo(self, text=b"well?"):
        """Says something on /echo and hears it back."""
        self.send_frame(TEXT, text)
        if (got := self.read_message().payload) != text:
            raise AssertionError(f"said {text}, heard {got}")

    def read_message(self):
        """The next data frame; pings, pongs on the way are dropped, a close is an error."""
        while True:
            got = self.read_frame()
            if got.opcode in (TEXT, BINARY):
                return got
            if got.opcode == CLOSE:
                raise AssertionError(f"closed {got.close_code} {got.reason!r}")

    def read_close(self):
        """The close frame, whatever comes before it."""
        while True:
            got = self.read_frame()
            if got.opcode == CLOSE:
                return got

    def read_end(self):
        """How TCP ended, whatever bytes come before: "fin" or "reset"."""
        self.buffer = b""
        try:
            while self.socket.recv(65536):
                pass
            return "fin"
        except ConnectionResetError:
            return "reset"


def connected(test, node, path="/echo", *, user=None, receive_buffer=None, segment=None, **how):
    """An upgraded raw client that is closed with the test."""
    client = RawClient(node.port, receive_buffer=receive_buffer, segment=segment)
    test.addCleanup(client.close)
    client.upgrade(path if user is None else f"{path}?user={user}", **how)
    return client


def request(test, node, data):
    """The response to these bytes on a connection of their own."""
    client = RawClient(node.port)
    test.addCleanup(client.close)
    client.send(data)
    return client.read_response()
