"""The node's own alerts, in its log."""

import signal
import unittest

from raw_client import connected
from support import NodeTest, deadline, ms, seconds

HOLD = 10  # seconds for which a ratio has to be bad


class Alerts(NodeTest):
    def test_a_reload_brings_thresholds_by_which_a_full_pool_is_told(self):
        path = f"{self.temporary_directory()}/holdfast.toml"

        def write(threshold):
            with open(path, "w") as file:
                file.write(f"[pool]\nmax_total_connections = 2\n[alerts]\npool_utilisation = {threshold}\n")

        write(0.8)
        node = self.start(arguments=("--config", path))
        client = connected(self, node)
        client.round_trip()
        write(0.4)
        node.signal(signal.SIGHUP)
        node.wait_for_log("reload", done="yes", changed="1", refused="0")
        node.wait_for_log("alert", level="warn", alert="pool_utilisation", state="raised", value="0.500",
                          threshold="0.400", limit=HOLD + 10)

    def test_a_drain_that_takes_too_long_is_told_before_the_node_has_gone(self):
        node = self.start(f"shutdown.drain_timeout={ms(1500)}", f"shutdown.force_close_timeout={ms(9000)}",
                          f"shutdown.message_flush_timeout={ms(500)}", f"limits.close_timeout={ms(500)}")
        client = connected(self, node)
        client.round_trip()
        node.signal(signal.SIGTERM)
        node.wait_for_log("phase", phase="draining")
        node.signal(signal.SIGSTOP)
        node.wait_until(lambda: node.state() == "T")
        client.socket.settimeout(seconds(2000))  # longer than the drain may take
        with self.assertRaises(TimeoutError):
            client.read_close()
        client.socket.settimeout(deadline(10))
        node.signal(signal.SIGCONT)
        client.read_close()
        client.close()
        node.wait_exit()
        self.assertEqual(len(node.logged("alert", alert="shutdown_overdue", state="raised")), 1, node.story())


if __name__ == "__main__":
    unittest.main()
