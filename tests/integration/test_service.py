"""A service manager's view: what the node tells on NOTIFY_SOCKET, and the files that are shipped for it."""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import support
from raw_client import connected
from support import BINARY, ROOT, NodeTest, deadline, ms, run, seconds

UNIT = ROOT / "app" / "deploy" / "systemd" / "holdfast.service"
EXAMPLE = ROOT / "app" / "deploy" / "holdfast.toml"


class Manager:
    """Listens as systemd does. `told` are the datagrams so far, each a dict of its assignments."""

    def __init__(self, test, address):
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address[0] == "@" else address)
        self._changed = threading.Condition()
        self.told = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        test.addCleanup(self._close)

    def _listen(self):
        while text := self._socket.recv(65536).decode():
            with self._changed:
                self.told.append(dict(line.split("=", 1) for line in text.splitlines()))
                self._changed.notify_all()

    def _close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def with_keys(self, *keys, since=0):
        return [x for x in self.told[since:] if all(key in x for key in keys)]

    def wait(self, condition, limit=10.0, what="a message"):
        """Waits until `condition(told)` is true and returns its value."""
        with self._changed:
            found = self._changed.wait_for(lambda: condition(self.told), deadline(limit))
        if not found:
            raise AssertionError(f"not within {deadline(limit):.1f} s: {what}\n{self.told[-20:]}")
        return found

    def wait_for(self, text, count=1, since=0, limit=10.0):
        """Waits for `count` datagrams whose status holds, or that have the assignment of, `text`."""
        def found(told):
            hits = [x for x in told[since:]
                    if text in x.get("STATUS", "") or text in [f"{k}={v}" for k, v in x.items()]]
            return len(hits) >= count and hits
        return self.wait(found, limit, f"{count} x {text}")


class Told(NodeTest):
    def managed(self, *settings, address=None, watchdog=None, watchdog_pid=None, **options):
        self.manager = Manager(self, address or f"{self.temporary_directory()}/notify")
        env = {"NOTIFY_SOCKET": self.manager.address}
        if watchdog:
            env["WATCHDOG_USEC"] = str(round(watchdog * 1e6))
        if watchdog_pid:
            env["WATCHDOG_PID"] = str(watchdog_pid)
        return self.start(*settings, env=env, **options)

    def test_ready_comes_once_the_node_serves(self):
        node = self.managed()
        first = self.manager.wait(lambda told: told and told[0])
        self.assertEqual(first, {"READY": "1", "STATUS": "serving 0 of 1,000 connections"})
        connected(self, node).echo()

    def test_an_abstract_socket_is_told_as_well(self):
        self.managed(address=f"@holdfast-test-{os.getpid()}")
        self.manager.wait_for("READY=1")

    def test_a_node_that_cannot_serve_is_never_ready(self):
        node = self.managed()
        self.manager.wait_for("READY=1")
        second = self.managed(run_dir=node.run_dir, expect_start=False)
        second.exit_expected = 1
        second.wait_exit()
        self.assertEqual(self.manager.told, [])

    def test_a_manager_that_is_gone_harms_nobody(self):
        node = self.start(env={"NOTIFY_SOCKET": "/nowhere/notify", "WATCHDOG_USEC": "100000"})
        connected(self, node).echo()
        self.assertEqual(node.stop()[0].split()[0], "drained")

    def test_a_reload_is_told_before_and_after(self):
        node = self.managed()
        self.manager.wait_for("READY=1")
        before = time.monotonic()
        node.signal(signal.SIGHUP)
        reloading = self.manager.wait_for("RELOADING=1")[0]
        at = self.manager.told.index(reloading)
        self.assertTrue(before <= int(reloading["MONOTONIC_USEC"]) / 1e6 <= time.monotonic())
        self.manager.wait_for("READY=1", since=at)

    def test_a_drain_is_told_from_its_beginning_to_its_end(self):
        node = self.managed("shutdown.reconnect_rate=1", f"shutdown.drain_timeout={ms(20_000)}")
        there = [connected(self, node) for _ in range(3)]
        for client in there:
            client.round_trip()
        self.manager.wait_for("READY=1")
        self.assertEqual(self.manager.with_keys("STOPPING"), [])
        node.signal(signal.SIGTERM)
        first = self.manager.wait_for("STOPPING=1")[0]
        # Enough for the longest drain (67 s with its force after 60 s), and some more.
        self.assertGreater(int(first["EXTEND_TIMEOUT_USEC"]), 67_000_000)
        told = self.manager.wait_for("draining: ", count=3)
        spent = [re.search(r"(\d) left, (\d+) s of (\d+) s", x["STATUS"]).groups() for x in told]
        self.assertEqual({of for _, _, of in spent}, {str(int(seconds(20_000)))})
        self.assertEqual(sorted(int(at) for _, at, _ in spent), [int(at) for _, at, _ in spent])
        left = [int(x["EXTEND_TIMEOUT_USEC"]) for x in told]
        self.assertEqual(left, sorted(left, reverse=True))
        node.signal(signal.SIGTERM)
        for client in there:
            client.read_close()
            client.close()
        node.wait_exit()
        self.manager.wait_for("drained")
        self.assertEqual(self.manager.with_keys("STOPPING", "READY"), [])

    def test_a_drain_that_an_operator_cancels_was_no_stop(self):
        node = self.managed(f"shutdown.lb_grace={ms(60_000)}", arguments=["--debug"])
        self.manager.wait_for("READY=1")
        run("debug", "--run-dir", node.run_dir, "drain")
        self.manager.wait_for("unready: ")
        run("debug", "--run-dir", node.run_dir, "cancel-drain")
        at = len(self.manager.told)
        self.manager.wait_for("serving ", since=max(at - 1, 0))
        self.assertEqual(self.manager.with_keys("STOPPING"), [])


