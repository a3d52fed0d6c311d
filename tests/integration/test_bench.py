"""holdfast bench: each mode against a node, and against servers that do what they should not."""

import asyncio
import http
import json
import os
import pty
import pwd
import re
import resource
import shutil
import signal
import ssl
import subprocess
import tempfile
import unittest

import websockets

from support import BINARY, HOST, NodeTest, deadline, environment, skip_or_fail, within


class Done:
    """A run of the generator that has ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def report(self):
        return json.loads(self.out)

    @property
    def failures(self):
        return "; ".join(self.report["failures"])


class BenchTest(NodeTest):
    async def begin(self, *words, **options):
        """A run of `holdfast bench`, begun; it is killed with the test."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, "env": environment(), **options}
        process = await asyncio.create_subprocess_exec(BINARY, "bench", *map(str, words), **options)
        self.addCleanup(lambda: process.returncode is None and process.kill())
        return process

    async def end(self, process, limit=60.0):
        out, err = await within(process.communicate(), limit)
        return Done(process.returncode, out.decode(), (err or b"").decode())

    async def bench(self, *words, limit=60.0, **options):
        return await self.end(await self.begin(*words, **options), limit)

    async def held(self, *words, **options):
        """The report of a run in which all held."""
        done = await self.bench(*words, "--json", **options)
        self.assertEqual((done.code, done.err), (0, ""), done.out)
        self.assertEqual(done.report["failures"], [])
        return done.report

    async def failed(self, *words, **options):
        """What did not hold in a run that was possible."""
        done = await self.bench(*words, "--json", **options)
        self.assertEqual((done.code, done.err), (1, ""), done.out)
        return done.failures

    async def impossible(self, *words, **options):
        """Why a run was not possible; such a one prints no figures."""
        done = await self.bench(*words, **options)
        self.assertEqual((done.code, done.out), (2, ""), done.err)
        return done.err

    async def serve(self, handler, **options):
        """The port of a server made of python3-websockets."""
        options = {"compression": None, "ping_interval": None, "max_size": None, **options}
        server = await websockets.serve(handler, HOST, 0, **options)
        self.addAsyncCleanup(server.wait_closed)
        self.addCleanup(server.close)
        return server.sockets[0].getsockname()[1]

    async def listen(self, handler):
        """The port of a plain TCP server."""
        server = await asyncio.start_server(handler, HOST, 0)
        self.addCleanup(server.close)
        return server.sockets[0].getsockname()[1]


async def echo(socket):
    async for message in socket:
        await socket.send(message)


SHORT = ("--seconds", "0.3", "--warmup", "0.1")


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


