"""Starts the real binary and watches it: ports, log, exit code, descriptors, memory.

Environment: HOLDFAST names the binary (default: build/holdfast of this tree), HOLDFAST_SLOW
stretches every time by a factor (sanitizers, slow machines), HOLDFAST_DEMAND=1 turns a skip for
want of a client (Node, Chromium) into a failure.
"""

import asyncio
import io
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from log import Log, Record, matching

ROOT = Path(__file__).resolve().parents[2]
BINARY = str(Path(os.environ.get("HOLDFAST") or ROOT / "build" / "holdfast").resolve())
SLOW = float(os.environ.get("HOLDFAST_SLOW") or 1.0)
HOST = "127.0.0.1"

_SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error:|WARNING: ThreadSanitizer")


def _raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


_raise_descriptor_limit()


def deadline(seconds):
    """Seconds to wait for something that must happen."""
    return seconds * SLOW


def ms(number):
    """A duration for the configuration, stretched like the deadlines."""
    return f"{round(number * SLOW)}ms"


def seconds(number):
    """What `ms(number)` configures, in seconds."""
    return round(number * SLOW) / 1000


async def within(awaitable, limit=10.0):
    """The result of `awaitable`, which must be there in `limit` seconds."""
    return await asyncio.wait_for(awaitable, deadline(limit))


def skip_or_fail(test, missing):
    """Skips so that nobody overlooks it; with HOLDFAST_DEMAND=1 it is a failure."""
    if os.environ.get("HOLDFAST_DEMAND") == "1":
        test.fail(f"{missing}, and HOLDFAST_DEMAND=1")
    print(f"\n*** SKIPPED {test.id()}: {missing} ***", file=sys.stderr, flush=True)
    test.skipTest(missing)


def binary_has_sanitizer():
    """Whether the binary was built with one, for what must be known before it is started."""
    linked = subprocess.run(["ldd", BINARY], capture_output=True, text=True).stdout
    return "libasan" in linked or "libtsan" in linked


