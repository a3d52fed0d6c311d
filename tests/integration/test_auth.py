"""Who a client is: tokens, headers of proxies, and what is refused."""

import json
import shutil
import signal
import subprocess
import time
import unittest

import clients
from raw_client import RawClient, request, upgrade_request
from support import HOST, NodeTest, deadline, run, skip_or_fail, within
from tokens import SECRET, encoded, token


class AuthTest(NodeTest):
    def key_file(self, content=SECRET, name="key"):
        path = f"{self.temporary_directory()}/{name}"
        with open(path, "w") as file:
            file.write(content)
        return path

    def guarded(self, *settings, secret=SECRET):
        """A node that wants tokens."""
        return self.start("auth.mode=jwt", f"auth.jwt.key_file={self.key_file(secret)}", *settings)

    def behind(self, proxies, *settings):
        """A node that believes these proxies."""
        path = f"{self.temporary_directory()}/holdfast.toml"
        with open(path, "w") as file:
            file.write(f'[[listen]]\naddress = "{HOST}:0"\ntrusted_proxies = {proxies}\n')
        return self.start(*settings, listen=None, arguments=("--config", path))

    async def user_of(self, node, target="/echo", **options):
        """Whom the node takes a new client for."""
        before = len(node.logged("admitted"))
        client = await clients.connect(self, node, target, **options)
        await client.round_trip()
        await node.saw("admitted", count=before + 1)
        return node.logged("admitted")[-1]["user"]

    async def ending(self, node, target="/echo", **options):
        """The close code that a new client gets."""
        return await (await clients.connect(self, node, target, **options)).ended()

    async def assert_refused(self, node, fault):
        """What is wrong stands in the log."""
        refused = await node.saw("refused", detail=fault)
        self.assertEqual(refused["reason"], "unauthenticated")


def bearer(text):
    return {"extra_headers": {"Authorization": f"Bearer {text}"}}


