"""Mode fanout of scripts/bench: what a delivery costs by topic, beside `broadcast`."""

import statistics

import figures

CONNECTIONS = 10000
DELIVERIES_PER_S = 40000


def _shapes(connections):
    """Name, path, topics. As many deliveries a second in each."""
    many = connections // 10
    return (("broadcast", "/broadcast", 0), (f"1 topic of {connections:,}", "/", 1),
            (f"{many:,} topics of 10", "/", many))


def _cpu(rig, shape, connections, seconds):
    _, path, topics = shape
    node = rig.serve()
    rate = DELIVERIES_PER_S / (connections / max(topics, 1))
    report = rig.measure(node, "fanout", path, "--connections", connections, "--rate", rate,
                         *(("--topics", topics) if topics else ()), "--seconds", seconds)
    rig.stop(node)
    return figures.find(report, "cpu_us_per_delivery") if report else None


def fanout(rig, options):
    connections = options.connections or CONNECTIONS
    shapes = _shapes(connections)
    rounds = [[_cpu(rig, shape, connections, options.seconds or 5) for shape in shapes]
              for _ in range(options.rounds)]
    rounds = [each for each in rounds if None not in each]
    if not rounds:
        return
    row = "{:>22} {:>8} {:>8} {:>8} {:>8}".format
    print("server CPU in us a delivery, medians; the ratio to broadcast is taken within each round")
    print(row("", "us", "lowest", "median", "highest"))
    for number, (name, _, _) in enumerate(shapes):
        ratios = sorted(each[number] / each[0] for each in rounds)
        print(row(name, f"{statistics.median(each[number] for each in rounds):.2f}", f"{ratios[0]:.2f}",
                  f"{statistics.median(ratios):.2f}", f"{ratios[-1]:.2f}"))