def environment(**more):
    """Our environment without anything that would configure a node."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("HOLDFAST")}
    return {**clean, **more}


def run(*arguments, env=None, limit=20.0, input=None):
    """One command of the binary, run to its end."""
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, input=input,
                          timeout=deadline(limit), env=env or environment())


class Node:
    """A running `holdfast serve` on a port of its own, with a run_dir of its own."""

    def __init__(self, *settings, arguments=(), listen=f"{HOST}:0", run_dir=None, env=None,
                 log_level="debug", expect_start=True, stdout=subprocess.PIPE,
                 stderr=subprocess.PIPE, binary=BINARY):
        self._own_dir = None if run_dir else tempfile.mkdtemp(prefix="holdfast-")
        self.run_dir = run_dir or self._own_dir
        settings = (f"node.run_dir={self.run_dir}", f"node.log_level={log_level}", *settings)
        command = [binary, "serve", *(("--listen", listen) if listen else ()), *arguments]
        for setting in settings:
            command += ["--set", setting]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True,
                                        stdout=stdout, stderr=stderr,
                                        env=environment(**(env or {})))
        self.pid = self.process.pid
        self.out = Log(self.process.stdout or io.StringIO())
        self.log = Log(self.process.stderr or io.StringIO())
        self._records = []
        self.exit_expected = 0 if self.process.stderr else None
        self.port = None
        if expect_start:
            self._find_port()

    def _find_port(self):
        def port():
            for line in self.out.lines + self.log.lines:  # of either somebody else may have the end
                if found := re.search(r"(?:ws://|event=serving.* address=)[^/\s]*:(\d+)", line):
                    return int(found[1])
            return self.process.poll() is not None and -1
        found = self.out.wait_for(port, deadline(10))
        if not found or found < 0:
            raise AssertionError(f"the node printed no URL (exit code {self.process.poll()})\n"
                                 + self.story())
        self.port = found

    def url(self, path="/echo", user=None, scheme="ws"):
        query = f"?user={user}" if user is not None else ""
        return f"{scheme}://{HOST}:{self.port}{path}{query}"

    # ---- the log ------------------------------------------------------------------------------

    def records(self):
        """Every record so far; lines of another form (a sanitizer's) are left out."""
        lines = self.log.lines
        while len(self._records) < len(lines):
            line = lines[len(self._records)]
            known = line.startswith("{") or re.match(r"(ts|level|event)=", line)
            self._records.append(Record(line) if known else None)
        return [record for record in self._records if record is not None]

    def logged(self, event, **fields):
        """The records of this event so far."""
        return list(filter(matching(event, **fields), self.records()))

    def wait_for_log(self, event, count=1, limit=10.0, **fields):
        """The first `count` records of this event, waited for. With count=1, the one record."""
        self.wait_until(lambda: len(self.logged(event, **fields)) >= count, limit,
                        f"{count} x {event} {fields}")
        found = self.logged(event, **fields)
        return found[0] if count == 1 else found[:count]

    async def saw(self, event, count=1, limit=10.0, **fields):
        """wait_for_log() for a test whose clients must go on meanwhile."""
        return await asyncio.to_thread(self.wait_for_log, event, count, limit, **fields)

    def wait_until(self, condition, limit=10.0, what="the condition"):
        """Waits until `condition()` is true and returns its value."""
        if result := self.log.wait_for(condition, deadline(limit)):
            return result
        raise AssertionError(f"not within {deadline(limit):.1f} s: {what}\n{self.story()}")

    async def becomes(self, condition, limit=10.0, what="the condition"):
        """wait_until() for a test whose clients must go on meanwhile."""
        return await asyncio.to_thread(self.wait_until, condition, limit, what)

    def story(self, last=60):
        """What the node said, for the message of a failure."""
        return "\n".join(["--- stdout", *self.out.lines[-last:], "--- stderr",
                          *self.log.lines[-last:]])

    # ---- the process --------------------------------------------------------------------------

    def signal(self, number):
        self.process.send_signal(number)

    def wait_exit(self, limit=20.0):
        """Waits for the end, checks the exit code, and returns it."""
        try:
            code = self.process.wait(deadline(limit))
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the node still runs\n{self.story()}") from None
        self.out.join(deadline(5))
        self.log.join(deadline(5))
        if code != (self.exit_expected or 0):
            raise AssertionError(f"exit code {code}, not {self.exit_expected}\n{self.story()}")
        return code

    def stop(self, limit=20.0):
        """A drain to its end; returns what was printed meanwhile: the ledger."""
        printed = len(self.out.lines)
        self.signal(signal.SIGTERM)
        self.wait_exit(limit)
        return self.out.lines[printed:]

    async def stopped(self, limit=20.0):
        """stop() for a test whose clients must go on meanwhile."""
        return await asyncio.to_thread(self.stop, limit)

    def close(self):
        """Ends a node that a test left running, and checks what holds after any test."""
        try:
            if self.process.poll() is None:
                self._end()
            self.out.join(deadline(5))
            self.log.join(deadline(5))
            self.check_receipts()
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if self._own_dir:
                shutil.rmtree(self._own_dir, ignore_errors=True)

    def _end(self):
        """Drains; by force when somebody is left."""
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(deadline(1))
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGTERM)
        self.wait_exit()

    def kill(self):
        """SIGKILL; no ledger, no receipts."""
        self.exit_expected = -signal.SIGKILL
        self.process.kill()
        self.wait_exit()

    def check_receipts(self):
        """Whoever was admitted has one receipt; no sanitizer has spoken."""
        if any(_SANITIZER.search(line) for line in self.log.lines):
            raise AssertionError("a sanitizer reported\n" + self.story(200))
        if self.exit_expected != 0:  # None: it ends well, but its log is elsewhere
            return
        admitted = sorted(r["id"] for r in self.logged("admitted"))
        closed = sorted(r["id"] for r in self.logged("closed"))
        if admitted != closed:
            raise AssertionError(f"{len(admitted)} admitted, {len(closed)} closed\n{self.story()}")

    def descriptors(self):
        """How many descriptors the process has open."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def limit(self, which, soft):
        """Lowers (or raises) a limit of the running process; `which` is a resource.RLIMIT_*."""
        _, hard = resource.prlimit(self.pid, which)
        resource.prlimit(self.pid, which, (soft, hard))

    def cpu(self):
        """Seconds of processor time that it has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def address_space(self):
        """Bytes of it, used or not: what RLIMIT_AS counts."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[0]) * resource.getpagesize()

    def pss(self):
        """Proportional set size in bytes."""
        with open(f"/proc/{self.pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith("Pss:"):
                    return int(line.split()[1]) * 1024
        raise AssertionError("no Pss in smaps_rollup")

    def has_sanitizer(self):
        """Whether its memory is a sanitizer's, which says nothing about the node's own."""
        with open(f"/proc/{self.pid}/maps") as file:
            return any(name in line for line in file for name in ("libasan", "libtsan"))

    def state(self):
        """The kernel's letter for what the process does: R, S, T (stopped), ..."""
        return Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


class NodeTest(unittest.IsolatedAsyncioTestCase):
    """A test that starts nodes; whatever it leaves behind is ended and checked."""

    maxDiff = 2000

    async def asyncSetUp(self):
        asyncio.get_running_loop().set_debug(False)  # it costs more than the clients do

    def start(self, *settings, **options):
        node = Node(*settings, **options)
        self.addCleanup(node.close)
        return node

    def temporary_directory(self):
        path = tempfile.mkdtemp(prefix="holdfast-test-")
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path
