"""What scripts/bench computes and prints. Nothing here starts or measures anything."""

import statistics
from dataclasses import dataclass
from typing import Callable

SHAPES = ((100, 1, 64), (1000, 1, 64), (100, 16, 64), (100, 1, 1024), (100, 16, 1024))


def shape_key(connections, inflight, size):
    return f"echo_{connections}x{inflight}_{size}"


def shape_name(connections, inflight, size):
    return f"{connections}x{inflight} " + (f"{size // 1024}KiB" if size % 1024 == 0 else f"{size}B")


def find(report, key):
    """The first number with this name in a report, at whatever depth; None if there is none."""
    if isinstance(report, dict):
        if isinstance(report.get(key), (int, float)):
            return report[key]
        for value in report.values():
            found = find(value, key)
            if found is not None:
                return found
    return None


@dataclass(frozen=True)
class Column:
    """A figure of every server. `choose` makes one of those of all rounds."""

    key: str
    heading: str
    digits: int
    choose: Callable


# What disturbs a run on a shared machine only adds to its CPU time, so that the best round is the nearest to the
# truth; memory is disturbed in both directions.
COLUMNS = tuple(Column(shape_key(*shape), shape_name(*shape), 2, min) for shape in SHAPES) + (
    Column("pss", "PSS/conn", 0, statistics.median),
    Column("handshakes", "handshakes/CPU-s", 0, max),
    Column("ping", "us/ping+pong", 1, min),
    Column("delivery", "us/delivery", 1, min),
)

# Of Holdfast alone, for its targets.
OWN_COLUMNS = (
    Column("pss_19k", "PSS/conn at 19k", 0, statistics.median),
    Column("paced_1000", "us/message at 1k", 2, min),
    Column("paced_19000", "us/message at 19k", 2, min),
    Column("idle_percent", "idle CPU %", 2, min),
)


def of_rounds(rounds, columns=COLUMNS + OWN_COLUMNS):
    """One figure for each column that any round has."""
    chosen = {}
    for column in columns:
        values = [r[column.key] for r in rounds if r.get(column.key) is not None]
        if values:
            chosen[column.key] = column.choose(values)
    return chosen


def widest_spread(rounds_of, columns=COLUMNS):
    """By how much the rounds of a figure differ at most, and which: (0.12, server's name, heading)."""
    widest = (0.0, None, None)
    for name, rounds in rounds_of.items():
        for column in columns:
            values = [r[column.key] for r in rounds if r.get(column.key)]
            if len(values) > 1:
                widest = max(widest, (max(values) / min(values) - 1, name, column.heading), key=lambda w: w[0])
    return widest


def table(headings, rows):
    """A table for people that is also Markdown: text to the left, figures to the right."""
    cells = [list(headings)] + [list(row) for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]

    def line(row):
        padded = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        return "| " + " | ".join(padded) + " |"

    rule = "|" + "|".join(["-" * (widths[0] + 2)] + ["-" * (width + 1) + ":" for width in widths[1:]]) + "|"
    return "\n".join([line(cells[0]), rule] + [line(row) for row in cells[1:]])


def figure_table(figures_of):
    """The servers' figures; "-" where there is none."""
    def cell(figures, column):
        value = figures.get(column.key)
        return "-" if value is None else f"{value:.{column.digits}f}"

    rows = [[name] + [cell(figures, column) for column in COLUMNS] for name, figures in figures_of.items()]
    return table(["server"] + [column.heading for column in COLUMNS], rows)


def ratio_table(figures_of, base):
    """The same, divided by those of the server `base`."""
    def cell(figures, column):
        value, unit = figures.get(column.key), figures_of[base].get(column.key)
        return "-" if value is None or not unit else f"{value / unit:.2f}"

    rows = [[name] + [cell(figures, column) for column in COLUMNS] for name, figures in figures_of.items()]
    return table([f"/ {base}"] + [column.heading for column in COLUMNS], rows)


def growth(figures):
    """CPU a message with 19,000 connections, in that with 1,000 at the same rate; None if either is missing."""
    small, large = figures.get("paced_1000"), figures.get("paced_19000")
    return large / small if small and large else None


@dataclass(frozen=True)
class Target:
    """What a figure of Holdfast may be at most, or must be at least: itself, or divided by that of the stock server."""

    what: str
    key: str
    limit: float
    unit: str = ""
    digits: int = 2
    relative: bool = True
    at_least: bool = False

    def demand(self):
        limit = f"{self.limit:g}x stock" if self.relative else f"{self.limit:g} {self.unit}".strip()
        return (">= " if self.at_least else "<= ") + limit


TARGETS = (
    Target("CPU of a 64 B echo, 1 in flight", "echo_100x1_64", 0.70, "us"),
    Target("CPU of a 64 B echo, 16 in flight", "echo_100x16_64", 0.32, "us"),
    Target("CPU of a 1 KiB echo, 16 in flight", "echo_100x16_1024", 0.12, "us"),
    Target("memory (PSS) of an idle connection, 10k", "pss", 2600, "B", 0, relative=False),
    Target("memory (PSS) of an idle connection, 19k", "pss_19k", 2600, "B", 0, relative=False),
    Target("handshakes in a CPU second", "handshakes", 1.2, "", 0, at_least=True),
    Target("CPU of a ping and its pong", "ping", 0.65, "us"),
    Target("CPU of a delivery, fan-out to 10k", "delivery", 0.65, "us"),
    Target("CPU of a message at 19k, over that at 1k", "growth", 1.2, "", 3, relative=False),
    Target("idle CPU at 10k, a ping every 30 s", "idle_percent", 0.8, "%", 2, relative=False),
)


@dataclass(frozen=True)
class Judgement:
    target: Target
    figure: float | None
    base: float | None  # the stock server's, where the target is relative
    verdict: str  # "met", "MISSED" or "unknown": a figure is missing

    @property
    def ratio(self):
        return self.figure / self.base if self.figure is not None and self.base else None


def judge(holdfast, stock, targets=TARGETS):
    """One judgement for each target. Without a tolerance: a figure on the wrong side of its limit misses it."""
    figures = dict(holdfast, growth=growth(holdfast))
    judgements = []
    for target in targets:
        figure, base = figures.get(target.key), stock.get(target.key) if target.relative else None
        judged = Judgement(target, figure, base, "unknown")
        value = judged.ratio if target.relative else figure
        if value is not None:
            met = value >= target.limit if target.at_least else value <= target.limit
            judged = Judgement(target, figure, base, "met" if met else "MISSED")
        judgements.append(judged)
    return judgements


def target_table(judgements):
    def number(value, target):
        return "-" if value is None else f"{value:.{target.digits}f} {target.unit}".strip()

    rows = [[j.target.what, number(j.figure, j.target), number(j.base, j.target),
             "-" if j.ratio is None else f"{j.ratio:.2f}x", j.target.demand(), j.verdict] for j in judgements]
    return table(["target", "holdfast", "stock", "ratio", "demanded", ""], rows)


def steady(samples, settled, tolerance):
    """Whether samples of a size stop growing: (held, low before, low after). The first `settled` do not count; the
    lowest of the next three is compared with the lowest of the last three."""
    counted = samples[settled:]
    before, after = min(counted[:3]), min(counted[-3:])
    return after - before <= tolerance, before, after