class Tokens(AuthTest):
    async def test_the_subject_of_a_token_in_a_header_is_the_user(self):
        node = self.guarded()
        self.assertEqual(await self.user_of(node, "/echo?user=eve", **bearer(token("ann"))), "ann")

    async def test_a_page_offers_its_token_as_a_subprotocol_and_never_gets_it_back(self):
        node = self.guarded()
        offer = {"subprotocols": ["bearer." + token("ann"), "holdfast.v1"]}
        client = await clients.connect(self, node, **offer)
        self.assertEqual(client.subprotocol, "holdfast.v1")
        self.assertEqual((await node.saw("admitted"))["user"], "ann")
        plain = await clients.connect(self, node, subprotocols=["bearer." + token(), "chat"])
        self.assertEqual(plain.subprotocol, "chat")
        alone = await clients.connect(self, node, subprotocols=["bearer." + token()])
        self.assertIsNone(alone.subprotocol)
        await alone.send("hello")
        self.assertEqual(await within(alone.recv()), "hello")

    async def test_a_token_may_stand_in_the_query(self):
        node = self.guarded()
        self.assertEqual(await self.user_of(node, f"/echo?x=1&token={token('ann')}"), "ann")

    async def test_two_different_tokens_are_refused(self):
        node = self.guarded()
        target = f"/echo?token={token('eve')}"
        self.assertEqual(await self.ending(node, target, **bearer(token("ann"))), 4501)
        await self.assert_refused(node, "two_tokens")

    async def test_what_is_wrong_with_a_token_is_4501_for_the_client_and_named_in_the_log(self):
        node = self.guarded("auth.jwt.issuer=login", "auth.jwt.audience=chat")
        good = {"iss": "login", "aud": "chat"}
        self.assertEqual(await self.user_of(node, **bearer(token(**good))), "ann")
        for fault, text in {
            "missing": None,
            "algorithm_refused": token(header={"alg": "none"}, **good),
            "bad_signature": token(secret="another secret of at least thirty-two bytes", **good),
            "expired": token(lasts=-1, **good),
            "not_yet_valid": token(nbf=time.time() + 600, **good),
            "no_expiry": token(exp=None, **good),
            "no_subject": token(sub=None, **good),
            "wrong_issuer": token(iss="elsewhere", aud="chat"),
            "wrong_audience": token(iss="login", aud="mail"),
            "malformed": "a.b",
        }.items():
            with self.subTest(fault):
                options = bearer(text) if text else {}
                self.assertEqual(await self.ending(node, **options), 4501)
                await self.assert_refused(node, fault)

    async def test_a_key_that_nobody_has_is_named_in_the_log(self):
        key = encoded(SECRET.encode())
        jwks = f'{{"keys": [{{"kty": "oct", "kid": "one", "alg": "HS256", "k": "{key}"}}]}}'
        node = self.start("auth.mode=jwt", f"auth.jwt.jwks_file={self.key_file(jwks)}")
        self.assertEqual(await self.user_of(node, **bearer(token(header={"kid": "one"}))), "ann")
        self.assertEqual(await self.ending(node, **bearer(token(header={"kid": "two"}))), 4501)
        await self.assert_refused(node, "unknown_key")

    async def test_keys_are_rotated_by_sighup_and_who_is_there_stays(self):
        new = "the next HS256 secret of at least thirty-two bytes"

        def jwks(**secrets):
            return json.dumps({"keys": [{"kty": "oct", "kid": kid, "alg": "HS256",
                                         "k": encoded(secret.encode())}
                                        for kid, secret in secrets.items()]})

        path = self.key_file(jwks(old=SECRET))
        node = self.start("auth.mode=jwt", f"auth.jwt.jwks_file={path}")

        async def reload(text, done):
            with open(path, "w") as file:
                file.write(text)
            count = len(node.logged("reload"))
            node.signal(signal.SIGHUP)
            await node.saw("reload", count=count + 1)
            self.assertEqual(node.logged("reload")[-1]["done"], done)

        old = bearer(token("ann", header={"kid": "old"}))
        client = await clients.connect(self, node, **old)
        await reload(jwks(old=SECRET, new=new), "yes")
        self.assertEqual(node.logged("keys_read")[-1]["what"], "2 keys: old, new")
        self.assertEqual(await self.user_of(node, **old), "ann")
        await reload(jwks(new=new), "yes")
        self.assertEqual(await self.ending(node, **old), 4501)
        fresh = bearer(token("bob", header={"kid": "new"}, secret=new))
        self.assertEqual(await self.user_of(node, **fresh), "bob")
        for wrong in ('{"keys": [', '{"keys": []}', "", "no JWKS at all, but long enough to be a secret"):
            await reload(wrong, "no")
            self.assertIn(path, node.logged("reload_failed")[-1]["error"])
            self.assertEqual(await self.user_of(node, **fresh), "bob")
        await client.send("still here")
        self.assertEqual(await within(client.recv()), "still here")

    async def test_signatures_of_public_keys_are_verified(self):
        if not shutil.which("openssl"):
            skip_or_fail(self, "openssl is not installed")
        for kind, make in {"RS256": ["rsa", "-pkeyopt", "rsa_keygen_bits:2048"],
                           "ES256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]}.items():
            with self.subTest(kind):
                folder = self.temporary_directory()
                self.openssl("genpkey", "-algorithm", *make, "-out", f"{folder}/private")
                self.openssl("pkey", "-in", f"{folder}/private", "-pubout", "-out",
                             f"{folder}/public")
                node = self.start("auth.mode=jwt", f"auth.jwt.key_file={folder}/public")
                signed = self.signed(kind, f"{folder}/private")
                self.assertEqual(await self.user_of(node, **bearer(signed)), "ann")
                forged = signed[:-8] + ("AAAAAAAA" if signed[-8:] != "AAAAAAAA" else "BBBBBBBB")
                self.assertEqual(await self.ending(node, **bearer(forged)), 4501)

    def openssl(self, *arguments, input=None):
        return subprocess.run(["openssl", *arguments], input=input, capture_output=True,
                              check=True).stdout

    def signed(self, kind, key):
        """A token whose signature `openssl` made."""
        text = token(header={"alg": kind}).rsplit(".", 1)[0]
        made = self.openssl("dgst", "-sha256", "-sign", key, input=text.encode())
        return f"{text}.{encoded(made if kind == 'RS256' else raw_pair(made))}"

    async def test_401_names_the_scheme(self):
        node = self.guarded("pool.refuse=http")
        answer = request(self, node, upgrade_request())
        self.assertEqual(answer.status, 401)
        self.assertEqual(answer.headers["www-authenticate"], "Bearer")

    async def test_a_path_that_does_not_exist_and_a_foreign_page_are_told_so_without_a_token(self):
        path = f"{self.temporary_directory()}/holdfast.toml"
        with open(path, "w") as file:
            file.write(f'[[listen]]\naddress = "{HOST}:0"\norigins = ["https://ours.example"]\n'
                       f'[auth]\nmode = "jwt"\njwt.key_file = "{self.key_file()}"\n')
        node = self.start(listen=None, arguments=("--config", path))
        self.assertEqual(request(self, node, upgrade_request("/nowhere")).status, 404)
        foreign = upgrade_request(extra=("Origin: https://evil.example",))
        self.assertEqual(request(self, node, foreign).status, 403)
        ours = upgrade_request(extra=("Origin: https://ours.example",
                                      f"Authorization: Bearer {token()}"))
        self.assertEqual(request(self, node, ours).status, 101)

    async def test_a_priority_user_gets_the_reserve(self):
        node = self.guarded("auth.priority_claim=staff", "pool.max_total_connections=3",
                            "pool.reserve=2")
        self.assertEqual(await self.user_of(node, **bearer(token("ann"))), "ann")
        self.assertEqual(await self.ending(node, **bearer(token("bob"))), 1013)
        self.assertEqual(await self.ending(node, **bearer(token("bob", staff="true"))), 1013)
        self.assertEqual(await self.user_of(node, **bearer(token("root", staff=True))), "root")

    async def test_the_limit_of_a_user_counts_the_subject(self):
        node = self.guarded("pool.max_connections_per_user=1")
        self.assertEqual(await self.user_of(node, "/echo?user=a", **bearer(token("ann"))), "ann")
        self.assertEqual(await self.ending(node, "/echo?user=b", **bearer(token("ann"))), 4500)


def raw_pair(der):
    """The two numbers of an ECDSA signature, 32 bytes each (RFC 7518 section 3.4), from DER."""
    numbers = []
    at = 2
    for _ in range(2):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


class Expiry(AuthTest):
    async def test_a_connection_is_closed_4003_when_its_token_expires(self):
        node = self.guarded()
        end = int(time.time() + deadline(1)) + 1
        client = await clients.connect(self, node, **bearer(token("ann", exp=end)))
        other = await clients.connect(self, node, **bearer(token("bob", lasts=600)))
        await client.send("still valid")
        self.assertEqual(await within(client.recv()), "still valid")
        self.assertEqual(await client.ended(limit=10), 4003)
        self.assertGreaterEqual(time.time(), end)
        self.assertLess(time.time(), end + deadline(1))
        closed = await node.saw("closed", user="ann")
        self.assertEqual((closed["cause"], closed["code"], closed["who"]),
                         ("token_expired", "4003", "node"))
        await other.send("valid for longer")
        self.assertEqual(await within(other.recv()), "valid for longer")

    async def test_the_leeway_prolongs_a_connection_as_well(self):
        node = self.guarded("auth.jwt.leeway=1m")
        client = await clients.connect(self, node, **bearer(token("ann", lasts=-1)))
        await client.send("a second late")
        self.assertEqual(await within(client.recv()), "a second late")


class Secrecy(AuthTest):
    async def test_a_token_never_reaches_the_log(self):
        node = self.guarded("pool.max_connections_per_user=1")
        used = [token("ann"), token("ann", lasts=50), token("eve", lasts=-600), token("bob")]
        await self.user_of(node, f"/broadcast?token={used[0]}")
        self.assertEqual(await self.ending(node, **bearer(used[1])), 4500)
        self.assertEqual(await self.ending(node, subprotocols=["bearer." + used[2]]), 4501)
        raw = RawClient(node.port)
        self.addCleanup(raw.close)
        raw.send(upgrade_request(f"/nowhere?token={used[3]}"))
        self.assertEqual(raw.read_response().status, 404)
        printed = "\n".join(await node.stopped()) + "\n".join(node.log.lines + node.out.lines)
        self.assertIn("unauthenticated", printed)
        for text in used:
            for part in text.split(".")[1:]:
                self.assertNotIn(part, printed)


class Proxies(AuthTest):
    PROXIED = ("auth.mode=header", "auth.header=X-User")

    def named(self, *lines):
        return upgrade_request(extra=lines)

    async def test_a_trusted_proxy_names_the_user(self):
        node = self.behind(f'["{HOST}"]', *self.PROXIED)
        headers = {"extra_headers": {"X-User": "ann"}}
        self.assertEqual(await self.user_of(node, "/echo?user=eve", **headers), "ann")

    async def test_anybody_else_who_names_a_user_is_refused(self):
        node = self.behind('["192.0.2.0/24"]', *self.PROXIED)
        self.assertEqual(await self.ending(node, extra_headers={"X-User": "ann"}), 4501)
        await self.assert_refused(node, "untrusted_peer")

    async def test_a_proxy_that_names_nobody_or_two_is_refused(self):
        node = self.behind(f'["{HOST}"]', *self.PROXIED, "pool.refuse=http")
        for fault, lines in {"missing": (), "repeated": ("X-User: eve", "x-user: ann"),
                             "too_long": (f"X-User: {'a' * 257}",),
                             "malformed": ("X-User: a\tb",)}.items():
            with self.subTest(fault):
                self.assertEqual(request(self, node, self.named(*lines)).status, 401)
                self.assertEqual(node.wait_for_log("refused", detail=fault)["reason"],
                                 "unauthenticated")

    async def test_the_address_is_that_of_the_client_behind_the_proxy(self):
        node = self.behind(f'["{HOST}", "10.0.0.0/8"]')
        for line, address in (("X-Forwarded-For: 192.0.2.7", "192.0.2.7"),
                              ("X-Forwarded-For: 10.9.9.9, 2001:DB8::1, 10.0.0.1", "2001:db8::1")):
            before = len(node.logged("admitted"))
            client = RawClient(node.port)
            self.addCleanup(client.close)
            client.send(self.named(line))
            self.assertEqual(client.read_response().status, 101)
            node.wait_until(lambda seen=before: len(node.logged("admitted")) > seen)
            self.assertEqual(node.logged("admitted")[-1]["address"], address)

    async def test_the_rate_counts_the_client_behind_the_proxy(self):
        node = self.behind(f'["{HOST}"]', "limits.handshakes_per_address=2", "node.shards=1")

        def status(client):
            return request(self, node, self.named(f"X-Forwarded-For: {client}")).status
        self.assertEqual([status("192.0.2.7") for _ in range(3)].count(101), 2)
        self.assertEqual([status(f"192.0.2.{i}") for i in range(10, 20)], [101] * 10)
        self.assertIn(429, [status(f"2001:db8:1:2::{i}") for i in range(3)])
        node.wait_for_log("refused", reason="address_rate")

    async def test_what_is_no_address_is_400(self):
        node = self.behind(f'["{HOST}"]')
        answer = request(self, node, self.named("X-Forwarded-For: unknown"))
        self.assertEqual(answer.status, 400)
        self.assertIn("X-Forwarded-For", node.wait_for_log("refused")["detail"])

    async def test_without_trust_nobody_is_asked_whom_he_stands_for(self):
        node = self.start("limits.handshakes_per_address=2", "node.shards=1")
        statuses = [request(self, node, self.named(f"X-Forwarded-For: 192.0.2.{i}")).status
                    for i in range(3)]
        self.assertIn(429, statuses)
        self.assertTrue(node.wait_for_log("admitted")["address"].startswith(f"{HOST}:"))


class HalfOpen(AuthTest):
    async def test_one_address_cannot_hold_all_handshakes(self):
        node = self.start("node.shards=1", "limits.half_open_per_address=3")
        waiting = [self.tcp(node) for _ in range(3)]
        self.assertEqual(self.tcp(node).read_response().status, 429)
        waiting[0].send(upgrade_request().split(b"\r\n", 1)[1])
        self.assertEqual(waiting[0].read_response().status, 101)
        again = self.tcp(node)
        again.send(upgrade_request().split(b"\r\n", 1)[1])
        self.assertEqual(again.read_response().status, 101)

    def tcp(self, node):
        client = RawClient(node.port)
        self.addCleanup(client.close)
        client.send(b"GET /echo HTTP/1.1\r\n")
        return client


class Checking(AuthTest):
    def check(self, *settings):
        return run("config", "check", *(x for setting in settings for x in ("--set", setting)))

    def test_a_key_file_is_looked_at_before_anything_is_begun(self):
        good = f"auth.jwt.key_file={self.key_file()}"
        self.assertEqual(self.check("auth.mode=jwt", good).returncode, 0)
        for path in ("/nowhere/key.pem", self.key_file("short"),
                     self.key_file("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")):
            for command in (("config", "check"), ("serve", "--listen", f"{HOST}:0")):
                got = run(*command, "--set", "auth.mode=jwt", "--set", f"auth.jwt.key_file={path}",
                          "--set", f"node.run_dir={self.temporary_directory()}")
                self.assertEqual(got.returncode, 2, got)
                self.assertIn("--set: auth.jwt.key_file: ", got.stderr)
                self.assertIn(path, got.stderr)

    def test_what_is_no_jwks_is_not_taken_for_a_secret(self):
        page = self.key_file("<html>502 Bad Gateway, try again in a moment</html>")
        got = self.check("auth.mode=jwt", f"auth.jwt.jwks_file={page}")
        self.assertEqual(got.returncode, 2)
        self.assertIn("is no JWKS", got.stderr)


if __name__ == "__main__":
    unittest.main()
