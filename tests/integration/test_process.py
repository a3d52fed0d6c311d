"""The process: its lock, its configuration, its exit codes, and what it leaves behind."""

import asyncio
import json
import os
import re
import socket
import unittest

import clients
from raw_client import connected
from support import HOST, NodeTest, environment, run, within


class Configuration(NodeTest):
    def file(self, text):
        path = f"{self.temporary_directory()}/holdfast.toml"
        with open(path, "w") as file:
            file.write(text)
        return path

    def check(self, text):
        path = self.file(text)
        return path, run("config", "check", "--config", path)

    def test_a_good_file_passes(self):
        _, done = self.check('[pool]\nmax_connections_per_user = 7\n\n[heartbeat]\n'
                             'ping_interval = "20s"\n')
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_an_unknown_key_is_named_with_its_place_and_the_nearest_one(self):
        path, done = self.check('[pool]\nmax_conections_per_user = 7\n')
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{path}:2:1", done.stderr)
        self.assertIn("max_connections_per_user", done.stderr)

    def test_an_unknown_table_is_named(self):
        path, done = self.check('[node]\nname = "a"\n\n[heartbeet]\nping_interval = "20s"\n')
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{path}:4:", done.stderr)
        self.assertIn("heartbeat", done.stderr)

    def test_a_wrong_value_is_named_with_its_place(self):
        for line in ('ping_interval = "20"', 'ping_interval = 20', 'ping_interval = "-1s"',
                     'ping_interval = "soon"', 'on_zombie = "bury"', 'max_missed_pongs = -1',
                     'max_missed_pongs = "3"'):
            with self.subTest(line):
                path, done = self.check(f"[heartbeat]\n{line}\n")
                self.assertEqual(done.returncode, 2)
                self.assertIn(f"{path}:2:", done.stderr)

    def test_broken_toml_is_named_with_its_place(self):
        path, done = self.check('[pool]\nmax_connections_per_user = \n')
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr, re.escape(path) + r":[23]:\d+")

    def test_what_cannot_hold_together_is_refused(self):
        for text in ('[heartbeat]\nping_interval = "5s"\npong_timeout = "5s"\n',
                     '[shutdown]\ndrain_timeout = "8s"\nmessage_flush_timeout = "6s"\n',
                     '[shutdown]\ndrain_timeout = "90s"\nforce_close_timeout = "60s"\n'):
            with self.subTest(text):
                _, done = self.check(text)
                self.assertEqual(done.returncode, 2)
                self.assertIn("config", (done.stderr + done.stdout).lower())

    def test_what_never_fires_is_warned_of(self):
        _, done = self.check('[heartbeat]\nzombie_detection_threshold = "10m"\n')
        self.assertEqual(done.returncode, 0)
        self.assertIn("zombie_detection_threshold", done.stderr + done.stdout)

    def test_a_missing_file_is_named(self):
        done = run("config", "check", "--config", "/nonexistent/holdfast.toml")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/nonexistent/holdfast.toml", done.stderr)

    def test_serve_refuses_what_check_refuses(self):
        path = self.file('[pool]\nmax_total = 7\n')
        done = run("serve", "--config", path)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"{path}:2:1", done.stderr)
        for setting in ("pool.max_total=7", "pool.reserve=many", "nonsense", "pool.reserve"):
            with self.subTest(setting):
                done = run("serve", "--set", setting)
                self.assertEqual(done.returncode, 2)
                self.assertTrue(done.stderr)

    def test_usage_errors_are_2(self):
        for arguments in (("--no-such-option",), ("dance",), ("serve", "--profile", "party"),
                          ("serve", "--listen", "here"), ("serve", "--listen", f"{HOST}:99999")):
            with self.subTest(arguments):
                self.assertEqual(run(*arguments).returncode, 2)
        self.assertEqual(run("--help").returncode, 0)

    def test_show_says_where_each_value_comes_from(self):
        path = self.file('[pool]\nreserve = 11\nmax_total_connections = 500\n')
        done = run("config", "show", "--profile", "production", "--config", path,
                   "--set", "pool.max_total_connections=900",
                   env=environment(HOLDFAST_POOL__CONNECTION_TIMEOUT="77s"))
        self.assertEqual(done.returncode, 0, done.stderr)

        def line(key):
            return next(line for line in done.stdout.splitlines() if re.search(rf"\b{key}\b", line))

        for key, value, origin in (("max_total_connections", "900", "--set"),
                                   ("reserve", "11", path),
                                   ("connection_timeout", "77s", "HOLDFAST_POOL__CONNECTION_TIMEOUT"),
                                   ("max_connections_per_user", "10", "production"),
                                   ("pool_cleanup_interval", "60s", "default")):
            self.assertIn(value, line(key))
            self.assertIn(origin, line(key))

    def test_the_file_counts(self):
        path = self.file(f'[[listen]]\naddress = "{HOST}:0"\n\n[pool]\nmax_connections_per_user = 1\n'
                         '\n[[route]]\npath = "/mine"\nhandler = "echo"\n')
        node = self.start(listen=None, arguments=("--config", path))
        connected(self, node, "/mine", user="u").round_trip()
        self.assertEqual(connected(self, node, "/mine", user="u").read_close().close_code, 4500)