class Watchdog(Told):
    def test_it_is_fed_three_times_in_its_period(self):
        period = seconds(900)
        self.managed(watchdog=period)
        began = time.monotonic()
        self.manager.wait_for("WATCHDOG=1", count=7)
        spent = time.monotonic() - began
        # Six thirds of it lie between the first and the seventh.
        self.assertGreater(spent, 1.5 * period)
        self.assertLess(spent, 6 * period)

    def test_it_is_fed_while_the_node_drains(self):
        node = self.managed(f"shutdown.lb_grace={ms(60_000)}", watchdog=seconds(300))
        self.manager.wait_for("WATCHDOG=1")
        node.signal(signal.SIGTERM)
        self.manager.wait_for("STOPPING=1")
        self.manager.wait_for("WATCHDOG=1", count=4, since=len(self.manager.told))
        node.signal(signal.SIGTERM)
        node.wait_exit()

    def test_that_of_another_process_is_not_ours(self):
        node = self.managed(watchdog=seconds(300), watchdog_pid=os.getpid())
        node.signal(signal.SIGHUP)  # by then it would have been fed
        self.manager.wait_for("RELOADING=1")
        node.stop()
        self.assertEqual(self.manager.with_keys("WATCHDOG"), [])

    def test_a_shard_that_hangs_starves_it_and_is_named(self):
        node = self.managed("node.shards=2", watchdog=seconds(600))
        self.manager.wait_for("WATCHDOG=1", count=2)
        with stopped_thread(self, node.pid, "shard-1"):
            record = node.wait_for_log("actors_silent")
            self.assertEqual(record["actors"], "pool/1 heartbeat/1")
            at = len(self.manager.told)
            node.signal(signal.SIGHUP)  # the control thread goes on
            self.manager.wait_for("RELOADING=1", since=at)
            self.manager.wait_for("serving ", since=at)
            time_left = time.monotonic() + seconds(600)
            node.wait_until(lambda: time.monotonic() >= time_left)  # a whole period more
            self.assertEqual(self.manager.with_keys("WATCHDOG", since=at), [])
        node.wait_for_log("actors_answer")
        self.manager.wait_for("WATCHDOG=1", count=2, since=len(self.manager.told))
        self.assertEqual(len(node.logged("actors_silent")), 1)


