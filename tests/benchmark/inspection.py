"""Mode admin of scripts/bench: what it costs the connections that somebody looks at all of them."""

import contextlib
import http.client
import json
import os
import re
import selectors
import socket
import statistics
import subprocess
import threading
import time

import figures
import rig as rigs

CONNECTIONS = 19000
STREAMS = 100
VISITS_PER_S = 20  # connections that come and go, so that the streams have something to tell
OPEN_LIMIT = 60  # seconds until everybody has got in
PAGES = 200
PAGE_LIMIT, PAUSE_LIMIT = 0.050, 0.005  # seconds: for a first page, and for a pause of the event loop
WHOLE = "/v1/connections"


class Api:
    """Asks a node over its Unix socket, one request after the other on one connection."""

    def __init__(self, path):
        self._http = http.client.HTTPConnection("node")
        self._http.sock = _connected(path)

    def get(self, target, accept="application/json"):
        self._http.request("GET", target, headers={"Accept": accept})
        answer = self._http.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise rigs.Impossible(f"{target}: {answer.status} {body[:200]}")
        return body


def _connected(path):
    result = socket.socket(socket.AF_UNIX)
    result.settimeout(60)
    result.connect(path)
    return result


class Onlooker(threading.Thread):
    """Calls `look` again and again until it is told to stop, behind whatever else wants the core."""

    def __init__(self, look):
        super().__init__(daemon=True)
        self._look, self._end = look, threading.Event()
        self.times, self.failure = [], None

    def run(self):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))  # of this thread: the generator shares its core
        try:
            while not self._end.is_set():
                begin = time.monotonic()
                self._look()
                self.times.append(time.monotonic() - begin)
        except (OSError, http.client.HTTPException, rigs.Impossible) as why:
            self.failure = why

    def finish(self):
        self._end.set()
        self.join()


@contextlib.contextmanager
def _looking(rig, *looks):
    onlookers = [Onlooker(look) for look in looks]
    for onlooker in onlookers:
        onlooker.start()
    yield onlookers
    for onlooker in onlookers:
        onlooker.finish()
        if onlooker.failure:
            rig.fail(f"who looked on had to stop: {onlooker.failure}")


def _whole_list(node):
    """The whole list to its last line, and that none is missing."""
    api = Api(node.socket)

    def look():
        lines = api.get(WHOLE, accept="application/x-ndjson").count(b"\n")
        if lines < CONNECTIONS:
            raise rigs.Impossible(f"{lines} lines instead of {CONNECTIONS}")

    return look


def _visit(node):
    """A connection that comes and goes."""
    host, port = re.fullmatch(r"ws://(.+):(\d+)", node.url).groups()
    request = (f"GET /echo?user=visitor HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
               "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
               "Sec-WebSocket-Version: 13\r\n\r\n").encode()

    def look():
        with socket.create_connection((host, int(port)), timeout=20) as visitor:
            visitor.sendall(request)
            if b" 101 " not in visitor.recv(1024):
                raise rigs.Impossible("a visitor was refused")
            visitor.sendall(b"\x88\x80\0\0\0\0")
            visitor.recv(1024)
        time.sleep(1 / VISITS_PER_S)

    return look


class Streams:
    """Many who follow the log. `look` reads what has come for any of them."""

    def __init__(self, node):
        self.told = 0
        self._ready = selectors.DefaultSelector()
        for _ in range(STREAMS):
            stream = _connected(node.socket)
            stream.sendall(b"GET /v1/events?level=debug HTTP/1.1\r\nHost: node\r\n\r\n")
            self._ready.register(stream, selectors.EVENT_READ)

    def look(self):
        for key, _ in self._ready.select(0.1):
            received = key.fileobj.recv(1 << 16)
            if not received:
                raise rigs.Impossible("a stream has ended")
            self.told += received.count(b"event: ")

    def close(self):
        for key in list(self._ready.get_map().values()):
            key.fileobj.close()
        self._ready.close()


class Lag:
    """How late the ticks of the shard's loop were since this was made."""

    def __init__(self, node):
        self._api = Api(node.socket)
        self._before = self._counts()

    def _counts(self):
        text = self._api.get("/metrics", accept="text/plain").decode()
        buckets = re.findall(r'^holdfast_event_loop_lag_seconds_bucket\{.*le="([^"]+)"\} (\d+)$', text, re.MULTILINE)
        return {float(bound): int(count) for bound, count in buckets}

    def above(self, limit):
        """How many were later than `limit` seconds, and how many there were."""
        since = {bound: count - self._before[bound] for bound, count in self._counts().items()}
        return since[float("inf")] - since[limit], since[float("inf")]


