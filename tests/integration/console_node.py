"""A node's admin API with canned answers, over a Unix socket, and a terminal to look at the console."""

import fcntl
import json
import os
import pty
import re
import signal
import socketserver
import struct
import termios
import threading
import time
from http.server import BaseHTTPRequestHandler

import pyte

from support import BINARY, deadline, environment

STATES = {"handshaking": 0, "open": 8199, "suspect": 12, "zombie": 3, "closing": 0}


def connection(id="a-7-8f21", user="u42", **more):
    return {"id": id, "user": user, "address": "203.0.113.9:51234", "route": "/chat",
            "handler": "chat", "state": "open", "protocol": None, "draining": False, "shard": 1,
            "age_ms": 2467000, "idle_ms": 3000, "silence_ms": 1000, "rtt_ms": 21.2,
            "rtt_var_ms": 4.1, "missed_pongs": 0, "in": {"messages": 312, "bytes": 42000},
            "out": {"messages": 4120, "bytes": 1258291}, "queued": {"messages": 0, "bytes": 0},
            **more}


def page(items, total=None, **more):
    return {"items": items, "next": None, "total": len(items) if total is None else total,
            "open": 8214, "partial": [], **more}


def receipt(id="a-7-8f21", **more):
    return {"id": id, "user": "u42", "route": "/chat", "address": "203.0.113.9:51234",
            "opened_at": "2026-11-23T01:00:56.000Z", "closed_at": "2026-11-23T03:12:07.119Z",
            "age_ms": 7871000, "code": 4000, "code_name": "heartbeat lost", "who": "node",
            "cause": "zombie_count", "explanation": "3 pongs missed",
            "detail": "last frame 61 s before", "in": {"messages": 312, "bytes": 42000},
            "out": {"messages": 4120, "bytes": 1258291}, "acknowledged": 4118,
            "never_written": {"messages": 2, "bytes": 90}, "unconfirmed_bytes": 0,
            "discarded_in": 0, "history": [], **more}


def actor(name, parent="supervisor", **more):
    return {"name": name, "kind": name.split("/")[0], "parent": parent, "node": "a", "alive": True,
            "mailbox": 0, "messages": 42, "busy_ms": 1.5, "uptime_ms": 11520000, "restarts": 0,
            "last_failure": None, **more}


def error(code, message, hint=""):
    return {"error": {"code": code, "message": message, "hint": hint}}


STATUS = {
    "node": {"name": "a", "version": "0.4.0", "pid": 7, "phase": "serving",
             "started_at": "2026-11-23T00:00:00.000Z", "uptime_ms": 11520000, "shards": 2,
             "addresses": ["127.0.0.1:8080"]},
    "connections": {"open": 8214, "limit": 20000, "reserve": 0, "utilisation": 0.4107,
                    "opened_per_second": 112.2, "closed_per_second": 98.1, "states": STATES,
                    "users": 7930, "users_at_limit": 14},
    "heartbeat": {"success_ratio": 0.998, "rtt_ms": {"p50": 23.1, "p99": 310.4}, "suspect": 12,
                  "zombie": 3, "zombie_ratio": 0.000365, "pings": 1, "pongs": 1, "missed": 0},
    "traffic": {"in": {"messages": 1, "bytes": 1, "messages_per_second": 14200,
                       "bytes_per_second": 3250585.6},
                "out": {"messages": 1, "bytes": 1, "messages_per_second": 48900,
                        "bytes_per_second": 12373196.8},
                "slow_consumers": 2, "queued_bytes": 0},
    "actors": {"live": 8231, "longest_mailbox": {"actor": "pool", "messages": 3}, "restarts": 0,
               "loop_lag_ms": {"p50": 0.1, "p99": 0.4}},
    "alerts": [], "partial": []}

PLAN = {"node": "a", "shards": 2,
        "population": {"leased": 6010, "plain": 2204, "zombies": 3, "slow_consumers": 1,
                       "callbacks": 2},
        "lb_grace_ms": 0, "planned_end_ms": 16430, "deadline_ms": 30000, "fits": True,
        "overflow": 0, "arrivals_per_second": 500,
        "targets": [{"name": "b", "clients": 3500, "arrivals_per_second": 290}],
        "undirected_per_second": 0, "likely_forced": 0, "longest_ms": 65000,
        "callbacks": ["flush-audit", "close-db"]}

DRAIN = {"drain": 1, "phase": "unready", "reason": "admin", "phase_age_ms": 10, "t_ms": 0,
         "left_ms": 27000, "planned_end_ms": 17000, "waiting_for": "the load balancer",
         "open": 8214, "ledger": None}


