"""app/examples, as their README tells of them."""

import asyncio
import json
import os
import subprocess
import unittest
from pathlib import Path

import browser
import clients
from admin_client import Admin
from clients import connect_v1
from support import BINARY, ROOT, NodeTest, deadline, environment, within

EXAMPLES = Path(BINARY).parent / "examples"


class ExampleTest(NodeTest):
    example = None

    def start(self, *settings, **options):
        return super().start(*settings, binary=str(EXAMPLES / self.example), **options)

    async def console(self, node, *words, code=0):
        """What the example's own console says: it is the whole command."""
        done = await asyncio.to_thread(
            subprocess.run, [EXAMPLES / self.example, *words, "--socket",
                             os.path.join(node.run_dir, "holdfast.sock")],
            capture_output=True, text=True, env=environment(), timeout=deadline(20))
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    async def actor(self, node, name):
        return json.loads(await self.console(node, "actors", "show", name, "--json"))


class Counter(ExampleTest):
    example = "counter"

    async def test_each_connection_is_counted_by_itself(self):
        node = self.start()
        one, other = [await clients.connect(self, node, "/counter") for _ in range(2)]
        for client, counts in ((one, "123"), (other, "1"), (one, "4")):
            for count in counts:
                await client.send("hello")
                self.assertEqual(await within(client.recv()), count)

    async def test_it_answers_in_a_browser(self):
        node = self.start()

        def ask():
            page = browser.Browser(self).open("about:blank")
            return page.run(f"""new Promise((done, failed) => {{
              const socket = new WebSocket("ws://127.0.0.1:{node.port}/counter");
              socket.onopen = () => {{ socket.send("one"); socket.send("two"); }};
              socket.onmessage = ({{ data }}) => {{ if (data === "2") done(data); }};
              socket.onclose = ({{ code }}) => failed(code);
            }})""")
        self.assertEqual(await asyncio.to_thread(ask), "2")

    async def test_it_serves_what_the_node_does_anyway(self):
        client = await clients.connect(self, self.start())
        await client.send("hello")
        self.assertEqual(await within(client.recv()), "hello")


