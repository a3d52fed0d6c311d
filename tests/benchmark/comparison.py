"""Modes peers and targets of scripts/bench: servers side by side in one run: ratios hold where figures do not."""

import json
import os
import re
import shutil
import socket
import subprocess
import urllib.parse

import figures
import rig as rigs

STOCK = "websocketpp"
MANY = 10000  # connections of the figures that are about many
PACE = 20000  # messages a second of the paced echo
NODE_PACKAGES = os.path.join(rigs.REPOSITORY, "tests", "integration", "node")


class Contender:
    """A server that takes part: `start(ping_interval)` gives one that listens; 0 seconds: as it comes."""

    def __init__(self, name, start):
        self.name, self.start = name, start


def holdfast(rig):
    def start(ping_interval):
        pings = [f"heartbeat.ping_interval={ping_interval}s", "heartbeat.pong_timeout=2s"] if ping_interval else []
        return rig.serve(*pings)

    return Contender("holdfast", start)


def _peer(rig, name, *command):
    def start(ping_interval):
        return rig.start(name, [*command, "--ping-interval", str(ping_interval)], ends_with=(0, -15))

    return Contender(name, start)


def stock(rig):
    if not rig.make("holdfast_peer_stock"):
        raise rigs.Impossible("without the stock server there is nothing to compare with")
    return _peer(rig, STOCK, rig.program("tests/holdfast_peer_stock"))


def ws(rig):
    """None, with a line that says why, where it cannot run. So is beast()."""
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node else ""
    major = re.match(r"v(\d+)", version)
    if not major or int(major[1]) < 20:
        print("left out: ws (there is no Node 20 or newer on the PATH)")
        return None
    if not os.path.isdir(os.path.join(NODE_PACKAGES, "node_modules", "ws")):
        done = subprocess.run(["npm", "ci", "--prefix", NODE_PACKAGES, "--no-audit", "--no-fund"],
                              stdin=subprocess.DEVNULL, capture_output=True)
        if done.returncode != 0:
            print("left out: ws (npm ci failed in tests/integration/node)")
            return None
    return _peer(rig, "ws", node, os.path.join(rigs.REPOSITORY, "tests", "benchmark", "peers", "ws.mjs"))


def beast(rig):
    program = rig.program("tests/holdfast_peer_beast")
    if not rig.make("holdfast_peer_beast", optional=True) or not os.access(program, os.X_OK):
        print("left out: beast (it does not build; scripts/deps --tests installs Boost)")
        return None
    return _peer(rig, "beast", program)


KNOWN = {"holdfast": holdfast, STOCK: stock, "ws": ws, "beast": beast}


def guest(name, url, pid):
    try:
        os.kill(pid, 0)
        where = urllib.parse.urlsplit(url)
        socket.create_connection((where.hostname, where.port or (443 if where.scheme == "wss" else 80)), timeout=5).close()
    except (OSError, OverflowError) as error:
        raise rigs.Impossible(f"--server {name}: {url}, process {pid}: {error}") from error
    server = rigs.Guest(name, url, pid)
    return Contender(name, lambda _: server)


def measure_round(rig, contender, seconds):
    """One round of all columns: a fresh server for each kind of load."""
    result = {}

    def load(server, keys, mode, path, *options):
        report = rig.measure(server, mode, path, *options)
        for column, key in keys.items():
            result[column] = figures.find(report, key)

    def served(ping_interval, run):
        server = contender.start(ping_interval)
        run(server)
        rig.stop(server)

    many = ("--connections", MANY, "--user-prefix", "u")

    def idle(server):
        keys = {"pss": "pss_bytes_per_connection"} if server.fresh else {}  # later, it reuses memory
        load(server, {**keys, "ping": "cpu_us_per_ping"}, "idle", "/echo", *many, "--open-rate", 2000, "--seconds", 10)

    def echo(server):
        for connections, inflight, size in figures.SHAPES:
            load(server, {figures.shape_key(connections, inflight, size): "cpu_us_per_message"}, "echo", "/echo",
                 "--connections", connections, "--inflight", inflight, "--size", size, "--seconds", seconds)

    def storm(server):
        load(server, {"handshakes": "handshakes_per_cpu_s"}, "storm", "/echo", *many)

    def fanout(server):
        load(server, {"delivery": "cpu_us_per_delivery"}, "fanout", "/broadcast", *many, "--rate", 4,
             "--seconds", seconds)

    served(5, idle)
    served(0, echo)
    served(0, storm)
    served(0, fanout)
    return result


