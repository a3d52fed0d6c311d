"""holdfast bench over wss://."""

import shutil
import ssl
import subprocess
import tempfile
import unittest

from bench_run import BenchTest, SHORT, echo
from support import HOST, environment, skip_or_fail


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


if __name__ == "__main__":
    unittest.main()