class Starting(NodeTest):
    def test_it_prints_a_url_for_each_route(self):
        node = self.start()
        node.wait_until(lambda: all(any(re.search(rf"ws://{HOST}:{node.port}{path}(\s|$)", line)
                                        for line in node.out.lines)
                                    for path in ("/echo", "/broadcast", "/")))

    def test_a_second_node_on_the_same_port_is_refused_whatever_its_run_dir(self):
        node = self.start()
        done = run("serve", "--listen", f"{HOST}:{node.port}",
                   "--set", f"node.run_dir={self.temporary_directory()}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Address already in use", done.stderr)

    def test_a_second_process_on_the_same_run_dir_is_refused(self):
        node = self.start()
        done = run("serve", "--listen", f"{HOST}:0", "--set", f"node.run_dir={node.run_dir}")
        self.assertEqual(done.returncode, 1)
        self.assertIn(node.run_dir, done.stderr)
        connected(self, node).round_trip()

    def test_a_port_in_use_is_refused(self):
        with socket.create_server((HOST, 0)) as taken:
            port = str(taken.getsockname()[1])
            done = run("serve", "--listen", f"{HOST}:{port}",
                       "--set", f"node.run_dir={self.temporary_directory()}")
        self.assertEqual(done.returncode, 1)
        self.assertIn(HOST, done.stderr)
        self.assertIn(port, done.stderr)

    def test_after_a_kill_it_starts_again_on_the_same_port(self):
        run_dir = self.temporary_directory()
        first = self.start(run_dir=run_dir)
        client = connected(self, first)
        client.round_trip()
        port = first.port
        first.kill()
        self.assertIn(client.read_end(), ("fin", "reset"))
        second = self.start(run_dir=run_dir, listen=f"{HOST}:{port}")
        self.assertEqual(second.port, port)
        connected(self, second).round_trip()

    def test_a_user_without_a_limit_on_a_public_address_is_refused(self):
        done = run("serve", "--listen", "0.0.0.0:0",
                   "--set", f"node.run_dir={self.temporary_directory()}")
        self.assertIn(done.returncode, (1, 2))
        self.assertIn("--insecure", done.stderr)


class Logs(NodeTest):
    def test_json_lines_have_the_same_fields(self):
        node = self.start("node.log_format=json")
        connected(self, node, user="quote%22d%C3%A9").close()
        record = node.wait_for_log("closed")
        self.assertEqual(json.loads(record.line)["user"], 'quote"d\u00e9')
        self.assertEqual(str(record["code"]), "1006")
        self.assertGreater(record.time, 0)
        node.stop()
        for line in node.log.lines:
            json.loads(line)

    def test_a_user_cannot_forge_a_line(self):
        node = self.start()
        connected(self, node, user='x"%20event=zombie').close()
        record = node.wait_for_log("closed")
        self.assertEqual(record["user"], 'x" event=zombie')
        line_of_its_own = connected(self, node, user="x%0Ats=now%20event=zombie")
        self.assertEqual(line_of_its_own.read_close().close_code, 4501)
        self.assertEqual(node.wait_for_log("refused")["detail"], "malformed")
        self.assertEqual(node.logged("zombie"), [])

    def test_info_has_phases_and_no_connections(self):
        node = self.start(log_level="info")
        client = connected(self, node)
        client.round_trip()
        client.close()
        node.stop()
        self.assertEqual(node.logged("admitted"), [])
        self.assertGreaterEqual(len(node.logged("phase", level="info")), 3)


class Baseline(NodeTest):
    async def test_descriptors_and_memory_return_to_where_they_were(self):
        node = self.start("node.shards=2", log_level="info")
        await self.come_and_go(node, 400)
        descriptors, memory = await self.settled(node), node.pss()
        await self.come_and_go(node, 2000)
        self.assertEqual(await self.settled(node), descriptors)
        if not node.has_sanitizer():
            self.assertLess(node.pss() - memory, 3 * 1024 * 1024)

    async def come_and_go(self, node, count):
        async def once(number):
            client = await clients.connect(self, node, user=f"u{number}",
                                           subprotocol=("holdfast.v1" if number % 2 else None))
            await client.send(b"x" * 1000)
            while not isinstance(await within(client.recv()), bytes):
                pass
            await client.close()

        for first in range(0, count, 50):
            await asyncio.gather(*map(once, range(first, first + 50)))

    async def settled(self, node):
        """The descriptors when none of a connection is left."""
        def sockets():
            links = (f"/proc/{node.pid}/fd/{fd}" for fd in os.listdir(f"/proc/{node.pid}/fd"))
            return [link for link in links if self.is_connection(node, link)]
        await node.becomes(lambda: not sockets(), what="no connection is left")
        return node.descriptors()

    def is_connection(self, node, link):
        try:
            target = os.readlink(link)
        except FileNotFoundError:
            return False
        if not target.startswith("socket:["):
            return False
        inode = target[8:-1]
        with open(f"/proc/{node.pid}/net/tcp") as table:
            return any(fields[9] == inode and fields[3] == "01"
                       for fields in (line.split() for line in table))


if __name__ == "__main__":
    unittest.main()
