"""holdfast bench: each mode, its end, and what it says."""

import asyncio
import contextlib
import os
import pty
import re
import signal
import unittest

from bench_run import BenchTest, SHORT, echo
from support import HOST, within


class Modes(BenchTest):
    async def test_echo_counts_what_comes_back_and_what_it_cost(self):
        node = self.start()
        report = await self.held("echo", node.url(), "--connections", 20, "--inflight", 4,
                                 "--server-pid", node.pid, *SHORT)
        self.assertEqual(report["connections"], {"asked": 20, "opened": 20})
        self.assertGreater(report["messages"], 20)
        self.assertGreater(report["cpu_us_per_message"], 0)
        latency = [report["latency_us"][each]
                   for each in ("min", "p50", "p90", "p99", "p99.9", "max")]
        self.assertEqual(latency, sorted(latency))
        self.assertGreater(latency[0], 0)

    async def test_a_page_for_people_fits_a_terminal_and_keeps_standard_error_clean(self):
        node = self.start()
        done = await self.bench("echo", node.url(), *SHORT)
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertLessEqual(max(map(len, done.out.splitlines())), 80)
        self.assertRegex(done.out, r"messages/s +[\d,]+")
        self.assertIn("p99.9", done.out)
        self.assertIn("Everything held.", done.out)

    async def test_a_rate_is_kept_to_and_nothing_is_left_out(self):
        node = self.start()
        report = await self.held("echo", node.url(), "--connections", 7, "--rate", 400,
                                 "--seconds", "1", "--warmup", "0")
        # Those that are due in the last moments may come back after them.
        self.assertLessEqual(report["messages"], 405)
        self.assertGreater(report["messages"], 0)
        total = sum(int(record["in"]) for record in node.wait_for_log("closed", 7))
        self.assertGreaterEqual(total, 400)
        self.assertLessEqual(total, 405)

    async def held_back(self, every):
        """The port of a server that answers one of two clients only after each `every` messages of
        the other one."""
        turn, others, over = asyncio.Condition(), 0, False
        sockets = []

        async def answer(socket):
            nonlocal others
            sockets.append(socket)
            answered = 0
            async for message in socket:
                async with turn:
                    if socket is sockets[0]:
                        others += 1
                        turn.notify_all()
                    else:
                        await turn.wait_for(lambda: over or others >= every(answered))
                if over:
                    return
                answered += 1
                await socket.send(message)

        async def release():
            nonlocal over
            over = True
            async with turn:
                turn.notify_all()
        port = await self.serve(answer)
        self.addAsyncCleanup(release)
        return port

    async def test_a_stall_of_the_server_is_in_every_latency_that_it_caused(self):
        port = await self.held_back(lambda answered: 40)
        report = await self.held("echo", f"ws://{HOST}:{port}", "--connections", 2, "--rate", 200,
                                 "--seconds", "0.6", "--warmup", "0")
        # 40 turns came while the first message was held back for 400 ms. Counted from their
        # sending, one latency in a hundred would be long.
        self.assertGreater(report["latency_us"]["p90"], 100_000)
        self.assertGreater(report["late"], 20)

    async def test_a_server_slower_than_the_rate_is_a_failure(self):
        port = await self.held_back(lambda answered: 10 * answered + 10)
        failures = await self.failed("echo", f"ws://{HOST}:{port}", "--connections", 2, "--rate",
                                     200, "--seconds", "0.5", "--warmup", "0")
        self.assertRegex(failures, r"\d+ messages had no time to come back.*--rate")

    async def test_every_size_and_kind_of_message_comes_back(self):
        node = self.start("limits.max_message_size=128KiB")
        report = await self.held("echo", node.url(), "--verify", "--size", 70000, "--connections",
                                 3, "--seed", 42)
        self.assertEqual((report["mismatches"], report["seed"]), (0, 42))
        self.assertEqual(report["messages"] % (3 * 6), 0)
        self.assertGreater(report["messages"], 3 * 6 * 300)
        self.assertEqual(report["pings"], report["messages"] // 3)
        self.assertEqual(report["pongs"], report["pings"])
        self.assertEqual(sum(int(r["in"]) for r in node.wait_for_log("closed", 3)),
                         report["messages"])

    async def test_idle_clients_answer_pings(self):
        node = self.start("heartbeat.ping_interval=300ms", "heartbeat.pong_timeout=250ms")
        report = await self.held("idle", node.url(), "--connections", 30, "--seconds", 1,
                                 "--exchange", 64, "--ping-interval", "300ms", "--server-pid",
                                 node.pid)
        self.assertGreaterEqual(report["pings"]["fewest_on_a_connection"], 2)
        self.assertEqual(report["pings"]["received"], report["pings"]["answered"])
        self.assertEqual(report["connections"]["open_at_end"], 30)
        for figure in ("pss_bytes_per_connection", "cpu_us_per_ping", "cpu_percent"):
            self.assertIn(figure, report)

    async def test_fewer_pings_than_promised_are_a_failure(self):
        port = await self.serve(echo)  # which never pings
        failures = await self.failed("idle", f"ws://{HOST}:{port}", "--connections", 2, "--seconds",
                                     "0.3", "--ping-interval", "50ms")
        self.assertEqual(failures, "a connection got 0 pings, fewer than the 5 of --ping-interval")

    async def test_a_storm_of_users_counts_handshakes(self):
        node = self.start()
        report = await self.held("storm", node.url(), "--connections", 300, "--user-prefix", "u",
                                 "--server-pid", node.pid)
        self.assertEqual(report["connections"]["opened"], 300)
        self.assertGreater(report["handshakes_per_cpu_s"], 0)
        users = {record["user"] for record in node.wait_for_log("admitted", 300)}
        self.assertEqual(users, {f"u{i}" for i in range(300)})

    async def test_everyone_gets_what_one_publishes(self):
        node = self.start()
        report = await self.held("fanout", node.url("/broadcast"), "--connections", 25, "--rate",
                                 50, "--server-pid", node.pid, *SHORT)
        self.assertEqual(report["missing"], 0)
        self.assertGreater(report["publications"], 10)
        self.assertGreater(report["deliveries"], 25 * 5)
        self.assertGreater(report["cpu_us_per_delivery"], 0)
        self.assertGreater(report["latency_us"]["p50"], 0)

    async def test_those_in_a_topic_get_what_one_of_them_publishes(self):
        node = self.start()
        report = await self.held("fanout", node.url("/"), "--connections", 20, "--topics", 4,
                                 "--rate", 200, "--server-pid", node.pid, *SHORT)
        self.assertEqual((report["missing"], report["topics"]), (0, 4))
        self.assertGreater(report["deliveries"], 5 * 20)
        self.assertLess(report["deliveries"], 6 * report["publications"])

    async def test_a_drain_is_watched_to_the_end_of_the_process(self):
        node = self.start("shutdown.reconnect_rate=100")
        report = await self.held("drain", node.url(), "--connections", 40, "--server-pid", node.pid,
                                 "--share-v1", "0.5", "--reconnect-rate", 100, "--drain-timeout",
                                 "30s", "--flush-timeout", "5s", "--close-timeout", "5s")
        self.assertEqual(node.wait_exit(), 0)
        self.assertEqual(report["close_codes"], {"1012": 40})
        self.assertEqual((report["connections"]["holdfast_v1"], report["connections"]["plain"]),
                         (20, 20))
        self.assertEqual(report["duration"]["planned_s"], 0.2)
        self.assertEqual(report["arrivals_by_lease"]["total"], 20)

    async def test_messages_in_fragments_with_pings_between_are_put_together(self):
        async def in_parts(socket):
            async for message in socket:
                async def parts():
                    yield message[:10]
                    await socket.ping()
                    yield ""
                    yield message[10:]
                await socket.send(parts())
        port = await self.serve(in_parts)
        report = await self.held("echo", f"ws://{HOST}:{port}", "--connections", 3, *SHORT)
        self.assertGreater(report["messages"], 0)

    async def test_headers_and_the_host_reach_the_server(self):
        seen = []

        async def note(socket):
            seen.append((socket.request_headers, socket.path, socket.subprotocol))
            await echo(socket)
        port = await self.serve(note, subprotocols=["b"])
        await self.held("echo", f"ws://localhost:{port}?x=y", "--connections", 1, "--header",
                        "X-Token: s3cret", "--header", "Sec-WebSocket-Protocol: a, b", *SHORT)
        headers, path, subprotocol = seen[-1]
        self.assertEqual(headers["X-Token"], "s3cret")
        self.assertEqual(headers["Host"], f"localhost:{port}")
        self.assertEqual((path, subprotocol), ("/?x=y", "b"))


class Interrupted(BenchTest):
    async def test_ctrl_c_ends_it_early_with_what_was_measured(self):
        busy = asyncio.Event()

        async def count(socket):
            async for message in socket:
                await socket.send(message)
                if message.startswith("0" * 13) and int(message[:16], 16) == 100:
                    busy.set()
        port = await self.serve(count)
        process = await self.begin("echo", f"ws://{HOST}:{port}", "--connections", 2, "--warmup",
                                   "0", "--seconds", "600", "--json")
        await within(busy.wait())
        process.send_signal(signal.SIGINT)
        done = await self.end(process)
        self.assertEqual((done.code, done.err), (130, ""))
        self.assertTrue(done.report["interrupted"])
        self.assertEqual(done.report["failures"], [])
        self.assertGreaterEqual(done.report["messages"], 100)
        self.assertLess(done.report["seconds"], 600)

    async def test_ctrl_c_before_anything_was_measured_says_so(self):
        came = asyncio.Event()

        async def mute(reader, writer):
            came.set()
            await reader.read()
            writer.close()
        port = await self.listen(mute)
        process = await self.begin("echo", f"ws://{HOST}:{port}")
        await within(came.wait())
        process.send_signal(signal.SIGINT)
        done = await self.end(process)
        self.assertEqual(done.code, 130, done.err)
        self.assertIn("interrupted: nothing was measured", done.out)

    async def test_a_second_ctrl_c_kills(self):
        came = asyncio.Event()

        async def never_closes(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                         b"Connection: Upgrade\r\n"
                         b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
            await reader.readexactly(1)  # the first message
            process.send_signal(signal.SIGINT)
            while not closing(await reader.readexactly(1)):
                pass
            came.set()
            await reader.read()
            writer.close()

        def closing(byte):
            return byte == b"\x88"
        port = await self.listen(never_closes)
        process = await self.begin("echo", f"ws://{HOST}:{port}", "--connections", 1, "--warmup",
                                   "0", "--seconds", "600")
        await within(came.wait())
        process.send_signal(signal.SIGINT)
        done = await self.end(process)
        self.assertEqual((done.code, done.out), (-signal.SIGINT, ""))


class Terminal(BenchTest):
    def read_all(self, terminal):
        """What a terminal has been sent, once its other end is closed."""
        with contextlib.suppress(OSError):  # EIO is its end
            while part := os.read(terminal, 65536):
                yield part.decode()

    async def test_progress_is_shown_on_a_terminal_and_taken_away(self):
        node = self.start()
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = await self.begin("echo", node.url(), "--connections", 5, *SHORT, "--json",
                                   stderr=theirs)
        os.close(theirs)
        done = await self.end(process)
        self.assertEqual(done.code, 0)
        shown = "".join(self.read_all(ours))
        for part in ("opening 0/5", "warming up 0.0/0.1 s", "measuring 0.0/0.3 s"):
            self.assertIn(part, shown)
        self.assertTrue(shown.endswith("\r\x1b[K"), repr(shown))
        self.assertNotIn("\n", shown)
        self.assertEqual(done.report["failures"], [])


class CommandLine(BenchTest):
    async def test_bench_alone_shows_how_to_go_on(self):
        said = await self.impossible()
        self.assertIn("Usage: holdfast bench", said)
        for mode in ("echo", "idle", "storm", "fanout", "drain"):
            self.assertRegex(said, re.compile(rf"^  {mode} ", re.MULTILINE))

    async def test_a_mistyped_word_suggests_the_nearest(self):
        self.assertIn("did you mean storm?", await self.impossible("strom", "ws://a"))
        self.assertIn("did you mean --inflight?",
                      await self.impossible("echo", "ws://a", "--infligt", 3))

    async def test_help_goes_to_standard_output(self):
        done = await self.bench("echo", "--help")
        self.assertEqual((done.code, done.err), (0, ""))
        self.assertIn("Examples:", done.out)


if __name__ == "__main__":
    unittest.main()
