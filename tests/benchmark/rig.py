"""Processes of scripts/bench: what is built, servers on the first core, the load generator on the second."""

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

REPOSITORY = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
START_LIMIT = 20  # seconds until a server listens
END_LIMIT = 150  # seconds from SIGTERM to a server's end
RUN_LIMIT = 1800  # seconds of one run of the generator


class Impossible(Exception):
    """The benchmark cannot go on."""


class Server:
    """A process that says ws://HOST:PORT on its standard output once it listens."""

    fresh = True  # nobody has connected to it before

    def __init__(self, name, command, folder, core, ends_with=(0,)):
        self.name, self.folder, self.ends_with = name, folder, ends_with
        os.makedirs(folder)
        self.stdout = os.path.join(folder, "stdout")
        self.stderr = os.path.join(folder, "stderr")
        with open(self.stdout, "wb") as out, open(self.stderr, "wb") as err:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                            preexec_fn=pinned_to(core))
        self.pid = self.process.pid
        self.url = self._await_url()

    def _await_url(self):
        limit = time.monotonic() + START_LIMIT
        while time.monotonic() < limit and self.process.poll() is None:
            said = re.search(r"ws://[^/\s]+(?=[/\s])", self.said())
            if said:
                return said[0]
            time.sleep(0.01)
        self.kill()
        raise Impossible(f"{self.name} printed no ws:// address\n{self.said()}{self.complained()}")

    def said(self):
        with open(self.stdout, encoding="utf-8", errors="replace") as file:
            return file.read()

    def complained(self):
        with open(self.stderr, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-40:])

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def wait(self):
        """Waits for the end that somebody asked for. None, or what was wrong with it."""
        try:
            status = self.process.wait(END_LIMIT)
        except subprocess.TimeoutExpired:
            self.kill()
            return f"{self.name} did not end within {END_LIMIT} s"
        if status not in self.ends_with:
            return f"{self.name} ended with exit code {status}\n{self.complained()}".rstrip()
        return None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.wait()


class Guest:
    """A server that somebody else has started; it is left running."""

    def __init__(self, name, url, pid):
        self.name, self.url, self.pid = name, url.rstrip("/"), pid
        self.fresh = True

    def kill(self):
        pass

    def stop(self):
        self.fresh = False


def pinned_to(core):
    """What a child does before it runs: stays on this core. None: stays where it is put."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


class Rig:
    """Starts and ends everything. Use it with `with`: then nothing is left behind."""

    def __init__(self, keep=False):
        self.keep, self.failures = keep, []
        self.build = os.path.join(REPOSITORY, os.environ.get("HOLDFAST_BUILD") or "build")
        self.builds_itself = not os.environ.get("HOLDFAST_BUILD")
        cores = sorted(os.sched_getaffinity(0))
        self.server_core, self.load_core = (cores[0], cores[1]) if len(cores) > 1 else (None, None)
        self._runs = 0
        self._servers = []
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="holdfast-bench.")
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.kill()
        if self.keep:
            print("kept", self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def fail(self, what):
        print("FAILED:", what)
        self.failures.append(what.splitlines()[0])

    def make(self, *targets, optional=False):
        """Builds in the release folder, unless HOLDFAST_BUILD names one. False: an optional target does not build."""
        if not self.builds_itself:
            return True
        done = subprocess.run(["scripts/build", "release", *targets], cwd=REPOSITORY, stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE if optional else None)
        if done.returncode != 0 and not optional:
            raise Impossible("the build failed")
        return done.returncode == 0

    def program(self, name):
        return os.path.join(self.build, name)

    def start(self, name, command, **how):
        """A server on its core."""
        self._runs += 1
        server = Server(name, command, os.path.join(self.folder, f"{self._runs}-{name}"), self.server_core, **how)
        self._servers.append(server)
        return server

    def serve(self, *settings, seconds=0, binary=None, config=None):
        """Holdfast with one shard, and room for as many connections as a process may open."""
        run_dir = tempfile.mkdtemp(prefix="node.", dir=self.folder)
        chosen = [f"node.run_dir={run_dir}", "node.shards=1", "pool.max_total_connections=19500",
                  f"pool.connection_timeout={seconds + 600}s", *settings]
        command = [binary or self.program("holdfast"), "serve", "--listen", "127.0.0.1:0"]
        if config:
            command += ["--config", config]
        for setting in chosen:
            command += ["--set", setting]
        server = self.start("holdfast", command)
        server.socket = os.path.join(run_dir, "holdfast.sock")
        return server

    def stop(self, server):
        wrong = server.stop()
        if wrong:
            self.fail(wrong)

    def generate(self, server, mode, path, *options):
        """Puts the server under load and lets the generator say what it saw."""
        if self._generate(server, mode, path, options).returncode != 0:
            self.fail(f"{mode} (see above)")

    def measure(self, server, mode, path, *options):
        """The same; gives the generator's report, or None if something did not hold."""
        done = self._generate(server, mode, path, [*options, "--json"], stdout=subprocess.PIPE)
        try:
            report = json.loads(done.stdout)
        except ValueError:
            report = {}
        if done.returncode != 0 or report.get("failures") != []:
            wrong = "; ".join(report.get("failures") or [f"exit code {done.returncode}"])
            self.fail(f"{server.name}: {mode} {' '.join(map(str, options))}: {wrong}")
            return None
        return report

    def _generate(self, server, mode, path, options, **how):
        command = [self.program("holdfast"), "bench", mode, server.url + path, "--server-pid", str(server.pid),
                   *map(str, options)]
        sys.stdout.flush()
        return subprocess.run(command, stdin=subprocess.DEVNULL, timeout=RUN_LIMIT,
                              preexec_fn=pinned_to(self.load_core), **how)


def memory_of(pid):
    """Bytes (PSS, RSS) of a process."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        sizes = dict(re.findall(r"^(Pss|Rss): +(\d+) kB$", file.read(), re.MULTILINE))
    return int(sizes["Pss"]) * 1024, int(sizes["Rss"]) * 1024


def machine():
    """What the figures were made on, in a line."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"^model name\s*: (.*)$", file.read(), re.MULTILINE)
    commit = subprocess.run(["git", "describe", "--always", "--dirty", "--exclude=*"], cwd=REPOSITORY, text=True,
                            capture_output=True)
    return (f"machine: {os.cpu_count()} cores{' of ' + model[1] if model else ''}, Linux {os.uname().release}, "
            f"load {' '.join(f'{x:.2f}' for x in os.getloadavg())}, commit {commit.stdout.strip() or 'none'}")


def end_on_signals():
    """Ctrl-C and SIGTERM end the script, and with it what it has started."""
    def end(*_):
        sys.exit(130)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
