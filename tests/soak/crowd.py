"""The clients of the soak: who is there, and what a random one of them does next."""

import asyncio
import collections

from peer import HalfOpen, Peer
from raw_client import BINARY, CONTINUATION, PING, TEXT, close_frame, frame

HOST = "127.0.0.1"
TOPICS = [f"topic-{number}" for number in range(8)]

# What is closed for it, with which code.
BAD_FRAMES = (
    (frame(TEXT, b"\xff"), 1007),
    (frame(TEXT, b"hi", masked=False), 1002),
    (frame(3, b"reserved"), 1002),
    (frame(PING, b"x" * 126), 1002),
    (frame(CONTINUATION, b"of nothing"), 1002),
    (close_frame(1005), 1002),
    (frame(BINARY, b"", length=2**40, form=64), 1009),
)


class Crowd:
    """Everyone that the generator believes to be connected."""

    def __init__(self, port, random, size):
        self.port, self.random, self.size = port, random, size
        self.open = {}  # of user -> Peer, who got in and wants to stay
        self.others = set()  # who come, go, or are about to be closed
        self.done = collections.Counter()
        self.failures = collections.Counter()
        self.draining = False
        self._arriving = set()
        self._number = 0

    # ---- told by peers

    def opened(self, peer):
        self.others.discard(peer)
        self.open[peer.user] = peer

    def refused(self, peer, status):
        self.others.discard(peer)
        self.done["refused"] += 1
        if not self.draining:
            self.failures[f"refused with {status!r}"] += 1

    def ended(self, peer, before):
        self.open.pop(peer.user, None)
        self.others.discard(peer)
        if before == "open":  # it wanted to stay
            self.done[f"closed {peer.code}"] += 1
            if peer.code not in peer.allowed and not (peer.code == 1012 and self.draining):
                self.wrong(peer, f"ended unasked, code {peer.code}")
        elif before == "connecting" and not self.draining and type(peer) is Peer:
            self.wrong(peer, "ended before it was let in")

    def wrong(self, peer, what):
        self.failures[f"{peer.path}{' v1' if peer.v1 else ''}: {what}"] += 1

    # ---- coming and going

    async def arrive(self, kind=Peer):
        path = self.random.choice(("/echo", "/echo", "/broadcast", "/"))
        v1 = path == "/" or self.random.random() < 0.5
        self._number += 1
        peer = kind(self, f"p{self._number}", path, v1)
        self.others.add(peer)
        try:
            await asyncio.get_running_loop().create_connection(lambda: peer, HOST, self.port)
            self.done["connects"] += 1
        except OSError as error:
            self.others.discard(peer)
            self.done["refused"] += 1
            if not self.draining:
                self.failures[f"connect: {error.strerror}"] += 1

    def spawn_arrival(self, kind=Peer):
        task = asyncio.ensure_future(self.arrive(kind))
        self._arriving.add(task)
        task.add_done_callback(self._arriving.discard)

    def part(self, peer, how):
        self.open.pop(peer.user, None)
        self.others.add(peer)
        self.done[f"left {how}"] += 1
        peer.leave(how)

    def condemn(self, peer, *codes):
        """From now on the node is expected to close it."""
        self.open.pop(peer.user, None)
        self.others.add(peer)
        peer.allowed = codes

    # ---- what happens next

    def act(self):
        """One random thing."""
        dice = self.random.random()
        if len(self.open) + len(self._arriving) < self.size and dice < 0.5:
            self.spawn_arrival()
        elif dice < 0.02:
            self.spawn_arrival(HalfOpen)
        elif self.open:
            self.act_as(self.random.choice(list(self.open.values())))

    def act_as(self, peer):
        dice = 1 if self.draining else self.random.random()  # or nobody may be left, and the drain ends
        if dice < 0.10:
            self.part(peer, self.random.choice(("polite", "rude", "silent")))
        elif dice < 0.12:
            self.misbehave(peer)
        elif dice < 0.13 and peer.path == "/echo" and not peer.v1:
            self.stop_reading(peer)
        else:
            self.talk(peer)

    def talk(self, peer):
        size = self.random.choice((0, 10, 100, 1000, 5000))
        self.done["messages"] += 1
        if peer.path == "/echo":
            peer.say(b"x" * size)
        elif peer.path == "/broadcast":
            peer.write(frame(BINARY, b"." * size))
        else:
            self.talk_of_topics(peer)

    def talk_of_topics(self, peer):
        topic = self.random.choice(TOPICS)
        match self.random.choice(("subscribe", "subscribe", "unsubscribe", "publish")):
            case "publish": peer.tell("publish", topic=topic, data={"said by": peer.user})
            case verb: peer.tell(verb, topic=topic)

    def misbehave(self, peer):
        data, code = self.random.choice(BAD_FRAMES)
        self.done["bad frames"] += 1
        self.condemn(peer, code)
        peer.write(data)

    def stop_reading(self, peer):
        """Says more than its queue holds, and looks away until it has been reset for that."""
        self.done["slow readers"] += 1
        self.condemn(peer, 4002, None)
        peer.look_away()
        text = b"s" * 60_000
        for _ in range(80):
            peer.say(text)

    # ---- at rest

    @property
    def settled(self):
        """Nothing is on its way to or from anybody."""
        return not self._arriving and not self.others and all(
            peer.quiet for peer in self.open.values() if peer.path == "/echo")

    async def comes_to(self, count):
        """Has just so many there, of whatever kind, and nothing on its way."""
        for peer in list(self.others):
            if isinstance(peer, HalfOpen) or peer.away:
                peer.give_up()
        while len(self.open) > count:
            self.part(self.random.choice(list(self.open.values())), "polite")
        while len(self.open) + len(self.others) < count:
            await self.arrive()
        await asyncio.sleep(0)

    def vanish(self):
        for peer in [*self.open.values(), *self.others]:
            peer.give_up()
