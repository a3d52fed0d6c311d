"""The console against a real node: what it shows is what clients did, what it changes they feel."""

import json
import os
import re
import signal
import subprocess
import tempfile
import types
import unittest
from pathlib import Path

from console_node import Terminal
from log import Log
from raw_client import connected
from support import BINARY, HOST, Node, deadline, environment, ms, run

WIDE = environment(COLUMNS="200")  # tables are cut to 80 columns otherwise


class LiveTest(unittest.TestCase):
    """One node for all tests of a class, unless a test starts another.

    Its clients answer no ping and stay for as long as the tests take: none is a suspect for that.
    """

    settings = ("node.shards=2", "node.name=quay", "heartbeat.ping_interval=3600s",
                "heartbeat.pong_timeout=3500s", "heartbeat.zombie_detection_threshold=3600s")
    home = None

    @classmethod
    def setUpClass(cls):
        cls.for_all = types.SimpleNamespace(addCleanup=cls.addClassCleanup)
        cls.node = cls.begin(cls.for_all)

    @classmethod
    def begin(cls, test, *settings, **how):
        node = Node(*cls.settings, *settings, **how)
        test.addCleanup(node.close)
        return node

    def own_node(self, *settings, **how):
        self.node = self.begin(self, *settings, **how)
        return self.node

    def talking(self, user, test=None):
        client = connected(test or self, self.node, user=user)
        client.echo()
        return client

    @staticmethod
    def at(node):
        return "--socket", f"{node.run_dir}/holdfast.sock"

    def run_it(self, *words, code=0, input=""):
        words = words[0].split() if len(words) == 1 else words
        answer = run(*words, *self.at(self.node), env=WIDE, input=input)
        self.assertEqual(answer.returncode, code, answer.stdout + answer.stderr)
        return answer

    def says(self, *words, code=0):
        return self.run_it(*words, code=code).stdout

    def json_of(self, *words, code=0):
        return json.loads(self.says(*words, code=code))

    def rows(self, *words):
        """A table's lines without its headings, in words."""
        return [line.split() for line in self.says(*words).splitlines()[1:]]

    def id_of(self, user):
        listed, = self.json_of("conns", "--user", user, "--json")["items"]
        return listed["id"]

    def becomes(self, words, pattern, code=0):
        """Asks until the answer has the pattern; counts of a node are a moment behind."""
        def asked():
            answer = run(*words.split(), *self.at(self.node), env=WIDE)
            said.append(answer.stdout + answer.stderr)
            return answer.returncode == code and re.search(pattern, answer.stdout, re.MULTILINE)
        said = []
        return self.node.wait_until(asked, what=f"{pattern} from {words}; it said {said[-1:]}")

    def started(self, *words):
        """A command that goes on, and a log of what it prints."""
        process = subprocess.Popen([BINARY, *words, *self.at(self.node)], text=True, env=WIDE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(self.ended, process)
        process.out, process.err = Log(process.stdout), Log(process.stderr)
        return process

    def ended(self, process):
        if process.poll() is None:
            process.kill()
        process.wait()
        process.out.join(deadline(5))
        process.err.join(deadline(5))

    def until(self, condition, process, what):
        self.node.wait_until(condition, what=f"{what}; it said {process.out.lines}")

    def ends_by_ctrl_c(self, process):
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(deadline(5)), -signal.SIGINT)

    def terminal(self, *words, **more):
        """It on a terminal; whatever a test opens shares one home, and so one history."""
        if not self.home:
            home = tempfile.TemporaryDirectory(prefix="holdfast-")
            self.addCleanup(home.cleanup)
            self.home = home.name
        env = {"XDG_STATE_HOME": self.home, "HOME": self.home}
        opened = Terminal(*words, *self.at(self.node), env=env, **more)
        self.addCleanup(opened.close)
        return opened


