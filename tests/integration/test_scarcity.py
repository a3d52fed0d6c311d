"""Descriptors, memory or patience run out: who is there is served, and what is short comes back."""

import contextlib
import resource
import signal
import socket
import time
import unittest

from raw_client import BINARY, PING, PONG, RawClient, connected, frame
from support import HOST, NodeTest, ms, run

MIB = 1024 * 1024


def skip_with_sanitizer(test, node):
    if node.has_sanitizer():
        test.skipTest("a sanitizer's memory says nothing about the node's own")


class Descriptors(NodeTest):
    def test_without_descriptors_it_serves_does_not_spin_and_recovers(self):
        node = self.start(f"heartbeat.ping_interval={ms(200)}", f"heartbeat.pong_timeout={ms(190)}",
                          "node.shards=2", "heartbeat.max_missed_pongs=50",
                          arguments=("--debug",))
        served = connected(self, node, user="served")
        served.echo()
        _, hard = resource.prlimit(node.pid, resource.RLIMIT_NOFILE)
        node.limit(resource.RLIMIT_NOFILE, 3)  # lower than any that is free
        waiting = [self.in_vain(socket.AF_INET, (HOST, node.port)) for _ in range(20)]
        waiting.append(self.in_vain(socket.AF_UNIX, f"{node.run_dir}/debug.sock"))
        node.wait_for_log("transport", what="no descriptors left: accepting pauses")
        served.echo()
        began, used = time.monotonic(), node.cpu()
        for _ in range(10):  # two seconds of pings
            self.answer_a_ping(served)
        busy = (node.cpu() - used) / (time.monotonic() - began)
        self.assertLess(busy, 0.25, "of a core, to accept what it cannot")
        self.assertEqual(len(node.logged("closed")), 0)
        node.limit(resource.RLIMIT_NOFILE, hard)
        connected(self, node, user="later").echo()
        self.assertEqual(run("debug", "--run-dir", node.run_dir, "counts").returncode, 0)
        served.echo()
        for client in waiting:
            client.close()

    def in_vain(self, family, where):
        client = socket.socket(family)
        self.addCleanup(client.close)
        client.setblocking(False)
        client.connect_ex(where)
        return client

    def answer_a_ping(self, client):
        while (got := client.read_frame()).opcode != PING:
            pass
        client.send_frame(PONG, got.payload)


class HalfOpen(NodeTest):
    COUNT = 5000

    def test_thousands_that_never_ask_end_in_time_and_leave_nothing(self):
        node = self.start("limits.half_open=6000", f"limits.handshake_timeout={ms(2500)}",
                          "node.shards=2")
        served = connected(self, node, user="served")
        served.echo()
        descriptors, memory = node.descriptors(), node.pss()
        silent = []
        for number in range(self.COUNT):
            client = socket.create_connection((HOST, node.port))
            self.addCleanup(client.close)
            silent.append(client)
            if number % 2:
                client.send(b"GET /echo HTTP/1.1\r\nHost")
            if number % 500 == 0:
                served.echo()
        served.echo()
        node.wait_until(lambda: node.descriptors() == descriptors, what="they are given up")
        self.assertTrue(silent[1].recv(100).startswith(b"HTTP/1.1 408"))
        self.assertEqual(silent[0].recv(100), b"")
        served.echo()
        self.assertEqual(len(node.logged("admitted")), 1)
        if not node.has_sanitizer():
            self.assertLess(node.pss() - memory, 3 * MIB)


