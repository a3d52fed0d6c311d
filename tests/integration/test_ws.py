"""`ws` under Node.js: what most servers' clients are made of."""

import asyncio
import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path

from support import NodeTest, deadline, ms, skip_or_fail, within

HERE = Path(__file__).resolve().parent / "node"
OLDEST = 20


def node_version(program):
    said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def why_not():
    """Why ws cannot be run here, after an attempt to install what the lockfile names."""
    program = shutil.which("node")
    if not program or node_version(program) < OLDEST:
        return f"Node.js >= {OLDEST} is not installed"
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]["ws"]
    installed = HERE / "node_modules" / "ws" / "package.json"
    if installed.exists() and json.loads(installed.read_text())["version"] == wanted:
        return None
    if not shutil.which("npm"):
        return "npm is not installed"
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE,
                          capture_output=True, text=True, timeout=deadline(60))
    return None if done.returncode == 0 else f"npm ci failed: {done.stderr.strip()[-300:]}"


class Ws(NodeTest):
    missing = None

    @classmethod
    def setUpClass(cls):
        cls.missing = why_not()

    def setUp(self):
        if self.missing:
            skip_or_fail(self, self.missing)

    async def scenario(self, name, node):
        process = await asyncio.create_subprocess_exec(
            "node", HERE / f"{name}.mjs", node.url(), stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE)
        self.addCleanup(lambda: process.returncode is None and process.kill())
        return process

    async def finish(self, process):
        out, err = await within(process.communicate(), 30)
        self.assertEqual(process.returncode, 0, err.decode())
        return out.decode()

    async def test_every_shape_of_message_comes_back(self):
        await self.finish(await self.scenario("echo", self.start()))

    async def test_pings_are_answered_and_the_sixth_is_refused(self):
        node = self.start(f"heartbeat.ping_interval={ms(200)}",
                          f"heartbeat.pong_timeout={ms(150)}")
        await self.finish(await self.scenario("lifecycle", node))
        self.assertEqual(node.logged("zombie"), [])

    async def test_a_drain_tells_each_client_what_it_needs(self):
        node = self.start("node.shards=2")
        process = await self.scenario("drain", node)
        self.assertEqual(await within(process.stdout.readline()), b"ready\n")
        await node.stopped()
        for line in (await self.finish(process)).splitlines():
            client = json.loads(line)
            self.assertEqual(client["code"], 1012)
            self.assertLessEqual(client["acks"], client["echoes"])
            self.assertGreaterEqual(client["echoes"], 1)
            self.assertEqual(client["lease"] is not None, client["v1"])


if __name__ == "__main__":
    unittest.main()