class Looking(LiveTest):
    """Eight connections: five of u0, which are its limit, one of u1, a quiet one, one of nobody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        quiet = connected(cls.for_all, cls.node, user="quiet")
        quiet.round_trip()
        for user in ("u0", "u0", "u0", "u0", "u0", "u1", None):
            connected(cls.for_all, cls.node, user=user).echo()

    def setUp(self):
        self.becomes("pool", "users 3")
        self.becomes("status", "users 3")

    def test_status(self):
        said = self.says("status")
        self.assertRegex(said, rf"^node quay  {HOST}:{self.node.port}  serving  up ")
        self.assertRegex(said, r"(?m)^connections  8 of 1,000 \(0\.8 %\) .* users 3, 1 at ")
        node = self.json_of("status --json")["node"]
        self.assertEqual((node["pid"], node["phase"]), (self.node.pid, "serving"))

    def test_pool(self):
        said = self.says("pool")
        self.assertRegex(said, r"^places +8 of 1,000 \(0\.8 %\) +users 3")
        shards = re.findall(r"^ +([01]) +(\d+) .* open$", said, re.MULTILINE)
        self.assertEqual([shard for shard, _ in shards], ["0", "1"])
        self.assertEqual(sum(int(connections) for _, connections in shards), 8)

    def test_stats(self):
        said = self.says("stats")
        self.assertRegex(said, r"(?m)^lifecycle +8 accepted   8 admitted   0 ended ")
        self.assertIn("in 7 msg 35 B   out 7 msg 35 B", said)

    def test_users(self):
        self.assertCountEqual(self.rows("users"),
                              [["u0", "5", "5"], ["u1", "1", "5"], ["quiet", "1", "5"]])
        self.assertIn("1 of 3;", self.run_it("users --limit 1").stderr)
        self.assertEqual(self.rows("users --near"), [["u0", "5", "5"]])
        self.assertRegex(self.says("pool"), r"\nnear their limit\n.*\nu0 +5 +5\n$")

    def test_health(self):
        self.assertRegex(self.says("health"), r"^healthy +8 open\n")
        said = self.says("health --validate")
        self.assertRegex(said, r"^checked +8 connections   8 healthy   0 problems   8 open\n")
        self.assertRegex(said, r"books +ok +places taken of the node's total   8\n")

    def test_conns_are_those_that_are_there(self):
        rows = self.rows("conns")
        self.assertEqual(sorted(row[1] for row in rows), sorted(["-", *["u0"] * 5, "u1", "quiet"]))
        self.assertEqual({row[2] for row in rows}, {"open"})
        admitted = {record["id"] for record in self.node.logged("admitted")}
        self.assertEqual({row[0] for row in rows}, admitted)
        lines = self.says("conns --all --json").splitlines()
        self.assertEqual({json.loads(line)["id"] for line in lines}, admitted)

    def test_conns_by_selectors(self):
        one = self.id_of("u1")
        for words, count in ((["--user", "u0"], 5), (["--user", "u0", "--user", "u1"], 6),
                             (["--id", one], 1), (["--id", one, "--user", "u0"], 0),
                             (["--addr", "127.0.0.0/8"], 8), (["--addr", "203.0.113.0/24"], 0),
                             (["--route", "/echo"], 8), (["--route", "/chat"], 0),
                             (["--state", "open"], 8), (["--state=zombie"], 0),
                             (["--age-gt", "1h"], 0), (["--age-gt", "0ms", "--user", "u1"], 1)):
            with self.subTest(words):
                self.assertEqual(self.json_of("conns", *words, "--json")["total"], count)
        self.assertIn("nothing matches", self.run_it("conns --route /chat").stderr)
        self.assertIn("3 of 8; --limit N", self.run_it("conns --limit 3").stderr)
        self.assertEqual(len(self.rows("conns --limit 3")), 3)

    def test_a_node_knows_every_option_that_asks_for_something(self):
        for command, options in (
                ("conns", "--idle-gt 1ms --rtt-gt 1ms --queue-gt 1KiB --topic news --node quay "
                          "--addr 127.0.0.1 --limit 5"),
                ("conns --all --json", "--user u1 --sort -rtt"),
                *(("conns", f"--sort {key}") for key in "id age idle queue rtt state user".split()),
                *(("conns", f"--state {state}")
                  for state in "handshaking open suspect zombie closing".split()),
                *(("conns top", f"--by {key} --limit 3") for key in "queue rtt idle age".split()),
                ("conns trace", "--for 1ms --limit 1 --user u1 --route /echo --state open"),
                ("conns kick --all --dry-run", "--rate 5 --limit 1 --code 4000 --reason enough"),
                ("conns kick --dry-run", "--age-gt 0ms --addr 127.0.0.1 --route /echo --node quay"),
                ("closed", "--user u1 --addr 127.0.0.1 --route /echo --cause idle --code 4505 "
                           "--limit 5 --cursor 1"),
                ("zombies", "--sort -age"),
                ("drain --plan", "--lb-grace 1s --reconnect-rate 3 --drain-timeout 9s")):
            with self.subTest(f"{command} {options}"):
                self.run_it(*command.split(), *options.split())

    def test_conns_in_order(self):
        def users(order):
            return [user for user, in self.rows(f"conns --columns user --sort {order}")
                    if user != "-"]
        self.assertEqual(users("user"), ["quiet", *["u0"] * 5, "u1"])
        self.assertEqual(users("-user"), ["u1", *["u0"] * 5, "quiet"])
        listed = self.json_of("conns --sort -age --json")["items"]
        self.assertEqual(listed[0]["user"], "quiet")

    def test_conns_top_is_who_stands_out(self):
        self.assertEqual(self.rows("conns top --by idle --limit 1 --columns user"), [["quiet"]])

    def test_one_connection(self):
        one = self.id_of("u1")
        said = self.says("conns", "show", one)
        self.assertRegex(said, rf"^{one}  user u1  open ")
        self.assertRegex(said, rf"from {HOST}:\d+   handler echo   in 1 msg 5 B   out 1 msg 5 B")
        self.assertRegex(said, r"(?m)^history .* handshaking -> open +admitted$")
        for command in ("conns health", "health"):
            self.assertRegex(self.says(*command.split(), one),
                             rf"^{one}  healthy   open   silent for .* 0 of 3 pongs missed")

    def test_who_is_not_there_is_4_and_a_guess(self):
        one = self.id_of("u1")
        for words in (("conns", "show"), ("conns", "health")):
            answer = self.run_it(*words, one + "x", code=4)
            self.assertEqual(answer.stdout, "")
            self.assertIn(f"there is no connection {one}x", answer.stderr)
            self.assertIn(f"did you mean {one}?", answer.stderr)
        self.assertIn("did you mean pool?", self.run_it("actors show pol", code=4).stderr)
        answer = self.run_it("conns", "kick", one + "7777", code=4)
        self.assertIn("no connection matches", answer.stderr)

    def test_fields_are_those_that_were_asked_for(self):
        listed = self.json_of("conns --user u1 --fields user,in.messages,nothing")
        self.assertEqual(listed["items"], [{"user": "u1", "in.messages": 1, "nothing": None}])
        lines = self.says("conns --all --user u1 --fields user").splitlines()
        self.assertEqual([json.loads(line) for line in lines], [{"user": "u1"}])

    def test_actors(self):
        listed = self.rows("actors --columns name,kind,alive,restarts")
        for name, kind in (("pool", "pool"), ("pool/1", "pool_member"), ("shutdown", "shutdown")):
            self.assertIn([name, kind, "yes", "0"], listed)
        members = self.rows("actors --kind pool_member --sort -name --columns name")
        self.assertEqual(members, [["pool/1"], ["pool/0"]])
        shown = [self.says(f"actors show pool/{k}") for k in (0, 1)]
        self.assertRegex(shown[0], r"^pool/0  alive   kind pool_member   below pool ")
        self.assertEqual(sum(int(re.search(r"(?m)^  connections +(\d+)$", each)[1])
                             for each in shown), 8)

    def test_tree(self):
        said = self.says("tree")
        self.assertRegex(said, r"^node quay\n\|- health ")
        self.assertRegex(said, r"(?m)^\|- pool +8 connections   1,000 limit   3 users ")
        self.assertRegex(said, r"(?m)^\|  `- pool/1 +\d connections? ")
        self.assertEqual(self.says("actors tree -o dot"), self.says("tree -o dot"))

    def test_tree_for_programs(self):
        tree = self.json_of("tree -o json")
        self.assertEqual(tree["name"], "node quay")
        below = {each["name"]: [child["name"] for child in each["children"]]
                 for each in tree["children"]}
        self.assertEqual(below["pool"], ["pool/0", "pool/1"])
        self.assertEqual(below["shutdown"], [])
        dot = self.says("tree -o dot")
        self.assertRegex(dot, r"^digraph holdfast \{")
        drawn = set(re.findall(r'"(.*)" -> "(.*)";', dot))
        self.assertEqual(drawn, {("node quay", name) for name in below}
                         | {(name, child) for name, all in below.items() for child in all})

    def test_alerts(self):
        listed = self.rows("alerts --check --columns alert,state")
        self.assertIn(["pool_utilisation", "ok"], listed)
        self.assertIn(["zombie_ratio", "ok"], listed)

    def test_watch_asks_again_until_ctrl_c(self):
        watching = self.started("status", "--watch=100ms")
        self.until(lambda: sum(line.startswith("connections  8 of") for line in watching.out.lines)
                   >= 3, watching, "three looks")
        self.ends_by_ctrl_c(watching)
        self.assertEqual(watching.err.lines, [])

    def test_watched_json_is_an_object_a_line(self):
        watching = self.started("pool", "--json", "--watch=100ms")
        self.until(lambda: len(watching.out.lines) >= 2, watching, "two looks")
        self.ends_by_ctrl_c(watching)
        self.assertEqual([json.loads(line)["connections"] for line in watching.out.lines[:2]],
                         [8, 8])


class Acting(LiveTest):

    def test_a_kick_is_rehearsed_and_then_felt(self):
        clients = [self.talking("kicked") for _ in range(2)]
        listed = {row[0] for row in self.rows("conns --user kicked")}
        said = self.says("conns kick --user kicked --dry-run")
        self.assertIn("would close 2 connections", said)
        self.assertEqual(set(re.findall(r"(\S+) \(kicked\)", said)), listed)
        self.run_it("conns kick --user kicked", code=2)  # it would have to ask
        for client in clients:
            client.echo()
        kick = ("conns", "kick", "--user", "kicked", "--reason", "enough is enough")
        said = self.says(*kick, "--yes")
        self.assertIn("closed 2 connections", said)
        self.assertEqual(set(re.findall(r"(\S+) \(kicked\)", said)), listed)
        for client in clients:
            close = client.read_close()
            self.assertEqual((close.close_code, close.reason), (4503, "enough is enough"))
            client.close()

    def test_one_that_is_named_is_closed_without_a_question(self):
        client, other = self.talking("named"), self.talking("other")
        self.run_it("conns", "kick", self.id_of("named"), "--code", "4999")
        self.assertEqual(client.read_close().close_code, 4999)
        other.echo()

    def test_who_has_gone_has_a_receipt(self):
        client = self.talking("gone")
        one = self.id_of("gone")
        client.close()
        self.becomes("closed --user gone", rf"^\d\d:\d\d:\d\d  {one}  gone  1006 abnormal  after ")
        said = self.says("closed", "--id", one)
        self.assertIn("by the network: the peer went away", said)
        self.assertRegex(said, r"\n +sent 1   acknowledged 0   never written 0   received 1 ")
        self.assertRegex(said, r"(?m)^ .* open -> closed +the peer went away")
        self.assertEqual(self.rows("closed --user gone --columns id,user,code,cause"),
                         [[one, "gone", "1006", "peer_vanished"]])
        self.assertIn("nothing matches", self.run_it("closed --user gone --cause kicked").stderr)
        answer = self.run_it("conns", "show", one, code=4)
        self.assertRegex(answer.stderr, r"it was closed at \d\d:\d\d:\d\d: 1006 abnormal")

    def test_a_trace_shows_what_a_client_does(self):
        client, other = self.talking("traced"), self.talking("other")
        one = self.id_of("traced")
        tracing = self.started("conns", "trace", "--user", "traced", "--limit", "6", "--json")
        def spoken():
            other.echo()
            client.echo(b"seven b")
            return tracing.poll() is not None
        self.until(spoken, tracing, "the end of the trace")
        self.ended(tracing)
        *events, end = map(json.loads, tracing.out.lines)
        self.assertEqual((tracing.returncode, len(events), end["end"]), (0, 6, "limit"))
        self.assertEqual({(each["id"], each["user"]) for each in events}, {(one, "traced")})
        self.assertEqual({each["event"] for each in events}, {"message_in", "message_out"})
        self.assertEqual({each["bytes"] for each in events}, {7})

    def test_a_trace_is_for_people_too(self):
        client = self.talking("told")
        one = self.id_of("told")
        tracing = self.started("conns", "trace", one, "--limit", "2")
        self.until(lambda: client.echo() or tracing.poll() is not None, tracing, "its end")
        self.ended(tracing)
        for line in tracing.out.lines:
            self.assertRegex(line, rf"^\d\d:\d\d:\d\d\.\d{{3}}  message_(in |out) +{one}  told  ")
        self.assertIn("--limit N shows more", "".join(tracing.err.lines))

    def test_a_trace_of_nobody_ends_in_time(self):
        answer = self.run_it("conns trace --user nobody --for 50ms")
        self.assertEqual(answer.stdout, "")
        self.assertIn("--for TIME goes on longer", answer.stderr)

    def test_events_are_what_the_log_says(self):
        watching = self.started("events", "--level", "debug")
        def heard():
            self.talking("loud").close()
            return any(re.match(r"\d\d:\d\d:\d\d\.\d{3}  debug  admitted .* loud  ", line)
                       for line in watching.out.lines)
        self.until(heard, watching, "somebody comes")
        self.node.signal(signal.SIGHUP)
        self.until(lambda: any(re.search(r"  info   reload .* done=", line)
                               for line in watching.out.lines), watching, "a reload")
        self.ends_by_ctrl_c(watching)

    def test_a_reload_says_what_it_took(self):
        with tempfile.TemporaryDirectory(prefix="holdfast-") as directory:
            file = Path(directory) / "holdfast.toml"
            file.write_text("[pool]\nmax_total_connections = 20\n")
            self.own_node(arguments=("--config", str(file)))
            self.assertRegex(self.says("reload"), r"^taken +nothing has changed\n")
            file.write_text("[pool]\nmax_total_connections = 30\n[heartbeat]\nsharing = 1\n")
            answer = self.run_it("reload", code=1)
            self.assertIn("heartbeat.sharing", answer.stdout)
            self.assertIn("nothing was taken", answer.stdout)
            self.assertIn("0 of 20 ", self.says("pool"))
            file.write_text("[pool]\nmax_total_connections = 30\n[node]\nlog_format = 'json'\n")
            self.assertRegex(self.says("reload"), r"^taken +pool.max_total_connections\n"
                                                  r"needs restart +node.log_format\n")
            self.becomes("pool", "^places +0 of 30 ")


class Zombies(LiveTest):
    settings = (*LiveTest.settings, f"heartbeat.ping_interval={ms(150)}",
                f"heartbeat.pong_timeout={ms(100)}", "heartbeat.max_missed_pongs=2",
                "heartbeat.on_zombie=mark")

    @classmethod
    def setUpClass(cls):
        """Each test has a node of its own, as a zombie is everybody's."""

    def setUp(self):
        self.own_node()
        self.mute = [connected(self, self.node, user="mute") for _ in range(2)]
        zombies = self.node.wait_for_log("zombie", count=2, user="mute")
        self.ids = {zombie["id"] for zombie in zombies}

    def test_they_are_listed_and_6(self):
        self.assertEqual({tuple(row[:3]) for row in self.rows("zombies")},
                         {(one, "mute", "zombie") for one in self.ids})
        self.becomes("status", r"^heartbeat .* 0 suspect, 2 zombies \(100 %\)$")
        self.assertEqual(len(self.rows("conns --state zombie")), 2)
        said = self.says("health --validate", code=6)
        self.assertRegex(said, r"^checked +2 connections   0 healthy   2 problems   2 zombie\n")
        one = min(self.ids)
        for words in (("conns", "health", one), ("health", one)):
            said = self.says(*words, code=6)
            self.assertRegex(said, rf"^{one}  not healthy   zombie .* 2 of 2 pongs missed")
        self.assertRegex(self.says("conns", "show", one), r"(?m)^ +-00:\d\d  suspect -> zombie ")

    def test_they_are_closed_by_clean(self):
        self.assertIn("would close 2 zombies", self.says("zombies clean --dry-run"))
        self.assertIn("--yes", self.run_it("zombies clean", code=2).stderr)
        self.assertEqual(len(self.rows("zombies")), 2)
        said = self.says("zombies clean --yes")
        self.assertIn("closed 2 zombies", said)
        self.assertEqual(set(re.findall(r"(\S+) \(mute\)", said)), self.ids)
        for client in self.mute:
            self.assertEqual(client.read_close().close_code, 4000)
            client.close()
        self.assertIn("there are no zombies", self.run_it("zombies").stderr)
        self.becomes("closed --user mute --columns id,code", r"(?s) 4000\n.* 4000$")
        self.assertEqual(self.says("zombies clean --yes"), "closed 0 zombies\n")


