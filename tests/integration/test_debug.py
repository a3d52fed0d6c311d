"""`holdfast debug`: a node that allows it is looked at, and broken, from outside."""

import json
import os
import socket
import stat
import tempfile

from support import NodeTest, run


class Debug(NodeTest):

    def ask(self, node, *words):
        return run("debug", "--run-dir", node.run_dir, *words)

    def actors(self, node):
        """name -> (restarts, last failure)"""
        answer = self.ask(node, "actors")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        rows = [line.split(None, 7) for line in answer.stdout.splitlines()[1:]]
        return {row[0]: (int(row[3]), row[7]) for row in rows}

    def test_the_cause_of_a_restart_can_be_read(self):
        node = self.start(arguments=["--debug"])
        self.assertEqual(self.ask(node, "throw", "health", "out of luck").returncode, 0)
        self.assertEqual(self.ask(node, "kill", "pool/0").returncode, 0)
        node.wait_for_log("actor_failed", count=2)
        actors = self.actors(node)
        self.assertEqual(actors["health"], (1, "out of luck"))
        self.assertEqual(actors["pool/0"], (1, "exit_reason(kill)"))
        self.assertEqual(actors["router"], (0, "-"))

    def test_counts_are_one_json_object(self):
        node = self.start(arguments=["--debug"])
        counts = json.loads(self.ask(node, "counts").stdout)
        self.assertEqual((counts["open"], counts["limit"], counts["phase"]), (0, 1000, "serving"))

    def test_a_drain_is_begun_and_cancelled(self):
        node = self.start("shutdown.lb_grace=60s", arguments=["--debug"])
        self.assertEqual(self.ask(node, "cancel-drain").returncode, 1)
        self.assertEqual(self.ask(node, "drain").returncode, 0)
        node.wait_for_log("phase", phase="unready")
        self.assertEqual(self.ask(node, "cancel-drain").returncode, 0)
        node.wait_for_log("phase", phase="serving")
        node.signal(15)
        node.signal(15)

    def test_an_unknown_actor_is_named_with_the_nearest(self):
        node = self.start(arguments=["--debug"])
        answer = self.ask(node, "kill", "pool/O")
        self.assertEqual(answer.returncode, 4)
        self.assertIn("did you mean pool/0?", answer.stderr)

    def test_what_is_no_line_of_a_request_is_not_sent(self):
        node = self.start(arguments=["--debug"])
        for words in (("kill", "pool/0\nkill pool/1"), ("throw", "health", "a\nb"),
                      ("throw", "health", "x" * 2000)):
            answer = self.ask(node, *words)
            self.assertEqual(answer.returncode, 2, answer.stderr)
            self.assertIn("one line", answer.stderr)
        self.assertEqual({restarts for restarts, _ in self.actors(node).values()}, {0})

    def test_without_debug_nobody_answers(self):
        node = self.start()
        answer = self.ask(node, "counts")
        self.assertEqual(answer.returncode, 3)
        self.assertIn("serve --debug", answer.stderr)

    def test_the_socket_is_its_owners_alone_and_goes_with_the_node(self):
        node = self.start(arguments=["--debug"])
        path = os.path.join(node.run_dir, "debug.sock")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        node.stop()
        self.assertFalse(os.path.exists(path))

    def test_a_socket_left_by_a_kill_is_no_obstacle(self):
        directory = self.temporary_directory()
        self.start(arguments=["--debug"], run_dir=directory).kill()
        self.assertTrue(os.path.exists(os.path.join(directory, "debug.sock")))
        node = self.start(arguments=["--debug"], run_dir=directory)
        self.assertEqual(self.ask(node, "counts").returncode, 0)

    def test_a_long_path_is_refused_in_words(self):
        directory = tempfile.mkdtemp(prefix="x" * 100, dir=self.temporary_directory())
        node = self.start("admin.socket=/tmp/unused.sock", arguments=["--debug"], run_dir=directory,
                          expect_start=False)
        node.exit_expected = 1
        node.wait_exit()
        self.assertIn("too long for a socket", node.story())

    def test_nonsense_on_the_socket_harms_nobody(self):
        node = self.start(arguments=["--debug"])
        for sent in (b"\n", b"kill\n", b"kill \0\n", b"x" * 5000 + b"\n", b"counts"):
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(os.path.join(node.run_dir, "debug.sock"))
                s.sendall(sent)
        self.assertEqual(self.ask(node, "counts").returncode, 0)
