"""What a node writes: lines of fields, read as they come."""

import json
import re
import threading
import time
from datetime import datetime

_FIELD = re.compile(r'([A-Za-z_][\w.]*)=("(?:[^"\\]|\\.)*"|\S*)')


class Record(dict):
    """One line of the log: its fields, all strings in logfmt."""

    def __init__(self, line):
        super().__init__(json.loads(line) if line.startswith("{") else _parse_logfmt(line))
        self.line = line

    @property
    def time(self):
        """Seconds since the epoch."""
        return datetime.fromisoformat(self["ts"]).timestamp()


def _parse_logfmt(line):
    return {name: json.loads(value) if value.startswith('"') else value
            for name, value in _FIELD.findall(line)}


def matching(event, **fields):
    """A predicate on records: this event, with these fields."""
    wanted = {"event": event, **{k: str(v) for k, v in fields.items()}}
    return lambda record: all(str(record.get(k)) == v for k, v in wanted.items())


class Log:
    """What a node wrote to one of its streams, read by a thread of its own."""

    def __init__(self, stream):
        self.lines = []
        self.changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream):
        for line in stream:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        stream.close()

    def wait_for(self, condition, limit):
        """Waits at most `limit` seconds until `condition()` holds; asked again at every line and
        every 20 ms. Returns its value, or None."""
        end = time.monotonic() + limit
        with self.changed:
            while not (result := condition()):
                left = end - time.monotonic()
                if left <= 0:
                    return None
                self.changed.wait(min(left, 0.02))
        return result

    def join(self, limit):
        """Waits for the end of the stream."""
        self._thread.join(limit)
