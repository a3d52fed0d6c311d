"""Modes of scripts/bench that look at Holdfast alone. Each takes the rig and the command line's options."""

import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys

import figures
import rig as rigs


def memory(rig, options):
    budget = rig.program("tests/holdfast_bench_memory")
    if os.access(budget, os.X_OK):
        sys.stdout.flush()
        done = subprocess.run([budget, str(options.connections or 10000)], preexec_fn=rigs.pinned_to(rig.server_core))
        if done.returncode != 0:
            rig.fail("holdfast_bench_memory")
    print("-- a served node, connections of named users")
    server = rig.serve(seconds=options.seconds or 0)
    rig.generate(server, "idle", "/echo", "--connections", options.connections or 10000,
                 "--seconds", options.seconds or 5, "--user-prefix", "u", "--exchange", 64)
    rig.stop(server)


def idle(rig, options):
    server = rig.serve("heartbeat.ping_interval=5s", "heartbeat.pong_timeout=2s", seconds=options.seconds or 0)
    rig.generate(server, "idle", "/echo", "--connections", options.connections or 10000,
                 "--seconds", options.seconds or 120, "--user-prefix", "u", "--open-rate", 2000,
                 "--ping-interval", "5s")
    rig.stop(server)


def echo(rig, options):
    server = rig.serve()
    row = "{:>11} {:>8} {:>6} {:>14} {:>10} {:>9} {:>9} {:>13}".format
    print(row("connections", "inflight", "bytes", "CPU-us/message", "messages/s", "p50-us", "p99-us",
              "generator-CPU%"))
    for width, inflight, size in figures.SHAPES:
        report = rig.measure(server, "echo", "/echo", "--connections", options.connections or width,
                             "--inflight", inflight, "--size", size, "--seconds", options.seconds or 5)
        if report:
            print(row(options.connections or width, inflight, size, *(
                str(figures.find(report, key)) for key in
                ("cpu_us_per_message", "messages_per_s", "p50", "p99", "generator_cpu_percent"))))
    rig.stop(server)


def storm(rig, options):
    server = rig.serve()
    rig.generate(server, "storm", "/echo", "--connections", options.connections or 10000, "--user-prefix", "u")
    rig.stop(server)


def drain(rig, options):
    plan = {"reconnect_rate": 500, "drain_timeout": "30s", "message_flush_timeout": "5s", "restart_allowance": "5s"}
    server = rig.serve(*(f"shutdown.{key}={value}" for key, value in plan.items()), "limits.close_timeout=5s")
    rig.generate(server, "drain", "/echo", "--connections", options.connections or 5000, "--user-prefix", "u",
                 "--share-v1", 0.5, "--reconnect-rate", plan["reconnect_rate"],
                 "--drain-timeout", plan["drain_timeout"], "--flush-timeout", plan["message_flush_timeout"],
                 "--close-timeout", "5s", "--restart-allowance", plan["restart_allowance"])
    server.kill()  # if it still runs: the generator has waited long enough
    wrong = server.wait()
    if wrong:
        rig.fail(wrong)
    print("-- what the server printed at its end")
    print("".join(line for line in server.said().splitlines(keepends=True) if "ws://" not in line), end="")


# The allocator keeps a few hundred KiB more or less from one round to the next. Its smallest block, 32 bytes, leaked by
# each of the 75,000 connections between the first rounds and the last, would be 2.3 MiB.
CHURN_ROUNDS, CHURN_WIDTH, CHURN_SETTLED, CHURN_TOLERANCE = 20, 5000, 2, 1024 * 1024


def churn(rig, options):
    width = options.connections or CHURN_WIDTH
    server = rig.serve()
    row = "{:>6} {:>12} {:>8} {:>8}".format
    print(row("round", "connections", "PSS-KiB", "RSS-KiB"))
    samples = []
    for number in range(1, CHURN_ROUNDS + 1):
        report = rig.measure(server, "idle", "/echo", "--connections", width, "--seconds", 0, "--exchange", 64,
                             "--user-prefix", f"r{number}-")
        if not report:
            break
        pss, rss = rigs.memory_of(server.pid)
        samples.append((pss, rss))
        print(row(number, number * width, pss // 1024, rss // 1024), flush=True)
    rig.stop(server)
    for name, sizes in zip(("PSS", "RSS"), zip(*samples)):
        if len(sizes) < CHURN_ROUNDS:
            break
        held, before, after = figures.steady(sizes, CHURN_SETTLED, CHURN_TOLERANCE)
        print(f"{name}: {before // 1024} KiB after the first rounds, {after // 1024} KiB after the last "
              f"({(after - before) / 1024:+.0f} KiB, {CHURN_TOLERANCE // 1024} KiB are tolerated)")
        if not held:
            rig.fail(f"{name} grew")


MIB = 1024 * 1024

# Settings of the node and options of the generator. The queue takes all that may be on its way at once, so that nobody
# is closed as a slow consumer, and not much more.
VERIFICATIONS = (
    ("every size up to 1 MiB, one at a time", 4 * MIB, ("--inflight", 1)),
    ("16 in flight, so that queues fill", 20 * MIB, ("--inflight", 16)),
    ("64 connections", 20 * MIB, ("--inflight", 4, "--connections", 64, "--size", 64 * 1024)),
)


def verify(rig, options, where=""):
    for what, queue, how in VERIFICATIONS:
        print(f"-- {what}{where}")
        server = rig.serve("limits.max_message_size=1MiB", f"limits.max_queued_bytes={queue}B",
                           "limits.max_queued_messages=4096")
        rig.generate(server, "echo", "/echo", "--verify", *how)
        rig.stop(server)
    if not where:
        _verify_in_small_buffers(rig)


# No setting of Holdfast sizes a socket's buffers, but a network namespace has the kernel's limits for itself. With
# 4 KiB, next to every message is written in parts and read in parts.
SMALL_BUFFERS = "4096 4096 4096"


def _verify_in_small_buffers(rig):
    enter = ["unshare", "--map-root-user", "--net", "--"]
    if not shutil.which("unshare") or subprocess.run([*enter, "true"], capture_output=True).returncode != 0:
        print("-- left out: socket buffers of 4 KiB (no network namespaces here)")
        return
    inside = [sys.executable, "-B", os.path.join(rigs.REPOSITORY, "scripts", "bench"), "verify", "--small-buffers"]
    sys.stdout.flush()
    if subprocess.run([*enter, *inside], env=dict(os.environ, HOLDFAST_BUILD=rig.build)).returncode != 0:
        rig.fail("with small socket buffers")


def verify_small(rig, options):
    """The same, in a network namespace of its own."""
    SIOCSIFFLAGS, IFF_UP = 0x8914, 1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))
    for which in ("tcp_wmem", "tcp_rmem"):
        with open(f"/proc/sys/net/ipv4/{which}", "w", encoding="ascii") as limits:
            limits.write(SMALL_BUFFERS)
    verify(rig, options, where=", socket buffers of 4 KiB")
