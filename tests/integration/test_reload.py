"""SIGHUP: a good file takes effect, a wrong one changes nothing, and either is said."""

import os
import signal
import unittest

from raw_client import connected
from support import NodeTest


class Reload(NodeTest):
    def begin(self, text):
        self.path = f"{self.temporary_directory()}/holdfast.toml"
        self.write(text)
        self.node = self.start(arguments=("--config", self.path))
        return self.node

    def write(self, text):
        with open(self.path, "w") as file:
            file.write(text)

    def reload(self, text, **fields):
        """The record of having read this."""
        count = len(self.node.logged("reload"))
        self.write(text)
        self.node.signal(signal.SIGHUP)
        self.node.wait_for_log("reload", count=count + 1)
        record = self.node.logged("reload")[-1]
        for name, value in fields.items():
            self.assertEqual(record.get(name), value, record.line)
        return record

    def assert_limit(self, limit):
        """So many connections a user; those of this test go again."""
        self.user = getattr(self, "user", 0) + 1
        there = [connected(self, self.node, user=self.user) for _ in range(limit)]
        for client in there:
            client.round_trip()
        self.assertEqual(connected(self, self.node, user=self.user).read_close().close_code, 4500)
        for client in there:
            client.echo()

    def test_a_good_file_takes_effect_and_disturbs_nobody(self):
        node = self.begin("[pool]\nmax_connections_per_user = 2\n")
        before = connected(self, node, user="before")
        before.echo()
        self.assert_limit(2)
        self.reload("[pool]\nmax_connections_per_user = 3\n", done="yes", changed="1", refused="0")
        self.assert_limit(3)
        self.reload("[pool]\nmax_connections_per_user = 1\n", done="yes")
        self.assert_limit(1)
        before.echo()

    def test_a_wrong_file_changes_nothing_and_every_error_has_its_place(self):
        self.begin("[pool]\nmax_connections_per_user = 2\n")
        self.reload("[pool]\nmax_connections_per_user = 3\nmax_total = 7\nreserve = \"many\"\n",
                    done="no")
        errors = [record["error"] for record in self.node.logged("reload_failed")]
        self.assertEqual(len(errors), 2, errors)
        self.assertTrue(errors[0].startswith(f"{self.path}:3:1: unknown key pool.max_total"), errors)
        self.assertTrue(errors[1].startswith(f"{self.path}:4:"), errors)
        self.assert_limit(2)

    def test_a_file_that_is_broken_or_gone_changes_nothing(self):
        self.begin("[pool]\nmax_connections_per_user = 2\n")
        self.reload("[pool\nmax_connections_per_user = 3\n", done="no")
        self.assertIn(f"{self.path}:1:", self.node.logged("reload_failed")[-1]["error"])
        os.remove(self.path)
        self.node.signal(signal.SIGHUP)
        self.node.wait_for_log("reload", count=2, done="no")
        self.assertIn(self.path, self.node.logged("reload_failed")[-1]["error"])
        self.assert_limit(2)

    def test_what_only_a_restart_can_change_is_named_and_the_rest_taken(self):
        self.begin("[pool]\nmax_connections_per_user = 2\n")
        self.reload("[pool]\nmax_connections_per_user = 3\nconnection_timeout = \"1s\"\n\n"
                    "[heartbeat]\nping_interval = \"20s\"\n", done="yes", changed="1", refused="2")
        self.assertEqual(sorted(r["key"] for r in self.node.logged("reload_refused")),
                         ["heartbeat.ping_interval", "pool.connection_timeout"])
        self.assert_limit(3)

    def test_a_pipe_in_place_of_the_file_is_not_waited_for(self):
        node = self.begin("[pool]\nmax_connections_per_user = 2\n")
        os.remove(self.path)
        os.mkfifo(self.path)
        node.signal(signal.SIGHUP)
        node.wait_for_log("reload", done="no")
        self.assertIn("it is no regular file", node.logged("reload_failed")[-1]["error"])
        self.assert_limit(2)

    def test_another_mode_of_authentication_is_named_and_the_rest_taken(self):
        secret = f"{self.temporary_directory()}/secret"
        with open(secret, "w") as file:
            file.write("a" * 40)
        self.begin(f"[auth]\nmode = \"jwt\"\n[auth.jwt]\nkey_file = \"{secret}\"\n")
        self.reload("[pool]\nreserve = 7\n", done="yes", changed="1", refused="2")
        self.assertEqual([r["key"] for r in self.node.logged("reload_refused")],
                         ["auth.mode", "auth.jwt.key_file"])
        self.assertEqual(connected(self, self.node).read_close().close_code, 4501)

    def test_a_file_may_change_many_times_in_quick_succession(self):
        self.begin("[pool]\nmax_connections_per_user = 2\n")
        for number in range(50):
            wrong = "max_total = 1\n" if number % 2 else ""
            self.write(f"[pool]\nmax_connections_per_user = {number + 1}\n{wrong}")
            self.node.signal(signal.SIGHUP)
        self.write("[pool]\nmax_connections_per_user = 4\npool_cleanup_interval = \"9s\"\n")
        self.node.signal(signal.SIGHUP)
        self.node.wait_for_log("reload_refused", key="pool.pool_cleanup_interval")  # the last file's
        self.node.wait_until(lambda: self.node.records()[-1].get("done") == "yes")
        self.assert_limit(4)

    def test_in_a_drain_it_is_read_too(self):
        node = self.begin("[shutdown]\nreconnect_rate = 1\n")
        there = [connected(self, node) for _ in range(3)]
        for client in there:
            client.round_trip()
        node.signal(signal.SIGTERM)
        node.wait_for_log("phase", phase="draining")
        self.reload("[pool]\nreserve = 1\n[shutdown]\nreconnect_rate = 1\n", done="yes")
        node.signal(signal.SIGTERM)
        for client in there:
            self.assertEqual(client.read_close().close_code, 1012)
            client.close()
        node.wait_exit()


if __name__ == "__main__":
    unittest.main()