class Draining(LiveTest):

    def test_a_plan_changes_nothing(self):
        client = self.talking("stays")
        said = self.says("drain --plan --reconnect-rate 5")
        self.assertRegex(said, r"^plan for node quay \(nothing is changed\)\n")
        self.assertIn("0 clients get a lease; 1 plain one is closed", " ".join(said.split()))
        self.assertRegex(self.says("drain status"), r"^no drain +the node serves   1 connection ")
        self.assertIn("no drain is running", self.run_it("drain cancel", code=1).stderr)
        client.echo()
        client.close()
        self.becomes("status", "^connections  0 of")

    def test_a_drain_is_begun_followed_and_cancelled(self):
        self.own_node()
        client = self.talking("stays")
        self.assertIn("--yes", self.run_it("drain", code=2).stderr)
        self.assertRegex(self.says("drain --lb-grace 25s --yes"), r"^drain +unready ")
        said = self.says("drain status")
        self.assertRegex(said, r"^drain +unready   for .* at most to go   1 connection open ")
        self.assertIn("waits for the load balancer", said)
        self.assertIn("a drain is under way", self.says("health", code=6))
        self.assertIn("under way already", self.run_it("drain --yes", code=1).stderr)
        self.assertRegex(self.says("drain cancel"), r"^no drain +the node serves   1 connection ")
        self.assertRegex(self.says("status"), "^node quay .* serving ")
        client.echo()

    def test_a_drain_ends_the_node_and_then_nobody_answers(self):
        node = self.own_node(f"limits.close_timeout={ms(500)}")
        client = self.talking("goes")
        self.run_it("drain --reconnect-rate 50 --yes")
        self.assertEqual(client.read_close().close_code, 1012)
        client.close()
        self.assertEqual(node.wait_exit(), 0)
        for words in ("drain status", "status", "conns", "conns trace", "events"):
            answer = self.run_it(words, code=3)
            self.assertEqual(answer.stdout, "")
            self.assertIn(f"no node answers on {node.run_dir}/holdfast.sock", answer.stderr)

    def test_a_node_that_was_killed_does_not_answer(self):
        node = self.own_node()
        watching = self.started("events")
        following = self.started("status", "--watch=100ms")
        self.until(lambda: following.out.lines, following, "a look")
        node.kill()
        self.assertTrue(os.path.exists(f"{node.run_dir}/holdfast.sock"))
        self.assertIn("no node answers", self.run_it("status", code=3).stderr)
        self.assertEqual(following.wait(deadline(5)), 3)
        self.assertEqual(watching.wait(deadline(5)), 3)
        self.ended(watching)
        self.assertIn("no node answers", "".join(watching.err.lines))


