"""The admin API of a real node: every answer is held to the description that it serves."""

import json
import os
import stat
import unittest

import jsonschema
from admin_client import Admin, UnixConnection
from raw_client import connected
from support import NodeTest, run


class AdminTest(NodeTest):
    def begin(self, *settings, clients=6, **how):
        node = self.start("node.shards=2", *settings, **how)
        self.clients = [connected(self, node, user=f"u{i % 3}") for i in range(clients)]
        for client in self.clients:
            client.echo()
        return node, Admin(node)


class Description(AdminTest):
    def test_it_is_sound(self):
        _, admin = self.begin(clients=0)
        document = admin.document
        self.assertEqual(document["openapi"].rsplit(".", 1)[0], "3.1")
        for schema in document["components"]["schemas"].values():
            jsonschema.Draft202012Validator.check_schema(schema)
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                with self.subTest(f"{method} {path}"):
                    named = [p["name"] for p in operation.get("parameters", []) if p.get("in") == "path"]
                    self.assertEqual(len(named), path.count("{"))
                    self.assertTrue(operation["responses"])
        self.assertEqual(self.missing(document, document), [])

    def missing(self, part, document):
        """References that lead nowhere."""
        if isinstance(part, list):
            return [x for each in part for x in self.missing(each, document)]
        if not isinstance(part, dict):
            return []
        lost = [x for each in part.values() for x in self.missing(each, document)]
        if isinstance(part.get("$ref"), str):
            target = document
            for step in part["$ref"].removeprefix("#/").split("/"):
                target = target.get(step, {})
            if not target:
                lost.append(part["$ref"])
        return lost


