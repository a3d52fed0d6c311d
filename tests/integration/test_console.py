"""The console's commands through the real binary, against a node that says what a test wants."""

import json
import os
import signal
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from console_node import (BINARY, Canned, DRAIN, STATUS, Terminal, actor, connection, error, page,
                          receipt)
from support import ROOT, deadline, environment, run, skip_or_fail

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e\u009b1m\r\nfake"


class ConsoleTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="holdfast-")
        self.addCleanup(temporary.cleanup)
        self.directory = temporary.name
        self.socket = os.path.join(self.directory, "holdfast.sock")
        self.node = Canned(self.socket)
        self.addCleanup(self.node.close)

    def run_it(self, *words, code=0, env=None, input=""):
        answer = run(*words, "--socket", self.socket, input=input, env=env)
        self.assertEqual(answer.returncode, code, answer.stdout + answer.stderr)
        return answer

    def terminal(self, *words, **more):
        env = {"XDG_STATE_HOME": self.directory, "HOME": self.directory, **more.pop("env", {})}
        opened = Terminal(BINARY, *words, "--socket", self.socket, env=env, **more)
        self.addCleanup(opened.close)
        return opened


class Commands(ConsoleTest):

    def test_status_is_printed(self):
        answer = self.run_it("status")
        self.assertIn("connections  8,214 of 20,000 (41 %)", answer.stdout)
        self.assertEqual(answer.stderr, "")
        self.assertNotIn("\x1b", answer.stdout)

    def test_json_is_the_api_s_object(self):
        self.assertEqual(json.loads(self.run_it("status", "--json").stdout), STATUS)
        listed = json.loads(self.run_it("conns", "--json").stdout)
        self.assertEqual([each["id"] for each in listed["items"]], ["a-7-8f21", "a-7-9999"])
        self.assertIsNone(listed["next"])

    def test_every_command_that_looks_prints_something(self):
        for words in ("pool", "health", "conns", "conns list", "conns show a-7-8f21", "conns top",
                      "closed", "users", "zombies", "actors", "actors show pool/0", "tree",
                      "tree -o dot", "tree -o json", "drain status", "drain --plan"):
            with self.subTest(words):
                self.assertNotEqual(self.run_it(*words.split()).stdout, "")

    def test_nobody_who_answers_is_a_sentence_and_3(self):
        nowhere = os.path.join(self.directory, "nowhere.sock")
        answer = run("status", "--socket", nowhere)
        self.assertEqual((answer.returncode, answer.stdout), (3, ""))
        self.assertIn(f"no node answers on {nowhere}", answer.stderr)
        self.assertIn("holdfast serve", answer.stderr)
        self.assertIn("--socket PATH", answer.stderr)

    def test_a_run_directory_names_the_socket(self):
        answer = run("status", "--run-dir", self.directory)
        self.assertEqual(answer.returncode, 0, answer.stderr)
        usual = environment(HOLDFAST_NODE__RUN_DIR=self.directory)
        self.assertEqual(run("status", env=usual).returncode, 0)

    def test_a_silent_node_is_given_up(self):
        self.node.silent.add("/v1/status")
        answer = self.run_it("status", "--timeout", "200ms", code=7)
        self.assertEqual(answer.stdout, "")
        self.assertIn("has not answered in time", answer.stderr)

    def test_a_partial_answer_is_printed_and_ends_with_7(self):
        self.node.answers["GET", "/v1/status"] = {**STATUS, "partial": ["pool/1"]}
        answer = self.run_it("status", code=7)
        self.assertIn("8,214", answer.stdout)
        self.assertIn("pool/1 did not answer in time", answer.stderr)

    def test_a_refusal_is_5(self):
        self.node.answers["GET", "/v1/status"] = error("denied", "the token is wrong")
        self.node.status["/v1/status"] = 403
        self.assertIn("the token is wrong", self.run_it("status", code=5).stderr)

    def test_a_wrong_id_is_4_and_says_where_it_went(self):
        answer = self.run_it("conns", "show", "a-7-0000", code=4)
        self.assertIn("it was closed at", answer.stderr)
        self.node.answers["GET", "/v1/closed"] = page([])
        answer = self.run_it("conns", "show", "a-7-8f2", code=4)
        self.assertIn("did you mean a-7-8f21?", answer.stderr)

    def test_a_check_that_fails_is_6(self):
        self.node.answers["GET", "/v1/health"] = {"healthy": False, "findings": ["3 zombies"],
                                                  "states": {}, "alerts": [], "partial": []}
        self.assertIn("3 zombies", self.run_it("health", code=6).stdout)

    def test_wrong_words_are_2_and_ask_nobody(self):
        for words in (["conns", "--stat", "open"], ["conns", "list", "--limit", "x"],
                      ["conns", "kick"], ["drain", "canel"]):
            self.run_it(*words, code=2)
        self.assertEqual(self.node.asked, [])

    def test_an_answer_that_is_no_json_is_no_node(self):
        for body in (b"<html>", b'{"a":', b"[" * 100000, b""):
            self.node.answers["GET", "/v1/status"] = body
            self.assertIn("no node of Holdfast", self.run_it("status", code=1).stderr)

    def test_what_others_have_chosen_cannot_draw(self):
        evil = connection(HOSTILE, HOSTILE, route=HOSTILE, address=HOSTILE, state=HOSTILE)
        self.node.answers["GET", "/v1/connections"] = page([evil], partial=[HOSTILE])
        self.node.answers["GET", "/v1/closed"] = page([receipt(detail=HOSTILE, user=HOSTILE)])
        self.node.answers["GET", "/v1/actors"] = {"items": [actor(HOSTILE)], "partial": []}
        self.node.answers["GET", "/v1/pool"] = error("denied", HOSTILE, HOSTILE)
        self.node.status["/v1/pool"] = 403
        self.node.streams["/v1/trace"] = [json.dumps({"at": "x", "event": HOSTILE, "id": HOSTILE}),
                                          json.dumps({"end": "limit"})]
        for words, code in (("conns", 7), ("conns --json", 7), ("closed", 0), ("tree", 0),
                            ("tree -o dot", 0), ("actors", 0), ("pool", 5), ("conns trace", 0),
                            ("conns trace --json", 0), ("conns show " + "x\x1b[2J", 4)):
            words = words.split(" ", 2) if "\x1b" in words else words.split()
            answer = self.run_it(*words, code=code)
            for character in "\x1b\x07\r\u202e\u009b":
                self.assertNotIn(character, answer.stdout + answer.stderr, words)

    def test_without_a_terminal_nothing_for_many_is_done_without_yes(self):
        for words in (["conns", "kick", "--user", "u42"], ["zombies", "clean"], ["drain"]):
            answer = self.run_it(*words, code=2, input="y\n")
            self.assertIn("--yes", answer.stderr)
        self.assertEqual(self.node.asked, [])

    def test_a_dry_run_changes_nothing_and_yes_does(self):
        answer = self.run_it("conns", "kick", "--user", "u42", "--dry-run")
        self.assertIn("would close 2 connections", answer.stdout)
        self.assertTrue(json.loads(self.node.asked[0][2])["dry_run"])
        answer = self.run_it("conns", "kick", "--user", "u42", "--yes")
        self.assertIn("closed 2 connections", answer.stdout)
        self.assertFalse(json.loads(self.node.asked[1][2])["dry_run"])

    def test_an_answer_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run([BINARY, "status", "--socket", self.socket], stdout=full,
                                  stderr=subprocess.PIPE, text=True, env=environment(),
                                  timeout=deadline(20), check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("could not be written", done.stderr)

    def test_a_drain_takes_its_options(self):
        answer = self.run_it("drain", "--reconnect-rate", "200", "--lb-grace", "5s", "--yes")
        self.assertIn("unready", answer.stdout)
        self.assertEqual(json.loads(self.node.asked[0][2]),
                         {"reconnect_rate": 200, "lb_grace_ms": 5000})

    def test_a_trace_is_lines_and_says_why_it_ends(self):
        event = {"at": "2026-11-23T03:12:07.119Z", "event": "ping", "id": "a", "user": "u42"}
        self.node.streams["/v1/trace"] = [json.dumps(event), json.dumps({"end": "time"})]
        answer = self.run_it("conns", "trace", "--user", "u42")
        self.assertEqual(answer.stdout.split(), ["03:12:07.119", "ping", "a", "u42"])
        self.assertIn("--for TIME", answer.stderr)
        lines = self.run_it("conns", "trace", "--json").stdout.splitlines()
        self.assertEqual(json.loads(lines[0]), event)

    def test_events_are_printed_as_they_come(self):
        self.node.streams["/v1/events"] = ["event: zombie", 'data: {"at":"x","event":"zombie"}', ""]
        watching = subprocess.Popen([BINARY, "events", "--json", "--socket", self.socket],
                                    stdout=subprocess.PIPE, text=True, env=environment())
        self.addCleanup(watching.stdout.close)
        self.addCleanup(watching.wait)
        self.addCleanup(watching.kill)
        self.assertEqual(json.loads(watching.stdout.readline())["event"], "zombie")
        watching.send_signal(signal.SIGINT)
        self.assertEqual(watching.wait(deadline(5)), -signal.SIGINT)

    def test_top_without_a_terminal_says_what_to_do(self):
        self.assertIn("--watch", self.run_it("top", code=2).stderr)


class OnATerminal(ConsoleTest):

    def test_a_table_fits_and_has_colour(self):
        self.node.answers["GET", "/v1/connections"] = page(
            [connection(user="\u65e5\u672c\u8a9e" * 20, state="zombie")])
        terminal = self.terminal("conns", columns=60)
        self.assertEqual(terminal.wait_exit(), 0)
        self.assertIn(b"\x1b[31mzombie", terminal.raw)
        rows = terminal.text().splitlines()
        self.assertEqual(len(rows), 2, terminal.text())

    def test_no_color_is_obeyed(self):
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            terminal = self.terminal("status", env=env)
            self.assertEqual(terminal.wait_exit(), 0)
            self.assertNotIn(b"\x1b", terminal.raw)

    def test_what_is_long_goes_through_the_pager(self):
        self.node.answers["GET", "/v1/connections"] = page([connection()] * 60)
        kept = os.path.join(self.directory, "paged")
        env = {"PAGER": f"cat > {kept}"}
        self.assertEqual(self.terminal("conns", env=env).wait_exit(), 0)
        self.assertEqual(len(Path(kept).read_text().splitlines()), 61)
        os.remove(kept)
        self.assertEqual(self.terminal("status", env=env).wait_exit(), 0)
        self.assertFalse(os.path.exists(kept))

    def test_a_pager_that_is_not_there_is_done_without(self):
        self.node.answers["GET", "/v1/connections"] = page([connection()] * 60)
        terminal = self.terminal("conns", env={"PAGER": "no-such-pager"})
        self.assertEqual(terminal.wait_exit(), 0)
        terminal.shows("a-7-8f21")

    def test_many_are_asked_about(self):
        terminal = self.terminal("conns", "kick", "--user", "u42")
        terminal.shows(r"would close 2 connections")
        terminal.shows(r"a-7-8f21 \(u42\), a-7-9999")
        terminal.shows(r"Close them\? \[y/N\]")
        terminal.type("n\n")
        self.assertEqual(terminal.wait_exit(), 1)
        self.assertEqual([json.loads(body)["dry_run"] for _, _, body in self.node.asked], [True])
        terminal = self.terminal("conns", "kick", "--user", "u42")
        terminal.shows(r"\[y/N\]")
        terminal.type("y\n")
        self.assertEqual(terminal.wait_exit(), 0)
        self.assertFalse(json.loads(self.node.asked[-1][2])["dry_run"])

    def test_a_drain_shows_its_plan_and_asks(self):
        terminal = self.terminal("drain")
        terminal.shows("drain at 500/s")
        terminal.shows(r"the node ends. Go on\? \[y/N\]")
        terminal.type("\n")
        self.assertEqual(terminal.wait_exit(), 1)
        self.assertEqual([body for _, _, body in self.node.asked], ['{"plan":true}'])

    def test_watch_draws_again(self):
        terminal = self.terminal("drain", "status", "--watch=50ms")
        terminal.shows("no drain")
        self.node.answers["GET", "/v1/drain"] = DRAIN
        terminal.shows("^drain   unready")
        terminal.type("\x03")
        self.assertEqual(terminal.wait_exit(), -signal.SIGINT)


class Completion(ConsoleTest):

    def setUp(self):
        super().setUp()
        self.bin = os.path.join(self.directory, "bin")
        os.mkdir(self.bin)
        os.symlink(BINARY, os.path.join(self.bin, "holdfast"))
        self.env = {"PATH": f"{self.bin}:{os.environ['PATH']}", "PS1": "$ ", "HOME": self.directory,
                    "HOLDFAST_NODE__RUN_DIR": self.directory}

    def shell(self, path, *arguments):
        if not os.path.exists(path):
            skip_or_fail(self, f"{path} is not installed")
        opened = Terminal(path, *arguments, env=self.env, columns=100)
        self.addCleanup(opened.close)
        return opened

    def completes(self, shell):
        """Types what is to be completed, behind a prompt."""
        shell.type("holdfast conns ki\t")
        shell.line_is("$ holdfast conns kick")
        shell.type("--dry\t")
        shell.line_is("$ holdfast conns kick --dry-run")
        shell.type("--user u4\t")
        shell.line_is("$ holdfast conns kick --dry-run --user u42")
        shell.type("--state=su\t")
        shell.line_is("$ holdfast conns kick --dry-run --user u42 --state=suspect")

    def test_in_bash(self):
        shell = self.shell("/bin/bash", "--norc", "--noprofile", "-i")
        shell.prompts("$")
        shell.type("source <(holdfast completion bash); echo done\n")
        shell.shows("^done")
        shell.prompts("$")
        self.completes(shell)

    def test_in_zsh(self):
        shell = self.shell("/usr/bin/zsh", "-f", "-i")
        shell.prompts("$")
        shell.type("autoload -Uz compinit && compinit -u -D; source <(holdfast completion zsh)"
                   "; print done\n")
        shell.shows("^done")
        shell.prompts("$")
        self.completes(shell)

    def test_in_fish(self):
        if not os.path.exists("/usr/bin/fish"):
            skip_or_fail(self, "fish is not installed")
        def candidates(line):
            done = subprocess.run(
                ["/usr/bin/fish", "--no-config", "-c",
                 f"holdfast completion fish | source; complete -C '{line}'"],
                capture_output=True, text=True, env=environment(**self.env), timeout=deadline(20))
            return [each.split("\t")[0] for each in done.stdout.splitlines()]
        self.assertEqual(candidates("holdfast conns ki"), ["kick"])
        self.assertIn("--dry-run", candidates("holdfast conns kick --dr"))
        self.assertEqual(candidates("holdfast closed --user u"), ["u42"])

    def test_names_that_a_shell_would_obey_are_not_offered(self):
        trap = os.path.join(self.directory, "trap")
        self.node.answers["GET", "/v1/users"] = page(
            [{"user": user, "connections": 1, "limit": 5}
             for user in (f"$(touch {trap})", f"`touch {trap}`", "u42", "a b", HOSTILE, "-rf")])
        answer = subprocess.run([BINARY, "__complete", "holdfast closed --user "],
                                capture_output=True, text=True, env=environment(**self.env))
        self.assertEqual(answer.stdout, "words\nu42\n")
        shell = self.shell("/bin/bash", "--norc", "--noprofile", "-i")
        shell.type("source <(holdfast completion bash); echo done\n")
        shell.shows("^done")
        shell.prompts("$")
        shell.type("holdfast closed --user \t")
        shell.line_is("$ holdfast closed --user u42")
        self.assertFalse(os.path.exists(trap))

    def test_a_node_that_is_not_there_is_no_hindrance(self):
        self.env["HOLDFAST_NODE__RUN_DIR"] = "/nowhere"
        for line in ("holdfast closed --user ", "holdfast health "):
            answer = subprocess.run([BINARY, "__complete", line], capture_output=True, text=True,
                                    env=environment(**self.env))
            self.assertEqual((answer.returncode, answer.stderr), (0, ""))


class Repl(ConsoleTest):

    def opened(self, **more):
        terminal = self.terminal("console", **more)
        terminal.prompts("a>")
        return terminal

    def test_commands_are_typed_and_ctrl_d_leaves(self):
        terminal = self.opened()
        terminal.type("users\n")
        terminal.shows("^u42 +5 +5")
        terminal.prompts("a>")
        terminal.type("\x04")
        self.assertEqual(terminal.wait_exit(), 0)

    def test_tab_completes_commands_options_and_names(self):
        terminal = self.opened()
        terminal.type("con\tsh\ta-7-8\t")
        terminal.line_is("a> conns show a-7-8f21")
        terminal.type("\n")
        for line in ("topics +news", "groups +staff", "attributes +plan=pro", "handler +count=3"):
            terminal.shows(f"^{line}")
        terminal.prompts("a>")
        terminal.type("conns --sta\tz\t")
        terminal.line_is("a> conns --state zombie")
        terminal.type("\x15cl\t--us\tu\t")
        terminal.line_is("a> closed --user u42")

    def test_several_candidates_are_listed_below(self):
        terminal = self.opened()
        terminal.type("st\t")
        terminal.line_is("a> stat")
        terminal.type("\t")
        terminal.shows("status +The node at a glance")
        terminal.shows("stats +All counters")
        terminal.type("u\t")
        terminal.line_is("a> status")

    def test_ctrl_c_clears_the_line(self):
        terminal = self.opened()
        terminal.type("conns kick --all")
        terminal.line_is("a> conns kick --all")
        terminal.type("\x03")
        terminal.line_is("a>")
        terminal.type("pool\n")
        terminal.shows("^places")
        self.assertEqual([target for _, target, _ in self.node.asked], ["/v1/status", "/v1/pool"])

    def test_ctrl_c_ends_a_stream_and_not_the_console(self):
        self.node.streams["/v1/events"] = ['data: {"at":"x","event":"zombie"}']
        terminal = self.opened()
        terminal.type("events\n")
        terminal.shows("zombie")
        terminal.type("\x03")
        terminal.line_is("a>")
        terminal.type("status --watch=50ms\n")
        terminal.shows("8,214 of 20,000")
        terminal.type("\x03")
        terminal.line_is("a>")
        terminal.type("exit\n")
        self.assertEqual(terminal.wait_exit(), 0)

    def test_a_mistake_does_not_end_it(self):
        terminal = self.opened()
        terminal.type("statsu\n")
        terminal.shows("did you mean stat")
        terminal.line_is("a>")
        terminal.type("conns show nobody\n")
        terminal.shows("it was closed at")

    def test_history_is_kept_for_its_user_alone(self):
        terminal = self.opened()
        terminal.type("users\n")
        terminal.shows("^u42")
        terminal.type("  pool\n")
        terminal.shows("^places")
        terminal.prompts("a>")
        terminal.type("\x04")
        terminal.wait_exit()
        kept = os.path.join(self.directory, "holdfast", "history")
        self.assertEqual(stat.S_IMODE(os.stat(kept).st_mode), 0o600)
        self.assertNotIn("pool", Path(kept).read_text())
        terminal = self.opened()
        terminal.type("\x1b[A")
        terminal.line_is("a> users")

    def test_text_beyond_ascii_can_be_typed(self):
        terminal = self.opened()
        terminal.type("closed --user J\u00fcrgen\n")
        terminal.shows("4000 heartbeat lost")
        self.assertIn("/v1/closed?user=J%C3%BCrgen", [target for _, target, _ in self.node.asked])

    def test_the_terminal_is_given_back_when_it_is_killed(self):
        terminal = self.opened()
        terminal.wait(terminal.is_raw, "raw mode")
        terminal.signal(signal.SIGTERM)
        self.assertEqual(terminal.wait_exit(), -signal.SIGTERM)

    def test_nobody_who_answers_ends_it_at_once(self):
        answer = run("console", "--socket", self.socket + "x", input="status\n")
        self.assertEqual(answer.returncode, 3)

    def test_a_script_stops_at_the_first_failure(self):
        answer = self.run_it("console", input="# what there is\nusers\nconns show x\npool\n", code=4)
        self.assertIn("u42", answer.stdout)
        self.assertIn("line 3 failed", answer.stderr)
        self.assertNotIn("/v1/pool", [target for _, target, _ in self.node.asked])
        self.run_it("console", input="drain\n", code=2)
        self.assertEqual(self.run_it("console", input="users\nexit\npool\n").stderr, "")


class Top(ConsoleTest):

    def opened(self, **more):
        terminal = self.terminal("top", "--every", "100ms", **more)
        terminal.shows("^connections +8,214 of 20,000")
        return terminal

    def test_node_shards_and_connections_are_on_the_screen(self):
        terminal = self.opened()
        terminal.shows(r"^node a  127.0.0.1:8080  serving")
        terminal.shows(r"^ +0 +4,107")
        terminal.shows(r"^busiest")
        terminal.shows(r"^slowest .* rtt\* ")
        terminal.shows(r"^a-7-8f21")
        terminal.shows(r"^q quit")
        terminal.type("q")
        self.assertEqual(terminal.wait_exit(), 0)
        self.assertIn(b"\x1b[?1049l", terminal.raw)

    def test_it_follows_the_node(self):
        terminal = self.opened()
        self.node.answers["GET", "/v1/status"] = {
            **STATUS, "connections": {**STATUS["connections"], "open": 7000}}
        terminal.shows("^connections +7,000 of")

    def test_s_sorts_by_something_else(self):
        terminal = self.opened()
        terminal.type("s")
        terminal.shows(r"^slowest .* queued\* ")
        terminal.wait(lambda: any("sort=-queue" in target for _, target, _ in self.node.asked),
                      "the question")

    def test_p_and_the_arrows_pause(self):
        for keys in (("p", "p"), ("\x1b[A", "\x1b[B")):
            terminal = self.opened()
            terminal.type(keys[0])
            terminal.shows("paused")
            terminal.type(keys[1])
            terminal.wait(lambda: "paused" not in terminal.text(), "no pause")

    def test_h_helps(self):
        terminal = self.opened()
        terminal.type("h")
        terminal.shows("sort the slowest by something else")
        terminal.type("h")
        terminal.shows("^slowest")

    def test_a_narrow_terminal_and_a_new_size_are_filled(self):
        terminal = self.opened(columns=50, lines=14)
        terminal.shows("^q quit")
        terminal.resize(100, 40)
        terminal.shows("(?s)^slowest.*\n.*a-7-9999")
        terminal.wait(lambda: "q quit" in terminal.screen.display[39], "the last line")

    def test_the_terminal_is_given_back_however_it_ends(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGSEGV):
            terminal = self.opened()
            terminal.wait(terminal.is_raw, "raw mode")
            terminal.signal(number)
            self.assertEqual(terminal.wait_exit(), -number)
            self.assertIn(b"\x1b[?25h\x1b[?1049l", terminal.raw)

    def test_ctrl_c_leaves(self):
        terminal = self.opened()
        terminal.type("\x03")
        self.assertEqual(terminal.wait_exit(), 0)

    def test_a_node_that_goes_is_said_and_does_not_end_it(self):
        terminal = self.opened()
        self.node.answers["GET", "/v1/status"] = error("unavailable", "I am leaving")
        self.node.status["/v1/status"] = 503
        terminal.shows("I am leaving")
        terminal.type("q")
        self.assertEqual(terminal.wait_exit(), 0)

    def test_without_a_node_the_terminal_is_not_taken(self):
        terminal = Terminal(BINARY, "top", "--socket", self.socket + "x")
        self.addCleanup(terminal.close)
        self.assertEqual(terminal.wait_exit(), 3)
        self.assertNotIn(b"\x1b[?1049h", terminal.raw)


class ManPages(unittest.TestCase):

    def test_they_can_be_made(self):
        for source in sorted((ROOT / "app" / "console" / "man").glob("*.scd")):
            try:
                made = subprocess.run(["scdoc"], input=source.read_text(), capture_output=True,
                                      text=True)
            except FileNotFoundError:
                skip_or_fail(self, "scdoc is not installed")
            self.assertEqual(made.stderr, "")
            self.assertIn(".TH", made.stdout)