class OverTcp(LiveTest):

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="holdfast-")
        self.addCleanup(directory.cleanup)
        self.token, self.other = (Path(directory.name) / name for name in ("token", "other"))
        for file in (self.token, self.other):
            file.touch(mode=0o600)
            file.write_text(file.name * 10)

    def test_on_loopback_anyone_may_look_and_who_has_the_token_may_change(self):
        node = self.own_node(f"admin.listen={HOST}:0", f"admin.token_file={self.token}")
        line, = [line for line in node.out.lines if "the admin API" in line]
        url = line.split()[0]
        client = self.talking("u1")
        for token, why in (((), "this needs the token"),
                           (("--token-file", self.other), "the token is not this node's")):
            self.assertIn("u1", run("users", "--url", url, *token).stdout)
            answer = run("conns", "kick", "--user", "u1", "--yes", "--url", url, *token)
            self.assertEqual((answer.returncode, answer.stdout), (5, ""))
            self.assertIn(why, answer.stderr)
        client.echo()
        kick = ("conns", "kick", "--user", "u1", "--yes", "--url", url, "--token-file", self.token)
        self.assertIn("closed 1 connection", run(*kick).stdout)
        self.assertEqual(client.read_close().close_code, 4503)
        client.close()
        node.stop()
        answer = run(*kick)
        self.assertEqual(answer.returncode, 3)
        self.assertIn(f"no node answers on {url}", answer.stderr)