class NonReaders(NodeTest):
    EACH = 1000
    QUEUE = 64 * 1024

    def test_thousands_that_never_read_are_closed_4002_and_cost_what_was_configured(self):
        node = self.start(f"limits.max_queued_bytes={self.QUEUE // 1024}KiB", "node.shards=2",
                          "pool.max_total_connections=3000", f"limits.close_timeout={ms(1000)}",
                          "heartbeat.ping_interval=60s")
        served = connected(self, node, user="served")
        served.echo()
        memory = node.pss()
        most, kept = self.wave(node, served)
        _, kept_again = self.wave(node, served)
        self.check_receipts(node)
        if not node.has_sanitizer():
            self.assertLess(most - memory, 2 * self.EACH * (self.QUEUE + 8192))
            self.assertLess(kept_again, 1.25 * kept, "what the first left is used by the second")

    def wave(self, node, served):
        """All come, are told too much, and are closed. Returns the node's memory at its height
        and afterwards."""
        ended = len(node.logged("closed"))
        listeners = [self.deaf(node, "/broadcast", f"l{i}") for i in range(self.EACH)]
        talkers = [self.deaf(node, "/echo", f"t{i}") for i in range(self.EACH)]
        most = max(self.flood(node, talkers, served), self.publish(node, served))
        node.wait_for_log("closed", count=ended + 2 * self.EACH + 1, limit=15)
        served.echo()
        for client in listeners + talkers:
            client.close()
        return most, node.pss()

    def deaf(self, node, path, user):
        return connected(self, node, path, user=user, receive_buffer=4096, segment=536)

    def flood(self, node, talkers, served):
        """Each says more than its queue and the kernel hold. Returns the node's memory at its
        height."""
        what = frame(BINARY, b"." * 4000) * 100
        left = {client: memoryview(what) for client in talkers}
        for client in talkers:
            client.socket.setblocking(False)
        most = 0
        while left:
            for client, data in list(left.items()):
                try:
                    left[client] = data[client.socket.send(data):]
                except BlockingIOError:
                    continue
                except ConnectionError:  # it has been closed
                    left[client] = b""
                if not left[client]:
                    del left[client]
            served.echo()
            most = max(most, node.pss())
        return most

    def publish(self, node, served):
        speaker = connected(self, node, "/broadcast", user="speaker")
        most = 0
        for _ in range(100):
            speaker.send_frame(BINARY, b"." * 4000)
            speaker.read_message()
            served.echo()
            most = max(most, node.pss())
        speaker.close()
        return most

    def check_receipts(self, node):
        deaf = [r for r in node.logged("closed") if r["user"] != "speaker"]
        self.assertEqual(len(deaf), 4 * self.EACH)
        self.assertEqual({(r["code"], r["cause"], r["who"]) for r in deaf},
                         {("4002", "slow_consumer", "node")})
        # The kernel may still take all of what waited for one or the other.
        missed = [r for r in deaf if int(r["never_written"]) > 0]
        self.assertGreater(len(missed), 0.9 * len(deaf))


class Memory(NodeTest):
    def limited(self, extra, *settings, **options):
        """A node with `extra` bytes of address space, and a client who is there already."""
        node = self.start("node.shards=1", "heartbeat.ping_interval=60s", *settings, **options)
        skip_with_sanitizer(self, node)
        bystander = connected(self, node, user="bystander")
        bystander.echo()
        node.limit(resource.RLIMIT_AS, node.address_space() + extra)
        return node, bystander

    def test_a_message_there_is_no_memory_for_ends_its_connection_and_no_other(self):
        node, bystander = self.limited(16 * MIB, "limits.max_message_size=128MiB")
        large = connected(self, node, user="large")
        self.send_until_it_ends(large, frame(BINARY, b"", length=100 * MIB) + b"." * (50 * MIB))
        self.ended_for_memory(node, "large")
        bystander.echo()
        node.stop()

    def test_a_queue_there_is_no_memory_for_ends_its_connection_and_no_other(self):
        node, bystander = self.limited(16 * MIB, "limits.max_queued_bytes=1GiB",
                                       "limits.max_queued_messages=100000")
        deaf = connected(self, node, user="deaf", receive_buffer=4096)
        self.send_until_it_ends(deaf, frame(BINARY, b"." * 60_000) * 4000)
        self.ended_for_memory(node, "deaf")
        bystander.echo()
        node.stop()

    def send_until_it_ends(self, client, data):
        with contextlib.suppress(ConnectionError):
            client.send(data)  # what comes behind its end may still be read, and is discarded

    def ended_for_memory(self, node, user):
        self.assertEqual(node.wait_for_log("closed", user=user)["detail"], "Cannot allocate memory")

    def test_a_drain_ends_without_the_memory_for_one_more_thread(self):
        node, bystander = self.limited(4 * MIB)  # a stack takes eight
        node.signal(signal.SIGTERM)
        self.assertEqual(bystander.read_close().close_code, 1012)
        bystander.close()
        node.wait_exit()

    def test_when_there_is_none_at_all_it_says_so_ends_and_can_be_started_again(self):
        run_dir = self.temporary_directory()
        node, _ = self.limited(0, "pool.max_total_connections=10000", run_dir=run_dir)
        node.exit_expected = 1
        for number in range(10_000):
            if node.process.poll() is not None:
                break
            self.arrive(node)
        node.wait_exit()
        self.assertTrue(any("out of memory" in line for line in node.log.lines), node.story())
        again = self.start(run_dir=run_dir, listen=f"{HOST}:{node.port}")
        connected(self, again).echo()

    def arrive(self, node):
        """As a client who sends half of a message; until the node is gone."""
        try:
            client = RawClient(node.port)
            self.addCleanup(client.close)
            client.upgrade("/echo?user=" + "u" * 200)
            client.send(frame(BINARY, b"." * 30_000)[:20_000])
        except (OSError, EOFError):
            pass


if __name__ == "__main__":
    unittest.main()