def measure_own_round(rig):
    """What only Holdfast has a target for."""
    result = {}
    named = ("--user-prefix", "u")
    for connections in (1000, 19000):
        server = rig.serve()
        if connections == 19000:
            report = rig.measure(server, "idle", "/echo", "--connections", connections, *named, "--seconds", 1)
            result["pss_19k"] = figures.find(report, "pss_bytes_per_connection")
        report = rig.measure(server, "echo", "/echo", "--connections", connections, *named, "--rate", PACE,
                             "--seconds", 5)
        result[f"paced_{connections}"] = figures.find(report, "cpu_us_per_message")
        rig.stop(server)
    return result


def measure_idle(rig):
    """CPU of idle connections, over two whole intervals of the default 30 s."""
    server = rig.serve("heartbeat.ping_interval=30s")
    report = rig.measure(server, "idle", "/echo", "--connections", MANY, "--user-prefix", "u", "--open-rate", 1000,
                         "--seconds", 60)
    rig.stop(server)
    return {"idle_percent": figures.find(report, "cpu_percent")}


def run_rounds(rig, contenders, options):
    """Rounds of every contender by turns, so that what disturbs the machine for a while disturbs all of them."""
    rounds_of = {contender.name: [] for contender in contenders}
    for number in range(1, options.rounds + 1):
        for contender in contenders:
            print(f"round {number} of {options.rounds}: {contender.name}", flush=True)
            rounds_of[contender.name].append(measure_round(rig, contender, options.seconds or 3))
        if "holdfast" in rounds_of:
            rounds_of["holdfast"][-1].update(measure_own_round(rig))
    if "holdfast" in rounds_of:
        print("idle connections", flush=True)
        rounds_of["holdfast"][-1].update(measure_idle(rig))
    return rounds_of


def choose(rig, options):
    """Who takes part; the stock server always does."""
    wanted = options.only or list(KNOWN)
    contenders = [KNOWN[name](rig) for name in KNOWN if name in wanted or name == STOCK]
    return [c for c in contenders if c] + [guest(*server) for server in options.server]


def print_targets(rig, figures_of):
    judgements = figures.judge(figures_of["holdfast"], figures_of[STOCK])
    print("\n" + figures.target_table(judgements))
    for judged in judgements:
        if judged.verdict != "met":
            rig.failures.append(f"target {judged.verdict}: {judged.target.what}")


def keep_rounds(options, rounds_of, figures_of):
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"machine": rigs.machine(), "rounds": rounds_of, "figures": figures_of}, file, indent=2)
            file.write("\n")


def peers(rig, options):
    rounds_of = run_rounds(rig, choose(rig, options), options)
    figures_of = {name: figures.of_rounds(rounds) for name, rounds in rounds_of.items()}
    keep_rounds(options, rounds_of, figures_of)
    spread, name, heading = figures.widest_spread(rounds_of)
    print(f"\nserver CPU in us; best of {options.rounds} rounds, memory the median")
    print(figures.figure_table(figures_of))
    print("\n" + figures.ratio_table(figures_of, STOCK))
    if name:
        print(f"\nwidest spread between rounds: {spread:.0%} ({name}, {heading})")
    if "holdfast" in figures_of:
        print_targets(rig, figures_of)


def targets(rig, options):
    rounds_of = run_rounds(rig, [holdfast(rig), stock(rig)], options)
    figures_of = {name: figures.of_rounds(rounds) for name, rounds in rounds_of.items()}
    keep_rounds(options, rounds_of, figures_of)
    print_targets(rig, figures_of)