class stopped_thread:
    """Stops one thread of a child, as a debugger does it, while the others run on."""

    SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
    WALL = 0x40000000

    def __init__(self, test, pid, name):
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        self._test = test
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/comm") as comm:
                if comm.read().strip() == name:
                    self._thread = int(task)

    def __enter__(self):
        if self._libc.ptrace(self.SEIZE, self._thread, None, None) != 0:
            reason = os.strerror(ctypes.get_errno())
            support.skip_or_fail(self._test, f"a thread cannot be stopped here (ptrace: {reason})")
        self._libc.ptrace(self.INTERRUPT, self._thread, None, None)
        os.waitpid(self._thread, self.WALL)
        return self

    def __exit__(self, *_):
        self._libc.ptrace(self.DETACH, self._thread, None, None)


class Shipped(unittest.TestCase):
    """The unit and the example, as they are and as the binary has them."""

    def analyze(self, *arguments):
        tool = shutil.which("systemd-analyze")
        if not tool:
            support.skip_or_fail(self, "there is no systemd-analyze")
        return subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=60)

    def unit(self):
        """A copy that starts the binary under test, for the installed one need not be there."""
        folder = tempfile.mkdtemp(prefix="holdfast-test-")
        self.addCleanup(shutil.rmtree, folder)
        path = f"{folder}/holdfast.service"
        text = UNIT.read_text()
        self.assertIn("ExecStart=/usr/bin/holdfast ", text)
        with open(path, "w") as file:
            file.write(text.replace("/usr/bin/holdfast", BINARY))
        return path

    def test_the_unit_is_one_that_systemd_understands(self):
        done = self.analyze("verify", "--man=no", self.unit())
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_unit_exposes_little(self):
        done = self.analyze("security", "--offline=true", "--no-pager", "--threshold=25",
                            self.unit())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        level = re.search(r"Overall exposure level for \S+ (\d+\.\d)", done.stdout)
        self.assertLess(float(level[1]), 2.5, done.stdout)

    def test_the_unit_waits_longer_than_the_longest_drain(self):
        limit = int(re.search(r"^TimeoutStopSec=(\d+)s$", UNIT.read_text(), re.MULTILINE)[1])
        for profile in ("development", "production"):
            said = run("config", "check", "--profile", profile).stdout
            longest = int(re.search(r"longest possible shutdown (\d+)s", said)[1])
            self.assertGreater(limit, longest, profile)

    def test_the_units_commands_are_commands(self):
        commands = re.findall(r"^Exec\w+=/usr/bin/holdfast (.*)$", UNIT.read_text(), re.MULTILINE)
        self.assertEqual(len(commands), 2)
        check = commands[1].replace("/etc/holdfast/holdfast.toml", str(EXAMPLE)).split()
        self.assertEqual(run(*check).returncode, 0)

    def test_the_example_is_what_the_binary_prints(self):
        done = run("config", "example")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, EXAMPLE.read_text(),
                         "holdfast config example > app/deploy/holdfast.toml")


class Token(NodeTest):
    def test_a_token_file_is_looked_at_before_anything_is_begun(self):
        path = f"{self.temporary_directory()}/token"
        for text, mode, fault in (("0123456789abcdef", 0o644, "everyone on this machine"),
                                  ("short", 0o600, "at least 16 characters"),
                                  (None, 0o600, "No such file")):
            with self.subTest(fault):
                if os.path.exists(path):
                    os.remove(path)
                if text:
                    with open(path, "w") as file:
                        file.write(text)
                    os.chmod(path, mode)
                for command in ("serve", "config check"):
                    done = run(*command.split(), "--set", f"admin.token_file={path}",
                               "--set", "admin.listen=0.0.0.0:9090")
                    self.assertEqual(done.returncode, 2)
                    self.assertIn(f"--set: admin.token_file: {path}: ", done.stderr)
                    self.assertIn(fault, done.stderr)


if __name__ == "__main__":
    unittest.main()