def usual_answers():
    """What it answers unless a test says otherwise: (method, path) -> body."""
    pool = {"connections": 8214, "limit": 20000, "reserve": 0, "utilisation": 0.41, "users": 7930,
            "users_at_limit": 14, "sweeps": 9, "mended": 0, "states": STATES,
            "shards": [{"shard": k, "connections": 4107, "users": 3965, "users_at_limit": 7,
                        "rebuilding": False, "states": STATES} for k in (0, 1)],
            "users_near_limit": [{"user": "u42", "connections": 5, "limit": 5}], "partial": []}
    actors = [actor("pool"), actor("pool/0", "pool"), actor("health")]
    return {
        ("GET", "/v1/status"): STATUS,
        ("GET", "/v1/pool"): pool,
        ("GET", "/v1/health"): {"healthy": True, "findings": [], "states": STATES, "alerts": [],
                                "partial": []},
        ("GET", "/v1/alerts"): {"items": [], "partial": []},
        ("GET", "/v1/users"): page([{"user": "u42", "connections": 5, "limit": 5}]),
        ("GET", "/v1/connections"): page([connection(), connection("a-7-9999", None)]),
        ("GET", "/v1/connections/a-7-8f21"): connection(
            history=[], topics=["news"], groups=["staff"], reading_paused=False,
            attributes={"plan": "pro"}, handler_state={"count": "3"}),
        ("GET", "/v1/closed"): {**page([receipt()]), "kept": 1, "ever": 1},
        ("GET", "/v1/actors"): {"items": actors, "partial": []},
        **{("GET", "/v1/actors/" + each["name"]): {**each, "state": {"open": 7}}
           for each in actors},
        ("GET", "/v1/drain"): {**DRAIN, "phase": "serving"},
        ("POST", "/v1/connections/kick"): kick,
        ("POST", "/v1/drain"): lambda body: PLAN if json.loads(body).get("plan") else DRAIN,
    }


def kick(body):
    dry_run = json.loads(body)["dry_run"]
    return {"dry_run": dry_run, "matched": 2, "selected": 2, "kicked": 0 if dry_run else 2,
            "items": [{"id": "a-7-8f21", "user": "u42"}, {"id": "a-7-9999", "user": None}],
            "partial": []}


class Canned(socketserver.ThreadingUnixStreamServer):
    """Serves `answers`; keeps what it was asked in `asked`: (method, target, body)."""

    daemon_threads = True

    def __init__(self, path):
        self.answers = usual_answers()
        self.status = {}   # path -> status, 200 unless told
        self.silent = set()  # paths that get no answer
        self.streams = {}  # path -> lines; afterwards the stream stays open
        self.asked = []
        self.ending = threading.Event()
        super().__init__(path, Handler)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()

    def close(self):
        self.ending.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    def handle_error(self, request, client_address):
        pass  # a client that has gone is no news


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "unix"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.reply("GET", "")

    def do_POST(self):
        self.reply("POST", self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def reply(self, method, body):
        node, path = self.server, self.path.split("?")[0]
        node.asked.append((method, self.path, body))
        if path in node.silent:
            node.ending.wait()
            return
        if path in node.streams:
            self.stream(node.streams[path])
            return
        answer = node.answers.get((method, path))
        status = node.status.get(path, 200)
        if answer is None:
            answer, status = error("not_found", "there is no connection of that name"), 404
        if callable(answer):
            answer = answer(body)
        text = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def stream(self, lines):
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in lines:
            data = (line + "\n").encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
        if not (lines and '"end"' in lines[-1]):
            self.server.ending.wait()
        self.wfile.write(b"0\r\n\r\n")


class Terminal:
    """A program on a pseudo-terminal, and what its screen shows."""

    def __init__(self, *command, columns=80, lines=24, env=None):
        self.screen = pyte.Screen(columns, lines)
        self.raw = b""
        self.code = None
        self._stream = pyte.ByteStream(self.screen)
        self._changed = threading.Condition()
        self._open = True
        clean = {**environment(TERM="xterm", LC_ALL="C.UTF-8"), "NO_COLOR": "", **(env or {})}
        self.pid, self.end = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execve(command[0], command, clean)
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self):
        while True:
            try:
                data = os.read(self.end, 65536)
            except OSError:
                data = b""
            with self._changed:
                if data:
                    self.raw += data
                    self._stream.feed(data)
                self._open = bool(data)
                self._changed.notify_all()
            if not data:
                return

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def wait(self, condition, what):
        until = time.monotonic() + deadline(10)
        with self._changed:
            while time.monotonic() < until:
                # Not everything that is waited for comes with output.
                if self._changed.wait_for(condition, 0.05):
                    return
        raise AssertionError(f"not on the screen: {what}\n{self.text()}\n{self.raw[-2000:]!r}")

    def shows(self, pattern):
        """Waits until the screen has it somewhere."""
        self.wait(lambda: re.search(pattern, self.text(), re.MULTILINE), pattern)

    def line_is(self, text):
        """Waits until the line with the cursor reads so."""
        self.wait(lambda: self.screen.display[self.screen.cursor.y].rstrip() == text.rstrip(), text)

    def prompts(self, text):
        """Waits for a prompt, and until keys are read one by one."""
        self.line_is(text)
        self.wait(self.is_raw, "raw mode")

    def type(self, text):
        os.write(self.end, text.encode() if isinstance(text, str) else text)

    def resize(self, columns, lines):
        with self._changed:
            self.screen.resize(lines, columns)
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def is_raw(self):
        return not termios.tcgetattr(self.end)[3] & termios.ICANON

    def signal(self, number):
        os.kill(self.pid, number)

    def wait_exit(self):
        """Its exit code, or minus the signal that ended it."""
        self.wait(lambda: not self._open, "its end")
        _, status = os.waitpid(self.pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        self._thread.join()
        return self.code

    def close(self):
        if self.code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._thread.join()
        os.close(self.end)
