"""What a soak's figures say. Nothing here measures anything."""

MIB = 1024 * 1024

# Of memory at rest, over the second half of the run: what the allocator keeps more or less. The
# smallest block, 32 bytes, leaked by each of 100,000 connections would be 3 MiB.
MOST_GROWTH = 3 * MIB


def growth(samples):
    """By how much a straight line through (time, value) rises from the first to the last; least squares."""
    if len(samples) < 2:
        return 0.0
    times, values = zip(*samples)
    mean_time, mean_value = sum(times) / len(times), sum(values) / len(values)
    spread = sum((time - mean_time) ** 2 for time in times)
    slope = sum((time - mean_time) * (value - mean_value) for time, value in samples) / spread
    return slope * (times[-1] - times[0])


def second_half(rests):
    return rests[len(rests) // 2:]


def flatness(rests):
    """(lines to print, what is not flat) of the rests: dictionaries with time, rss, anonymous, threads."""
    lines, failures = [], []
    for key, name in (("rss", "RSS"), ("anonymous", "anonymous memory")):  # PSS depends on who else is there
        grown = growth([(rest["time"], rest[key]) for rest in second_half(rests)])
        lines.append(f"{name} at rest {rests[0][key] / MIB:.1f} -> {rests[-1][key] / MIB:.1f} MiB; over the second"
                     f" half the line through it rises by {grown / MIB:+.2f} MiB (at most {MOST_GROWTH / MIB:.0f})")
        if grown > MOST_GROWTH:
            failures.append(f"{name} grew by {grown / MIB:.2f} MiB over the second half")
    threads = sorted({rest["threads"] for rest in rests})
    lines.append(f"threads at rest {', '.join(map(str, threads))} (always the same)")
    if len(threads) > 1:
        failures.append(f"threads at rest differ: {threads}")
    return lines, failures
