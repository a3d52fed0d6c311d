"""The node under soak: its process, what it counts, and how to break it."""

import asyncio
import json
import os
import re
import subprocess
import time

import rig as rigs

START_LIMIT = END_LIMIT = 60
ANSWER_LIMIT = 10

SETTINGS = ("node.shards=2", "node.log_level=info", "supervisor.max_restarts=1000000",
            "limits.handshake_timeout=2s", "limits.close_timeout=1s", "limits.half_open=5000",
            "limits.max_queued_bytes=256KiB", "heartbeat.ping_interval=5s", "heartbeat.pong_timeout=4s",
            "pool.pool_cleanup_interval=5s", "shutdown.reconnect_rate=50", "shutdown.drain_timeout=600s",
            "shutdown.force_close_timeout=900s", "shutdown.message_flush_timeout=1s")

GOOD = "[pool]\nmax_total_connections = {total}\nmax_connections_per_user = {user}\n"
WRONG = "[pool]\nmax_total_connections = 4\nno_such_key = 1\n"


class Served:
    """`holdfast serve --debug` with a configuration file of its own."""

    def __init__(self, program, folder):
        self.folder = folder
        self.config = os.path.join(folder, "holdfast.toml")
        self.configure(True, 5000, 20)
        self.log = os.path.join(folder, "log")
        self.out = os.path.join(folder, "out")
        command = [program, "serve", "--debug", "--listen", "127.0.0.1:0", "--config", self.config]
        for setting in (f"node.run_dir={folder}", *SETTINGS):
            command += ["--set", setting]
        with open(self.out, "wb") as out, open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        self.pid = self.process.pid

    async def port(self):
        until = time.monotonic() + START_LIMIT
        while time.monotonic() < until and self.process.poll() is None:
            if found := re.search(r"ws://[^/\s]*:(\d+)", self.said(self.out)):
                return int(found[1])
            await asyncio.sleep(0.01)
        raise rigs.Impossible("the node does not serve\n" + self.said(self.log))

    def said(self, path):
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def configure(self, good, total, user):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(GOOD.format(total=total, user=user) if good else WRONG)

    # ---- holdfast debug

    async def ask(self, request):
        """(exit code, text) as `holdfast debug` gives them."""
        reader, writer = await asyncio.open_unix_connection(os.path.join(self.folder, "debug.sock"))
        try:
            writer.write(request.encode() + b"\n")
            answer = await asyncio.wait_for(reader.read(-1), ANSWER_LIMIT)
        finally:
            writer.close()
        code, text = answer.decode().split("\n", 1)
        return int(code), text

    async def counts(self):
        """None while an actor that has just been restarted owes its answer."""
        code, text = await self.ask("counts")
        return json.loads(text) if code == 0 else None

    async def actors(self):
        """Their names; an inspector that has just been killed is asked again."""
        while True:
            code, text = await self.ask("actors")
            if code == 0:
                return [line.split()[0] for line in text.splitlines()[1:]]

    # ---- what it takes

    def measure(self):
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as file:
            sizes = dict(re.findall(r"^(\w+): +(\d+) kB$", file.read(), re.MULTILINE))
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        cpu = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return {"anonymous": int(sizes["Anonymous"]) * 1024, "rss": int(sizes["Rss"]) * 1024,
                "pss": int(sizes["Pss"]) * 1024, "cpu": cpu, "threads": int(fields[17]),
                "descriptors": len(os.listdir(f"/proc/{self.pid}/fd"))}

    # ---- its end

    async def end(self):
        """Drains it as SIGTERM does, twice so that nobody is waited for. None, or what was wrong."""
        for _ in range(2):
            self.process.terminate()
        until = time.monotonic() + END_LIMIT
        while self.process.poll() is None:
            if time.monotonic() > until:
                return f"the node did not end within {END_LIMIT} s"
            await asyncio.sleep(0.01)
        code = self.process.returncode
        return None if code == 0 else f"the node ended with exit code {code}"

    def ledger(self):
        """(connections, receipts) of the last drain."""
        found = re.findall(r"connections +(\d+), receipts (\d+)", self.said(self.out))
        return tuple(map(int, found[-1])) if found else None

    def complaints(self):
        """Lines of the log that a soak must not make."""
        bad = "node_broken|actor_lost|given_up|actors_left|cleanup_failed|handler_crashed|listen_failed"
        return re.findall(rf"^.*event=(?:{bad}) .*$", self.said(self.log), re.MULTILINE)

    def logged(self, event):
        return len(re.findall(rf"event={event}\b", self.said(self.log)))

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
