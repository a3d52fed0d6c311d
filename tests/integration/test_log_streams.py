"""Where the log and the ledger go is full, closed, or not read by anybody: the node serves on."""

import fcntl
import os
import resource
import socket
import time
import unittest

from log import Record
from raw_client import connected
from support import HOST, NodeTest, deadline

class LogStreams(NodeTest):
    def full_disk(self):
        file = open("/dev/full", "w")
        self.addCleanup(file.close)
        return file

    def come_and_go(self, node, count):
        """Two lines of the log each, at debug level. Returns the longest echo, in seconds."""
        longest = 0
        for number in range(count):
            client = connected(self, node, user=f"u{number}")
            began = time.monotonic()
            client.echo()
            longest = max(longest, time.monotonic() - began)
            client.close()
        return longest

    def ends_well(self, node):
        """A drain; returns the ledger."""
        ledger = node.stop()
        self.assertTrue(any(line.startswith("drained in") for line in ledger), ledger)
        return ledger

    def lost(self, ledger):
        """The number of lines that the ledger says are lost."""
        return sum(int(line.split()[1]) for line in ledger if line.endswith("lost"))

    def test_on_a_full_disk_it_serves_and_says_at_the_end_how_much_is_lost(self):
        node = self.start(stderr=self.full_disk())
        self.come_and_go(node, 20)
        self.assertGreaterEqual(self.lost(self.ends_well(node)), 40)

    def test_with_nowhere_to_write_at_all_it_serves_and_ends_well(self):
        both = self.full_disk()
        node = self.start(stdout=both, stderr=both, listen=None, expect_start=False,
                          arguments=("--listen", f"{HOST}:{self.free_port()}"))
        self.come_and_go_when_it_listens(node)
        node.stop()

    def free_port(self):
        with socket.create_server((HOST, 0)) as server:
            self.port = server.getsockname()[1]
        return self.port

    def come_and_go_when_it_listens(self, node):
        node.port = self.port

        def serves():
            try:
                self.come_and_go(node, 1)
                return True
            except ConnectionRefusedError:
                return False

        node.wait_until(serves)
        self.come_and_go(node, 20)

    def test_when_the_reader_of_the_log_has_gone_it_serves_and_ends_well(self):
        reader, writer = os.pipe()
        node = self.start(stderr=writer)
        os.close(writer)
        os.close(reader)
        self.come_and_go(node, 20)
        self.assertGreaterEqual(self.lost(self.ends_well(node)), 40)

    def test_a_log_that_nobody_reads_holds_up_nobody_and_not_the_end(self):
        reader, writer = os.pipe()
        self.addCleanup(os.close, reader)
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
        node = self.start("shutdown.cleanup_timeout=200ms", stderr=writer)
        os.close(writer)
        self.assertLess(self.come_and_go(node, 200), deadline(0.5))
        began = time.monotonic()
        ledger = self.ends_well(node)
        self.assertLess(time.monotonic() - began, deadline(4))
        self.assertTrue(any("flush-log" in line for line in ledger), ledger)

    def test_when_there_is_room_again_it_says_how_much_is_missing(self):
        path = f"{self.temporary_directory()}/log"
        with open(path, "w") as file:
            node = self.start(stderr=file)
        self.come_and_go(node, 3)
        node.wait_until(lambda: self.written(path, "closed") == 3)
        node.limit(resource.RLIMIT_FSIZE, os.path.getsize(path))
        self.come_and_go(node, 10)
        node.limit(resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
        self.come_and_go(node, 1)
        node.wait_until(lambda: self.written(path, "log_dropped"))
        node.stop()
        dropped = sum(int(r["lines"]) for r in self.records(path) if r["event"] == "log_dropped")
        self.assertEqual(self.written(path, "closed") + self.written(path, "admitted") + dropped,
                         2 * 14)

    def records(self, path):
        with open(path) as file:
            return [Record(line) for line in file if line.endswith("\n")]

    def written(self, path, event):
        return sum(record["event"] == event for record in self.records(path))


if __name__ == "__main__":
    unittest.main()
