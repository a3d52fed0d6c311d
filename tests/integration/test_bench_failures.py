"""holdfast bench against servers that do what they should not, and against none."""

import asyncio
import http
import os
import pwd
import resource
import shutil
import subprocess
import unittest

from bench_run import BenchTest, SHORT, echo
from support import BINARY, HOST, environment, skip_or_fail


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

    async def test_a_message_of_another_topic_is_noticed(self):
        sockets = []

        async def to_everyone(socket):
            sockets.append(socket)
            async for message in socket:
                for each in sockets:
                    await each.send(message)
        port = await self.serve(to_everyone)
        failures = await self.failed("fanout", f"ws://{HOST}:{port}", "--connections", 4,
                                     "--topics", 2, "--rate", 20, *SHORT)
        self.assertRegex(failures, r"\d+ messages came that nobody here had published, or twice")

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


if __name__ == "__main__":
    unittest.main()