class Answers(AdminTest):
    def test_every_question_is_answered_as_described(self):
        node, admin = self.begin()
        for target in ("/v1/status", "/v1/stats", "/v1/health", "/v1/alerts", "/v1/config",
                       "/v1/pool", "/v1/users", "/v1/connections", "/v1/closed", "/v1/actors",
                       "/v1/drain", "/v1/connections?sort=-age&limit=2&user=u1"):
            with self.subTest(target):
                self.assertNotEqual(admin.get(target), {})
        self.assertEqual(admin.get("/v1/connections")["total"], 6)
        for actor in admin.get("/v1/actors")["items"]:
            with self.subTest(actor["name"]):
                self.assertEqual(admin.get(f"/v1/actors/{actor['name']}")["kind"], actor["kind"])
        one = admin.get("/v1/connections")["items"][0]["id"]
        self.assertEqual(admin.get(f"/v1/connections/{one}")["id"], one)
        self.assertTrue(admin.get(f"/v1/connections/{one}/health")["healthy"])
        self.assertEqual(admin.post("/v1/health/validate")["checked"], 6)
        self.assertEqual(admin.post("/v1/zombies/clean")["cleaned"], 0)
        self.assertEqual(admin.post("/v1/drain", {"plan": True})["population"]["plain"], 6)
        self.assertEqual(admin.get("/v1/users?near=1")["items"], [])
        self.assertEqual(admin.post("/v1/send", {"user": "u1", "text": "hi"})["reached"], 2)
        self.assertEqual(admin.post("/v1/publish", {"topic": "t", "data": [1]}), {"published": True})
        clock = {"type": "ticker", "name": "clock", "arguments": {"topic": "t"}}
        self.assertEqual(admin.post("/v1/actors/spawn", clock), {"name": "clock"})
        self.assertEqual(admin.get("/v1/actors/clock")["kind"], "ticker")
        admin.post("/v1/actors/spawn", clock, expected=409)
        self.assertEqual(admin.post("/v1/actors/stop", {"name": "clock"}), {"name": "clock"})
        self.assertEqual(admin.post("/v1/log", {"level": "warn"})["level"], "warn")
        self.assertEqual(admin.post("/v1/reload")["errors"], [])
        self.assertEqual([admin.raw("GET", path)[0] for path in ("/livez", "/readyz")], [200, 200])
        self.assertIn("holdfast_connections{", admin.raw("GET", "/metrics")[1])

    def test_errors_are_answered_as_described(self):
        _, admin = self.begin(clients=0)
        admin.get("/v1/connections?sort=height", expected=400)
        admin.get("/v1/connections/nobody", expected=404)
        admin.get("/v1/actors/nobody", expected=404)
        admin.post("/v1/connections/kick", {}, expected=400)
        admin.post("/v1/drain/cancel", expected=409)
        admin.post("/v1/send", {"text": "to whom?"}, expected=400)
        admin.post("/v1/publish", {"text": "where?"}, expected=400)
        admin.post("/v1/actors/spawn", {"type": "tickr", "name": "a"}, expected=400)
        admin.post("/v1/actors/stop", {"name": "nobody"}, expected=404)
        self.assertEqual(admin.raw("GET", "/v1/nothing")[0], 404)
        self.assertEqual(admin.raw("DELETE", "/v1/drain")[0], 405)

    def test_a_kick_closes_who_is_meant_and_the_ledger_says_so(self):
        node, admin = self.begin()
        self.assertEqual(admin.post("/v1/connections/kick", {"user": "u1", "dry_run": True})["matched"], 2)
        self.assertEqual(admin.post("/v1/connections/kick",
                                    {"user": "u1", "reason": "enough"})["kicked"], 2)
        for client in (self.clients[1], self.clients[4]):
            got = client.read_close()
            self.assertEqual((got.close_code, got.reason), (4503, "enough"))
            client.close()
        node.wait_for_log("closed", count=2, user="u1")
        node.wait_until(lambda: len(admin.get("/v1/closed?user=u1")["items"]) == 2)
        self.assertEqual({x["cause"] for x in admin.get("/v1/closed?user=u1")["items"]}, {"kicked"})
        self.clients[0].echo()

    def test_a_trace_and_the_events_come_as_they_happen(self):
        node, admin = self.begin()
        reader = UnixConnection(f"{node.run_dir}/holdfast.sock")
        reader.request("GET", "/v1/events?level=debug")
        events = reader.getresponse()
        self.assertTrue(events.readline().startswith(b": events"))
        tracer = UnixConnection(f"{node.run_dir}/holdfast.sock")
        tracer.request("GET", "/v1/trace?user=u2&limit=2&for=30s")
        trace = tracer.getresponse()
        node.wait_until(lambda: (self.clients[2].echo() or True) and self.heard(trace))
        self.assertEqual(self.lines[0]["user"], "u2")
        self.clients[0].close()
        while not (line := events.readline()).startswith(b"event: closed"):
            self.assertNotEqual(line, b"")
        self.assertEqual(json.loads(events.readline().removeprefix(b"data: "))["user"], "u0")

    def heard(self, trace):
        self.lines = [json.loads(trace.readline())]
        return True

    def test_a_drain_by_the_api_ends_the_node_well(self):
        node, admin = self.begin("shutdown.reconnect_rate=2")
        self.assertEqual(admin.post("/v1/drain", expected=202)["reason"], "admin")
        node.wait_for_log("phase", phase="draining")
        self.assertEqual(admin.raw("GET", "/readyz")[0], 503)
        self.assertEqual(admin.raw("GET", "/livez")[0], 200)
        self.assertEqual(admin.get("/v1/drain")["ledger"]["connections"], 6)
        for client in self.clients:
            self.assertEqual(client.read_close().close_code, 1012)
            client.close()
        node.wait_exit()


class Rights(AdminTest):
    def test_nobody_else_may_connect(self):
        node, _ = self.begin(clients=0)
        path = f"{node.run_dir}/holdfast.sock"
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        if os.getuid() != 0:
            self.skipTest("only root can become somebody else")
        child = os.fork()
        if child == 0:
            os.setgid(65534)
            os.setuid(65534)
            try:
                UnixConnection(path).connect()
                os._exit(0)
            except PermissionError:
                os._exit(13)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 13)

    def test_an_actor_that_dies_is_seen_and_the_api_goes_on(self):
        node, admin = self.begin(arguments=("--debug",))
        for actor in ("health", "pool", "inspector", "pool/1"):
            run("debug", "--run-dir", node.run_dir, "kill", actor)
            node.wait_until(lambda: any(
                x["name"] == actor and x["restarts"] == 1 and x["alive"]
                for x in admin.get("/v1/actors")["items"]), what=f"{actor} is back")
        self.assertEqual(admin.get("/v1/connections")["total"], 6)
        self.assertEqual(admin.get("/v1/status")["partial"], [])


if __name__ == "__main__":
    unittest.main()
