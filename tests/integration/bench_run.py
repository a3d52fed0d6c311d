"""Runs `holdfast bench` as a test wants it."""

import asyncio
import json
import subprocess

import websockets

from support import BINARY, HOST, NodeTest, environment, within


class Done:
    """A run of the generator that has ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def report(self):
        return json.loads(self.out)

    @property
    def failures(self):
        return "; ".join(self.report["failures"])


class BenchTest(NodeTest):
    async def begin(self, *words, **options):
        """A run of `holdfast bench`, begun; it is killed with the test."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "env": environment(), **options}
        process = await asyncio.create_subprocess_exec(BINARY, "bench", *map(str, words), **options)
        self.addCleanup(lambda: process.returncode is None and process.kill())
        return process

    async def end(self, process, limit=60.0):
        out, err = await within(process.communicate(), limit)
        return Done(process.returncode, out.decode(), (err or b"").decode())

    async def bench(self, *words, limit=60.0, **options):
        return await self.end(await self.begin(*words, **options), limit)

    async def held(self, *words, **options):
        """The report of a run in which all held."""
        done = await self.bench(*words, "--json", **options)
        self.assertEqual((done.code, done.err), (0, ""), done.out)
        self.assertEqual(done.report["failures"], [])
        return done.report

    async def failed(self, *words, **options):
        """What did not hold in a run that was possible."""
        done = await self.bench(*words, "--json", **options)
        self.assertEqual((done.code, done.err), (1, ""), done.out)
        return done.failures

    async def impossible(self, *words, **options):
        """Why a run was not possible; such a one prints no figures."""
        done = await self.bench(*words, **options)
        self.assertEqual((done.code, done.out), (2, ""), done.err)
        return done.err

    async def serve(self, handler, **options):
        """The port of a server made of python3-websockets."""
        options = {"compression": None, "ping_interval": None, "max_size": None, **options}
        server = await websockets.serve(handler, HOST, 0, **options)
        self.addAsyncCleanup(server.wait_closed)
        self.addCleanup(server.close)
        return server.sockets[0].getsockname()[1]

    async def listen(self, handler):
        """The port of a plain TCP server."""
        server = await asyncio.start_server(handler, HOST, 0)
        self.addCleanup(server.close)
        return server.sockets[0].getsockname()[1]


async def echo(socket):
    async for message in socket:
        await socket.send(message)


SHORT = ("--seconds", "0.3", "--warmup", "0.1")