class Typing(LiveTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.quiet = connected(cls.for_all, cls.node, user="quiet")
        cls.loud = connected(cls.for_all, cls.node, user="loud")
        cls.quiet.round_trip()
        cls.loud.round_trip()

    def opened(self, **more):
        terminal = self.terminal(BINARY, "console", **more)
        terminal.prompts("quay>")
        return terminal

    def test_commands_show_who_is_there(self):
        terminal = self.opened()
        terminal.type("users\n")
        terminal.shows("^quiet +1 +5$")
        terminal.prompts("quay>")
        terminal.type("conns --user loud --columns id,user\n")
        terminal.shows(rf"^{self.id_of('loud')}  loud$")
        terminal.prompts("quay>")
        terminal.type("exit\n")
        self.assertEqual(terminal.wait_exit(), 0)

    def test_a_script_stops_where_the_node_knows_nobody(self):
        answer = self.run_it("console", code=4, input="users\nconns show nobody\npool\n")
        self.assertRegex(answer.stdout, r"(?m)^loud +1 +5$")
        self.assertNotIn("places", answer.stdout)
        self.assertIn("line 2 failed", answer.stderr)

    def test_tab_completes_who_is_connected_now(self):
        terminal = self.opened()
        terminal.type("conns kick --user qu\t")
        terminal.line_is("quay> conns kick --user quiet")
        terminal.type("\x15")
        one = self.id_of("loud")
        terminal.type(f"con\tsh\t{self.beginning_of(one)}\t")
        terminal.line_is(f"quay> conns show {one}")
        terminal.type("\n")
        terminal.shows(rf"^{one}  user loud  open ")
        terminal.prompts("quay>")
        client = self.talking("newcomer")
        terminal.type("closed --user newc\t")
        terminal.line_is("quay> closed --user newcomer")
        client.close()

    def beginning_of(self, one):
        """The least of it that is nobody else's."""
        others = [row[0] for row in self.rows("conns") if row[0] != one]
        return next(one[:size] for size in range(1, len(one) + 1)
                    if not any(other.startswith(one[:size]) for other in others))

    def test_a_kick_is_asked_about_and_done(self):
        clients = [self.talking("many") for _ in range(2)]
        terminal = self.opened()
        terminal.type("conns kick --user many\n")
        terminal.shows("would close 2 connections")
        terminal.shows(r"Close them\? \[y/N\]")
        clients[0].echo()
        terminal.type("y\n")
        terminal.shows("^closed 2 connections")
        for client in clients:
            self.assertEqual(client.read_close().close_code, 4503)
            client.close()

    def test_a_mistake_does_not_end_it_and_ctrl_c_ends_a_watch(self):
        terminal = self.opened()
        terminal.type("conns show nobody\n")
        terminal.shows("there is no connection nobody")
        terminal.prompts("quay>")
        terminal.type("status --watch=100ms\n")
        terminal.shows("^connections  2 of 1,000")
        terminal.type("\x03")
        terminal.prompts("quay>")
        terminal.type("\x04")
        self.assertEqual(terminal.wait_exit(), 0)

    def test_history_is_there_the_next_time(self):
        terminal = self.opened()
        terminal.type("users --limit 7\n")
        terminal.shows("^quiet")
        terminal.prompts("quay>")
        terminal.type("exit\n")
        self.assertEqual(terminal.wait_exit(), 0)
        terminal = self.opened()
        terminal.type("\x1b[A")
        terminal.line_is("quay> exit")
        terminal.type("\x1b[A")
        terminal.line_is("quay> users --limit 7")
        terminal.type("\n")
        terminal.shows("^quiet")

    def test_a_node_that_goes_is_said_and_does_not_end_it(self):
        self.own_node()
        terminal = self.opened()
        self.node.stop()
        terminal.type("status\n")
        terminal.shows("no node answers")
        terminal.line_is("quay>")


class Top(LiveTest):

    def test_rows_are_alive_and_q_gives_the_terminal_back(self):
        first = self.talking("first")
        top = " ".join([BINARY, "top", "--every", "100ms", *self.at(self.node)])
        terminal = Terminal("/bin/sh", "-c", f"{top}; echo code=$?; stty -a", lines=40)
        self.addCleanup(terminal.close)
        terminal.shows(rf"^node quay  {HOST}:{self.node.port}  serving")
        terminal.shows("^connections +1 of 1,000")
        terminal.wait(terminal.is_raw, "raw mode")
        one = self.id_of("first")
        terminal.wait(lambda: first.echo() or re.search(
            rf"(?m)^busiest .*\n{one}  first  open +[1-9]\S*/s ", terminal.text()), "messages")
        second = self.talking("second")
        terminal.shows("^connections +2 of 1,000")
        terminal.shows(r"(?s)^slowest .*second  open ")
        second.close()
        terminal.wait(lambda: "second" not in terminal.text(), "second has gone")
        terminal.type("q")
        terminal.shows("code=0")
        terminal.wait_exit()
        before, after = terminal.raw.split(b"\x1b[?1049l")
        self.assertIn(b"\x1b[?1049h", before)
        self.assertRegex(after.decode(), r"(?s)(?<!-)\bicanon\b.*(?<!-)\becho\b")

    def test_a_node_that_goes_is_said(self):
        self.own_node()
        terminal = self.terminal(BINARY, "top", "--every", "100ms")
        terminal.shows("^connections +0 of 1,000")
        self.node.stop()
        terminal.shows("no node answers")
        terminal.type("q")
        self.assertEqual(terminal.wait_exit(), 0)


if __name__ == "__main__":
    unittest.main()
