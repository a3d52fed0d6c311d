"""Tokens (JWT, RFC 7519) as an issuer would make them: HS256, and whatever no issuer makes."""

import base64
import hashlib
import hmac
import json
import time

SECRET = "an HS256 secret of at least thirty-two bytes"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(user="ann", *, lasts=60, secret=SECRET, header=None, **claims):
    """A token that is valid for `lasts` seconds; a claim of None is left out."""
    header = {"alg": "HS256", "typ": "JWT", **(header or {})}
    now = time.time()
    claims = {"sub": user, "exp": now + lasts, **claims}
    claims = {name: value for name, value in claims.items() if value is not None}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
    digest = b"" if header["alg"] == "none" else hmac.new(secret.encode(), signed.encode(),
                                                          hashlib.sha256).digest()
    return f"{signed}.{encoded(digest)}"