class Chat(ExampleTest):
    example = "chat"

    async def come(self, node, user, room="tea"):
        return await connect_v1(self, node, "/chat", user=f"{user}&room={room}")

    async def test_who_is_there_and_what_was_said_is_told(self):
        node = self.start()
        ada = await self.come(node, "ada")
        await ada.expect_set({"type": "presence", "topic": "room:tea", "users": ["ada"], "count": 1},
                             {"type": "message", "data": {"before": []}})
        await ada.send("message", data="anybody?")
        await ada.expect("message", data="anybody?", **{"from": "ada"}, topic="room:tea")
        bob = await self.come(node, "bob")
        await bob.expect_set(
            {"type": "presence", "topic": "room:tea", "users": ["ada", "bob"], "count": 2},
            {"type": "message", "data": {"before": [{"from": "ada", "text": "anybody?"}]}})
        await ada.expect("presence", came="bob")
        eve = await self.come(node, "eve", room="coffee")
        await eve.expect_set(
            {"type": "presence", "topic": "room:coffee", "users": ["eve"], "count": 1},
            {"type": "message", "data": {"before": []}})
        await bob.send("message", data="me")
        for client in (ada, bob):
            await client.expect("message", data="me", **{"from": "bob"})
        self.assertEqual((await self.actor(node, "handler:/chat"))["state"],
                         {"people": "3", "rooms": "2"})
        await bob.socket.close()
        await ada.expect("presence", left="bob")

    async def test_a_room_outlives_the_handler_that_kept_it(self):
        node = self.start(arguments=("--debug",))
        ada, bob = [await self.come(node, user) for user in ("ada", "bob")]
        await asyncio.to_thread(
            subprocess.run, [EXAMPLES / "chat", "debug", "--run-dir", node.run_dir, "kill",
                             "handler:/chat"], check=True, capture_output=True, env=environment())
        await ada.send("message", data="still there?")
        for client in (ada, bob):
            while (heard := await client.receive())["type"] != "message" or "from" not in heard:
                pass
            self.assertEqual((heard["data"], heard["from"]), ("still there?", "ada"))
        self.assertEqual((await self.actor(node, "handler:/chat"))["restarts"], 1)

    async def test_who_names_a_room_that_is_too_long_is_told(self):
        node = self.start()
        for size in (252, 1100):
            ada = await self.come(node, "ada", room="r" * size)
            self.assertEqual(await ada.socket.ended(), 1008)
            self.assertIn("at most 251 bytes", ada.socket.close_reason)

    async def test_an_empty_room_is_forgotten(self):
        node = self.start()
        ada = await self.come(node, "ada")
        await ada.receive(), await ada.receive()
        await ada.send("message", data="alone")
        await ada.expect("message", data="alone")
        await ada.socket.close()
        await node.saw("closed")
        ada = await self.come(node, "ada")
        await ada.expect_set({"type": "presence", "topic": "room:tea", "users": ["ada"], "count": 1},
                             {"type": "message", "data": {"before": []}})

    async def test_who_says_no_text_is_told(self):
        node = self.start()
        ada = await self.come(node, "ada")
        await ada.receive(), await ada.receive()
        await ada.send("message", data={"text": "hello"})
        await ada.expect("error", code="no_text")
        await ada.send("message", data="x" * 1001)
        await ada.expect("error", code="too_long")

    async def test_who_has_no_name_is_closed_with_what_to_do(self):
        nobody = await connect_v1(self, self.start(), "/chat")
        self.assertEqual(await nobody.socket.ended(), 1008)
        self.assertEqual(nobody.socket.close_reason, "come as ?user=NAME with holdfast.v1")

    async def test_two_people_talk_in_their_browsers(self):
        node = self.start()
        chromium = browser.Browser(self)
        page = (ROOT / "app" / "examples" / "chat.html").as_uri()
        address = f"node=ws://127.0.0.1:{node.port}&room=tea"

        def come(user):
            return chromium.open(f"{page}?{address}&user={user}")

        def has(*texts):
            return " && ".join(f"document.body.innerText.includes({json.dumps(text)})"
                               for text in texts)

        def say(who, text):
            who.run(f"line.value = {json.dumps(text)}; say.requestSubmit()")

        def talk():
            ada = come("ada")
            ada.becomes(has("connected", "here: ada"))
            say(ada, "<b>tea?</b>")
            ada.becomes(has("<b>tea?</b>"))
            bob = come("bob")
            bob.becomes(has("here: ada, bob", "<b>tea?</b>"))
            ada.becomes(has("bob came"))
            say(bob, "yes")
            ada.becomes(has("yes"))
            if picture := os.environ.get("HOLDFAST_PICTURE"):
                Path(picture).write_text(ada.picture())
            bob.run("location.href = 'about:blank'")
            ada.becomes(has("bob left"))
            return ada

        ada = await asyncio.to_thread(talk)
        await node.stopped()
        await asyncio.to_thread(ada.becomes, has("service restart, back in"))


class Jobs(ExampleTest):
    example = "jobs"

    async def test_progress_comes_to_who_has_subscribed(self):
        node = self.start()
        plain = await clients.connect(self, node, "/", user="ada&topic=job:render")
        await plain.round_trip()
        said = await self.console(node, "actors", "spawn", "job", "--name", "render",
                                  "--arg", "steps=3", "--arg", "ms=1")
        self.assertIn("render", said)
        for done in (1, 2, 3):
            self.assertEqual(json.loads(await within(plain.recv())), {"done": done, "of": 3})
        metrics = await asyncio.to_thread(Admin(node).raw, "GET", "/metrics")
        self.assertIn("\njobs_finished_total 1\n", metrics[1])

    async def test_one_that_runs_can_be_looked_at_and_stopped(self):
        node = self.start()
        plain = await clients.connect(self, node, "/", user="ada&topic=job:long")
        await plain.round_trip()
        await self.console(node, "actors", "spawn", "job", "--name", "long",
                           "--arg", "steps=100000", "--arg", "ms=10")
        await within(plain.recv())
        self.assertRegex((await self.actor(node, "long"))["state"]["done"], r"^\d+ of 100000$")
        await self.console(node, "actors", "stop", "long")
        await self.console(node, "actors", "show", "long", code=4)

    async def test_a_wrong_argument_is_refused_with_what_it_takes(self):
        node = self.start()
        said = await self.console(node, "actors", "spawn", "job", "--name", "a", "--arg", "ms=soon",
                                  code=2)
        self.assertIn("ms is a number from 1 to 60000", said)


if __name__ == "__main__":
    unittest.main()
