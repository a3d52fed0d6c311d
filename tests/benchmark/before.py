"""Mode before of scripts/bench: this build's echo beside an older binary's, round by round."""

import statistics

import figures
import rig as rigs


def _cpu(rig, server, shape, seconds):
    connections, inflight, size = shape
    report = rig.measure(server, "echo", "/echo", "--connections", connections, "--inflight", inflight,
                         "--size", size, "--seconds", seconds)
    return figures.find(report, "cpu_us_per_message") if report else None


def _round(rig, binaries, seconds):
    """For each shape the CPU a message of each binary, one right after the other."""
    servers = [rig.serve(binary=binary) for binary in binaries]
    result = [[_cpu(rig, server, shape, seconds) for server in servers] for shape in figures.SHAPES]
    for server in servers:
        rig.stop(server)
    return result


def before(rig, options):
    if not options.binary:
        raise rigs.Impossible("before needs --binary PATH, the build to compare with")
    now = rig.program("holdfast")
    rounds = []
    for number in range(options.rounds):
        # Who comes first takes turns, too.
        order = (options.binary, now) if number % 2 == 0 else (now, options.binary)
        measured = _round(rig, order, options.seconds or 3)
        rounds.append([pair if number % 2 == 0 else pair[::-1] for pair in measured])
        print(f"round {number + 1} of {options.rounds}", flush=True)
    row = "{:>14} {:>10} {:>10} {:>8} {:>8} {:>8}".format
    print("\nserver CPU in us a message, medians; the ratio now/before is taken within each round")
    print(row("shape", "before", "now", "lowest", "median", "highest"))
    for number, shape in enumerate(figures.SHAPES):
        pairs = [measured[number] for measured in rounds if None not in measured[number]]
        if not pairs:
            continue
        ratios = sorted(new / old for old, new in pairs)
        print(row(figures.shape_name(*shape), *(f"{statistics.median(column):.3f}" for column in zip(*pairs)),
                  f"{ratios[0]:.2f}", f"{statistics.median(ratios):.2f}", f"{ratios[-1]:.2f}"))
