"""A client of the admin API."""

import http.client
import json
import socket

import jsonschema


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Admin:
    """Asks a node and checks each answer against the node's own OpenAPI document."""

    def __init__(self, node):
        self.http = UnixConnection(f"{node.run_dir}/holdfast.sock")
        self.document = json.loads(self.raw("GET", "/v1/schema")[1])

    def raw(self, method, target, body=None, headers=None):
        more = {"Content-Type": "application/json"} if method == "POST" else {}
        self.http.request(method, target, body, {**more, **(headers or {})})
        answer = self.http.getresponse()
        return answer.status, answer.read().decode(), answer.headers["Content-Type"]

    def ask(self, method, target, body=None, expected=200):
        status, text, kind = self.raw(method, target, None if body is None else json.dumps(body))
        assert status == expected, (status, text)
        value = json.loads(text)
        self.check(method, target.split("?")[0], str(status), kind, value)
        return value

    def get(self, target, **how):
        return self.ask("GET", target, **how)

    def post(self, target, body=None, **how):
        return self.ask("POST", target, {} if body is None else body, **how)

    def check(self, method, path, status, kind, value):
        operation = self.document["paths"][self.pattern(path)][method.lower()]
        response = operation["responses"][status]
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].split("/")[-1]]
        schema = {**response["content"][kind]["schema"], "components": self.document["components"]}
        jsonschema.Draft202012Validator(schema).validate(value)

    def pattern(self, path):
        paths = self.document["paths"]
        if path in paths:
            return path
        fits = [p for p in paths if "{" in p and path.startswith(p.split("{")[0])
                and path.endswith(p.split("}")[1])]
        return max(fits, key=len)
