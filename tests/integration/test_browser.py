"""Headless Chromium: what a page sees."""

import asyncio
import json
import os
import signal
import subprocess
import threading
import unittest
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from browser import CHROMIUM, FLAGS
from raw_client import connected
from support import HOST, NodeTest, deadline, ms, skip_or_fail
from tokens import SECRET, token


class Page:
    """Serves page.html, and hears what the page posts."""

    def __init__(self):
        self.ready = threading.Event()
        self.asked = threading.Event()  # set by the test: the page may go on
        self.done = threading.Event()
        self.result = None
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/asked":
                    page.asked.wait(deadline(30))
                self.answer(Path(__file__).with_name("page.html").read_bytes()
                            if self.path.startswith("/page") else b"")

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path == "/result":
                    page.result = json.loads(body)
                    page.done.set()
                else:
                    page.ready.set()
                self.answer(b"")

            def answer(self, body):
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, scenario, node_url, **more):
        query = urllib.parse.urlencode({"scenario": scenario, "url": node_url, **more})
        return f"http://{HOST}:{self.server.server_port}/page?{query}"

    def close(self):
        self.asked.set()
        self.server.shutdown()
        self.server.server_close()


class Browser(NodeTest):
    def setUp(self):
        if not CHROMIUM:
            skip_or_fail(self, "Chromium is not installed")

    def open_page(self, scenario, node, **more):
        page = Page()
        self.addCleanup(page.close)
        browser = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={self.temporary_directory()}",
             "--remote-debugging-port=0", page.url(scenario, node.url(), **more)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)

        def end():
            os.killpg(browser.pid, signal.SIGKILL)  # its children too
            browser.wait()

        self.addCleanup(end)
        return page

    async def wait(self, event, what):
        self.assertTrue(await asyncio.to_thread(event.wait, deadline(30)), what)

    async def result(self, page):
        await self.wait(page.done, "the page posted no result")
        self.assertNotIn("error", page.result)
        return page.result

    async def test_messages_come_back(self):
        result = await self.result(self.open_page("echo", self.start()))
        self.assertEqual(result["wrong"], [])
        self.assertEqual((result["end"]["code"], result["end"]["wasClean"]), (1000, True))

    async def test_a_page_can_read_why_it_was_refused(self):
        result = await self.result(self.open_page("refused", self.start()))
        self.assertEqual(result["sixth"]["code"], 4500)
        self.assertTrue(result["sixth"]["reason"])
        self.assertTrue(result["sixth"]["wasClean"])

    async def test_a_page_gives_a_token_and_can_read_that_it_was_refused(self):
        path = f"{self.temporary_directory()}/key"
        Path(path).write_text(SECRET)
        node = self.start("auth.mode=jwt", f"auth.jwt.key_file={path}")
        result = await self.result(self.open_page("token", node, token=token("ann")))
        self.assertEqual((result["user"], result["v1"]), ("ann", "holdfast.v1"))
        self.assertEqual((result["plain"], result["echo"]), ("chat", "hello"))
        self.assertEqual(result["alone"], "no connection")  # a browser's rule, not ours
        self.assertEqual((result["wrong"]["code"], result["wrong"]["wasClean"]), (4501, True))

    async def test_pings_are_answered_by_the_browser_itself(self):
        node = self.start(f"heartbeat.ping_interval={ms(200)}",
                          f"heartbeat.pong_timeout={ms(150)}")
        page = self.open_page("heartbeat", node)
        await self.wait(page.ready, "the page did not connect")
        # A raw client that never answers becomes a zombie meanwhile; the page does not.
        connected(self, node, user="mute")
        await node.saw("zombie", user="mute")
        page.asked.set()
        self.assertEqual((await self.result(page))["echo"], "still here")
        self.assertEqual(node.logged("zombie", user="page"), [])

    async def test_a_page_sees_the_drain(self):
        node = self.start()
        page = self.open_page("drain", node)
        await self.wait(page.ready, "the page did not connect")
        await node.stopped()
        result = await self.result(page)
        self.assertEqual(result["welcome"]["type"], "welcome")
        self.assertEqual(result["drain"]["type"], "drain")
        for kind in ("plain", "v1"):
            self.assertEqual((result[kind]["code"], result[kind]["wasClean"]), (1012, True))


if __name__ == "__main__":
    unittest.main()