def _crowd(rig, node):
    """19,000 connections that only stay. They leave when the generator is told to end."""
    crowd = subprocess.Popen([rig.program("holdfast"), "bench", "idle", node.url + "/echo", "--connections",
                              str(CONNECTIONS), "--seconds", "3600"], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, preexec_fn=rigs.pinned_to(rig.load_core))
    api = Api(node.socket)
    limit = time.monotonic() + OPEN_LIMIT
    while json.loads(api.get("/v1/pool"))["connections"] < CONNECTIONS:
        if crowd.poll() is not None or time.monotonic() > limit:
            raise rigs.Impossible("not everybody got in")
        time.sleep(0.1)
    return crowd


def _pages(rig, node):
    """How long the first page takes: by the API in three orders, and by the console as a whole process."""
    api = Api(node.socket)
    row = "{:<44} {:>8} {:>8} {:>8}".format
    print(row("ms until the first page is there", "p50", "p99", "max"))

    def timed(what, look, times):
        taken = []
        for _ in range(times):
            begin = time.monotonic()
            look()
            taken.append(time.monotonic() - begin)
        taken.sort()
        p99 = taken[min(len(taken) - 1, len(taken) * 99 // 100)]
        print(row(what, *(f"{x * 1e3:.1f}" for x in (statistics.median(taken), p99, taken[-1]))), flush=True)
        if p99 > PAGE_LIMIT:
            rig.fail(f"{what}: over {PAGE_LIMIT * 1e3:.0f} ms")

    for order in ("", "?sort=-queue", "?idle_gt=1h"):
        timed(f"GET {WHOLE}{order}", lambda: api.get(WHOLE + order), PAGES)
    command = [rig.program("holdfast"), "conns", "list", "--limit", "20", "--socket", node.socket]
    timed("holdfast conns list --limit 20", lambda: subprocess.run(
        command, check=True, stdin=subprocess.DEVNULL, capture_output=True,
        preexec_fn=rigs.pinned_to(rig.load_core)), PAGES // 4)


def _echo(rig, node, seconds, what, *looks):
    """Latency of messages at a fixed rate while `looks` go on."""
    lag = Lag(node)
    with _looking(rig, *looks) as onlookers:
        report = rig.measure(node, "echo", "/echo", "--connections", 100, "--rate", 2000, "--seconds", seconds)
    if not report:
        return None
    late, ticks = lag.above(PAUSE_LIMIT)
    latency = [figures.find(report, key) for key in ("p50", "p99", "p99.9", "max")]
    lists = onlookers[0].times if onlookers else []
    print("{:<34} {:>7.0f} {:>7.0f} {:>8.0f} {:>8.0f} {:>11} {:>6} {:>9}".format(
        what, *latency, f"{late} of {ticks}", len(lists),
        f"{statistics.median(lists) * 1e3:.0f}" if lists else "-"), flush=True)
    return latency[1], late


def admin(rig, options):
    node = rig.serve("heartbeat.ping_interval=60s")
    crowd = _crowd(rig, node)
    print(f"{CONNECTIONS} connections\n")
    _pages(rig, node)
    print(f"\n100 connections more echo 2,000 messages a second; {VISITS_PER_S} a second come and go")
    print("{:<34} {:>7} {:>7} {:>8} {:>8} {:>11} {:>6} {:>9}".format(
        "us from a message to its echo", "p50", "p99", "p99.9", "max", "ticks >5ms", "lists", "ms a list"))
    seconds, added = options.seconds or 10, []
    for _ in range(options.rounds):
        quiet = _echo(rig, node, seconds, "nobody looks")
        listed = _echo(rig, node, seconds, "the whole list, again and again", _whole_list(node))
        streams = Streams(node)
        watched = _echo(rig, node, seconds, f"the same, and {STREAMS} event streams", _whole_list(node), streams.look,
                        _visit(node))
        streams.close()
        if not (quiet and listed and watched):
            break
        print(f"{'':<34} {streams.told} events told")
        added.append((listed[0] - quiet[0], watched[0] - quiet[0]))
        if listed[1] + watched[1] > quiet[1]:
            rig.fail(f"the loop paused for over {PAUSE_LIMIT * 1e3:.0f} ms while somebody looked")
    for what, columns in zip(("listing", "listing, and streams"), zip(*added)):
        print(f"added to p99 by {what}: {statistics.median(columns):.0f} us ({min(columns):.0f} to {max(columns):.0f})")
    crowd.terminate()
    crowd.wait()
    rig.stop(node)