class WrongServers(BenchTest):
    """What a server does wrong is a failure with exit code 1, never a good figure."""

    async def test_a_changed_byte_is_noticed(self):
        async def change_one(socket):
            count = 0
            async for message in socket:
                count += 1
                await socket.send(message[:-1] + "~" if count == 10 else message)
        port = await self.serve(change_one)
        failures = await self.failed("echo", f"ws://{HOST}:{port}", "--connections", 1, *SHORT)
        self.assertEqual(failures, "1 message came back changed")

    async def test_verification_names_the_message_and_the_byte(self):
        async def change_one(socket):
            async for message in socket:
                if isinstance(message, bytes) and len(message) == 100:
                    message = message[:42] + bytes([message[42] ^ 1]) + message[43:]
                await socket.send(message)
        port = await self.serve(change_one)
        failures = await self.failed("echo", f"ws://{HOST}:{port}", "--verify", "--size", 200,
                                     "--connections", 2)
        self.assertIn("6 messages came back changed", failures)
        self.assertRegex(failures, r"connection \d, message \d+ \(binary, 100 bytes, sent [a-z ]+\) "
                                   r"came back with another byte 42")

    async def test_text_that_comes_back_as_binary_is_noticed(self):
        async def as_binary(socket):
            async for message in socket:
                await socket.send(message.encode() if isinstance(message, str) else message)
        port = await self.serve(as_binary)
        failures = await self.failed("echo", f"ws://{HOST}:{port}", "--connections", 1, *SHORT)
        self.assertRegex(failures, r"\d+ messages? came back changed")

    async def test_a_limit_of_the_server_is_named(self):
        node = self.start("limits.max_message_size=1KiB")
        failures = await self.failed("echo", node.url(), "--verify", "--connections", 2)
        self.assertIn("2 connections ended unasked: 2 x 1009 message_too_big", failures)
        self.assertIn("lower --size", failures)

    async def test_dropped_connections_are_noticed(self):
        async def close_after_five(socket):
            for _ in range(5):
                await socket.send(await socket.recv())
            await socket.close(1011)
        port = await self.serve(close_after_five)
        failures = await self.failed("echo", f"ws://{HOST}:{port}", "--connections", 3, *SHORT)
        self.assertIn("3 connections ended unasked: 3 x 1011", failures)

    async def test_a_connection_cut_without_a_close_frame_is_noticed(self):
        async def cut(socket):
            await socket.recv()
            socket.transport.abort()
        port = await self.serve(cut)
        failures = await self.failed("echo", f"ws://{HOST}:{port}", "--connections", 2, *SHORT)
        self.assertIn("2 connections ended unasked: 2 x no close frame", failures)
        self.assertIn("2 messages never came back", failures)

    async def test_a_delivery_left_out_is_noticed(self):
        sockets = []

        async def leave_one_out(socket):
            sockets.append(socket)
            count = 0
            async for message in socket:
                count += 1
                for number, each in enumerate(sockets):
                    if (count, number) != (3, 1):
                        await each.send(message)
        port = await self.serve(leave_one_out)
        failures = await self.failed("fanout", f"ws://{HOST}:{port}", "--connections", 4, "--rate",
                                     50, *SHORT)
        self.assertEqual(failures, "1 message never came to a subscriber")

    async def test_a_message_that_nobody_published_is_noticed(self):
        async def twice(socket):
            async for message in socket:
                await socket.send(message)
                await socket.send(message)
        port = await self.serve(twice)
        failures = await self.failed("fanout", f"ws://{HOST}:{port}", "--connections", 1, "--rate",
                                     20, *SHORT)
        self.assertRegex(failures, r"\d+ messages came that nobody here had published, or twice")

    async def test_what_is_no_websocket_frame_is_noticed(self):
        async def garbage(socket):
            await socket.recv()
            socket.transport.write(b"\xff\xff\xff\xff")
            await socket.wait_closed()
        port = await self.serve(garbage)
        failures = await self.failed("echo", f"ws://{HOST}:{port}", "--connections", 2, *SHORT)
        self.assertIn("2 connections got what is no WebSocket", failures)

    async def test_some_refusals_are_counted_with_their_reason(self):
        opened = []

        async def refuse_every_other(path, headers):
            opened.append(path)
            if len(opened) % 2 == 0:
                return http.HTTPStatus.SERVICE_UNAVAILABLE, {}, b"one at a time\nplease\n"
            return None
        port = await self.serve(echo, process_request=refuse_every_other)
        done = await self.bench("storm", f"ws://{HOST}:{port}", "--connections", 6, "--json")
        self.assertEqual(done.code, 1)
        self.assertIn("3 connections could not be opened: 3 x HTTP/1.1 503 Service Unavailable: "
                      "one at a time", done.failures)
        self.assertEqual(done.report["connections"]["opened"], 3)


