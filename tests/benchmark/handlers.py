"""Mode handlers of scripts/bench: what a message and a connection cost in each mode of a handler."""

import os
import statistics

import figures

MODES = ("inline", "per_connection", "shared")
SHAPES = ((100, 1, 64), (100, 16, 64))
CONNECTIONS = 10000


def _served(rig):
    """A node with a route of this name for each mode. They have the handler echo in common."""
    path = os.path.join(rig.folder, "handlers.toml")
    with open(path, "w", encoding="ascii") as file:
        for mode in MODES:
            file.write(f'[[route]]\npath = "/{mode}"\nhandler = "echo"\nmode = "{mode}"\n')
    return rig.serve(config=path)


def _cpu(rig, node, mode, shape, seconds):
    connections, inflight, size = shape
    report = rig.measure(node, "echo", f"/{mode}", "--connections", connections, "--inflight", inflight,
                         "--size", size, "--seconds", seconds)
    return figures.find(report, "cpu_us_per_message") if report else None


def _memory(rig, mode, connections):
    """Bytes of PSS of an idle connection that has said something, in a node of its own."""
    node = _served(rig)
    report = rig.measure(node, "idle", f"/{mode}", "--connections", connections, "--seconds", 1, "--exchange", 64,
                         "--user-prefix", "u")
    rig.stop(node)
    return figures.find(report, "pss_bytes_per_connection") if report else None


def handlers(rig, options):
    row = "{:>16} {:>14} {:>10} {:>8} {:>8} {:>8}".format
    print("server CPU in us a message, medians; the ratio to inline is taken within each round")
    print(row("shape", "mode", "us", "lowest", "median", "highest"))
    for shape in SHAPES:
        rounds = []
        for _ in range(options.rounds):
            node = _served(rig)
            rounds.append([_cpu(rig, node, mode, shape, options.seconds or 3) for mode in MODES])
            rig.stop(node)
        rounds = [each for each in rounds if None not in each]
        for number, mode in enumerate(MODES):
            ratios = sorted(each[number] / each[0] for each in rounds)
            print(row(figures.shape_name(*shape), mode, f"{statistics.median(each[number] for each in rounds):.3f}",
                      f"{ratios[0]:.2f}", f"{statistics.median(ratios):.2f}", f"{ratios[-1]:.2f}"), flush=True)
    print("\nbytes of PSS of an idle connection of a named user, after a message")
    for mode in MODES:
        print("{:>16} {:>10}".format(mode, _memory(rig, mode, options.connections or CONNECTIONS)), flush=True)