class NotPossible(BenchTest):
    """Exit code 2 and a sentence that says what to do."""

    async def test_nobody_listens(self):
        port = await self.serve(echo)
        unused = await asyncio.start_server(lambda *_: None, HOST, 0)
        gone = unused.sockets[0].getsockname()[1]
        unused.close()
        await unused.wait_closed()
        self.assertNotEqual(port, gone)
        self.assertEqual(await self.impossible("echo", f"ws://{HOST}:{gone}/"),
                         f"holdfast bench: nobody listens on {HOST} port {gone} (connection "
                         "refused): is the server running?\n")

    async def test_a_name_that_is_not_known(self):
        self.assertIn("the host nowhere.invalid is not found",
                      await self.impossible("echo", "ws://nowhere.invalid/"))

    async def test_a_url_that_is_none(self):
        self.assertIn("did you mean ws://a/?", await self.impossible("echo", "http://a/"))

    async def test_a_refusal_is_quoted_with_its_status_and_first_line(self):
        async def forbid(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 22\r\n\r\n"
                         b"no such token here\nxyz")
            await writer.drain()
            writer.close()
        port = await self.listen(forbid)
        said = await self.impossible("echo", f"ws://{HOST}:{port}/", "--connections", 3)
        self.assertIn("HTTP/1.1 403 Forbidden: no such token here", said)
        self.assertIn("--header 'Authorization", said)

    async def test_a_server_that_is_no_web_server(self):
        async def talk_first(reader, writer):
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
            await writer.drain()
            writer.close()
        port = await self.listen(talk_first)
        self.assertIn("what answers is no HTTP: SSH-2.0",
                      await self.impossible("storm", f"ws://{HOST}:{port}/"))

    async def test_too_low_a_descriptor_limit(self):
        node = self.start()

        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
        said = await self.impossible("storm", node.url(), "--connections", 200, preexec_fn=few)
        self.assertRegex(said, r"200 connections need \d+ open files, and this process may have "
                               r"100: raise the limit \(ulimit -n")

    async def test_a_process_that_is_not_there(self):
        ended = subprocess.Popen(["true"])
        ended.wait()
        said = await self.impossible("echo", f"ws://{HOST}:1/", "--server-pid", ended.pid)
        self.assertEqual(said, f"holdfast bench: --server-pid {ended.pid}: there is no such "
                               "process\n")

    async def test_the_memory_of_a_process_that_is_not_ours(self):
        if os.getuid() != 0:
            skip_or_fail(self, "becoming somebody else takes root")
        nobody = pwd.getpwnam("nobody")
        # A binary that nobody may run, in a folder that nobody may enter, would say nothing.
        copy = shutil.copy(BINARY, self.temporary_directory())
        os.chmod(os.path.dirname(copy), 0o755)
        node = self.start()
        process = await asyncio.create_subprocess_exec(
            copy, "bench", "idle", node.url(), "--server-pid", str(node.pid), cwd="/",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), user=nobody.pw_uid,
            extra_groups=[])
        done = await self.end(process)
        self.assertEqual(done.code, 2, done.out)
        self.assertIn(f"--server-pid {node.pid} is not ours", done.err)


class Tls(BenchTest):
    """wss:// against the TLS of Python, with a certificate for localhost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not shutil.which("openssl"):
            return
        folder = tempfile.mkdtemp(prefix="holdfast-test-")
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        cls.certificate, cls.key = f"{folder}/cert.pem", f"{folder}/key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", cls.key, "-out", cls.certificate], check=True,
                       capture_output=True)

    async def asyncSetUp(self):
        await super().asyncSetUp()
        if not shutil.which("openssl"):
            skip_or_fail(self, "openssl is missing")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        self.names = []
        context.sni_callback = lambda _, name, __: self.names.append(name)
        self.port = await self.serve(echo, ssl=context)
        self.trusting = {"env": environment(SSL_CERT_FILE=self.certificate)}

    async def test_a_certificate_that_nobody_vouches_for_is_refused(self):
        said = await self.impossible("echo", f"wss://localhost:{self.port}/", *SHORT)
        self.assertIn("TLS: the certificate is refused: self-signed certificate", said)
        self.assertIn("--insecure", said)

    async def test_insecure_accepts_any_certificate(self):
        report = await self.held("echo", f"wss://localhost:{self.port}/", "--insecure",
                                 "--connections", 5, *SHORT)
        self.assertGreater(report["messages"], 0)

    async def test_a_trusted_certificate_needs_no_option_and_the_name_is_sent(self):
        await self.held("storm", f"wss://localhost:{self.port}/", "--connections", 5,
                        **self.trusting)
        self.assertEqual(self.names, ["localhost"] * 5)

    async def test_a_trusted_certificate_of_another_host_is_refused(self):
        said = await self.impossible("echo", f"wss://{HOST}:{self.port}/", *SHORT, **self.trusting)
        self.assertIn("the certificate is refused: IP address mismatch", said)
        self.assertEqual(set(self.names), {None})

    async def test_every_size_and_kind_of_message_comes_back(self):
        report = await self.held("echo", f"wss://localhost:{self.port}/", "--verify", "--size",
                                 70000, "--connections", 2, **self.trusting)
        self.assertEqual(report["mismatches"], 0)
        self.assertGreater(report["bytes"], 1_000_000)

    async def test_the_wrong_scheme_is_answered_with_the_other(self):
        self.assertIn("wss://", await self.impossible("echo", f"ws://localhost:{self.port}/"))
        plain = await self.serve(echo)
        self.assertIn("try ws://", await self.impossible("echo", f"wss://localhost:{plain}/",
                                                         "--insecure"))


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
    async def test_progress_is_shown_on_a_terminal_and_taken_away(self):
        node = self.start()
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        process = await self.begin("echo", node.url(), "--connections", 5, *SHORT, "--json",
                                   stderr=theirs)
        os.close(theirs)
        done = await self.end(process)
        self.assertEqual(done.code, 0)
        shown = os.read(ours, 65536).decode()
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
