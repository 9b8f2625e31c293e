"""A market under attack: calls as raw as they are meant, accounts of the demo, and what every answer must be."""
import base64, hashlib, hmac, http.client, json, os, re, sys, time, urllib.parse, uuid

BASE = os.environ["ATTACK_BASE"]
HOST = urllib.parse.urlsplit(BASE).netloc
OUT = open(os.environ["ATTACK_ACCOUNTS"], encoding="utf-8").read()


class Answer:
    def __init__(self, status, headers, body, sent=""):
        self.status, self.headers, self.body, self.sent = status, headers, body, sent
        self.kind = (headers.get("content-type") or "").split(";")[0]

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json.get("code") if self.kind == "application/problem+json" else None

    def pointers(self):
        return [fault["pointer"] for fault in self.json.get("errors", [])]

    def __repr__(self):
        return f"{self.status} {self.code or self.kind} {self.body[:300].decode(errors='replace')}"


class Line:
    """One connection, kept open; opened again when the server has closed it."""

    def __init__(self):
        self.connection, self.calls = None, 0

    def send(self, method, path, body, headers):
        """Sends a call; gives its words, so that an answer that says them again tells nothing of its own."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection(HOST, timeout=30)
            self.connection.connect()
        c = self.connection
        c.putrequest(method, "/", skip_accept_encoding=True)
        # The address goes out as it is, byte by byte: a library that tidies it up would hide the fault.
        c._buffer[0] = method.encode() + b" " + (path if isinstance(path, bytes) else path.encode()) + b" HTTP/1.1"
        for name, value in headers:
            c.putheader(name, value)
        if body is not None:
            c.putheader("Content-Length", str(len(body)))
        c.endheaders(body)
        text = lambda sent: sent.decode(errors="replace") if isinstance(sent, bytes) else str(sent)
        return "\n".join([urllib.parse.unquote_plus(text(path)), text(body or ""), *(text(value) for _, value in headers)])

    def call(self, method, path, body=None, headers=()):
        self.calls += 1
        for again in (True, False):
            try:
                sent = self.send(method, path, body, headers)
                answer = self.connection.getresponse()
                out = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read(), sent)
                if answer.will_close:
                    self.close()
                return out
            except (http.client.HTTPException, OSError):
                self.close()
                if not again:
                    raise

    def head_of(self, method, path, headers):
        """The head of an answer whose body never ends; of a refusal all."""
        self.close()
        sent = self.send(method, path, None, headers)
        answer = self.connection.getresponse()
        out = Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, b"" if answer.status == 200 else answer.read(), sent)
        self.close()
        return out

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


LINE = Line()


def key():
    return "attack-" + uuid.uuid4().hex


def call(method, path, json_body=None, token=None, headers=(), raw=None, kind="application/json", language="en"):
    sent = [] if language is None else [("Accept-Language", language)]
    body = raw
    if json_body is not None:
        body = json.dumps(json_body, ensure_ascii=False).encode()
    if body is not None:
        sent.append(("Content-Type", kind))
    if token:
        sent.append(("Authorization", f"Bearer {token}"))
    if method != "GET" and not any(name == "Idempotency-Key" for name, _ in headers):
        sent.append(("Idempotency-Key", key()))
    return LINE.call(method, path, body, sent + list(headers))


def good(answer, *statuses):
    if answer.status not in (statuses or (200, 201, 204)):
        sys.exit(f"unexpected: {answer}")
    return answer.json if answer.body else None


def code(secret, steps=0):
    step = int(time.time()) // 30 + steps
    mac = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((int.from_bytes(mac[at:at + 4], "big") & 0x7FFFFFFF) % 1000000)


def secret_of(email):
    found = re.search(rf"^  {re.escape(email)} .*authenticator (\S+)$", OUT, re.M)
    return found and found[1]


LATER = object()


class Account:
    """Somebody of the demo; his token is renewed before it runs out. With a seat he acts for that organisation."""

    def __init__(self, email, seat=None):
        self.email, self.seat = email, seat
        self.password = "zhepai-sandbox-only" if email.endswith("@sandbox.example") else "zhepai-demo-owner"
        self.secret, self.since, self.held = secret_of(email), 0, None
        self.renew_after = 600

    @property
    def token(self):
        if time.monotonic() - self.since > self.renew_after or not self.held:
            body = {"email": self.email, "password": self.password} | ({"organisation_id": self.seat} if self.seat else {})
            # A code counts once, and failures are counted: this step's code and the next one's may have been used by
            # whoever came before, the one after these has not. A seat was looked up by signing in just now.
            tries = (0,) if not self.secret else (LATER,) if self.seat else (0, 1, LATER, LATER)
            for steps in tries:
                if steps is LATER:
                    time.sleep(30.5 - time.time() % 30)
                if self.secret:
                    body["code"] = code(self.secret, 1 if steps is LATER else steps)
                answer = call("POST", "/v1/sessions", body)
                if answer.status == 201:
                    break
            self.held, self.since = good(answer, 201)["access_token"], time.monotonic()
        return self.held


UNIVERSITY, ENTERPRISE = Account("zju@demo.example"), Account("you@demo.example")


def seller_of(listing):
    """Whoever sells in the demo what a listing offers."""
    organisation = good(call("GET", f"/v1/listings/{listing}"), 200)["organisation_id"]
    everybody = (Account(email) for email in sorted(set(re.findall(r"[a-z]+@demo\.example", OUT))))
    return next(one for one in everybody if good(call("GET", "/v1/me", token=one.token))["organisation_id"] == organisation)


INSIDE = re.compile(r"SELECT |INSERT INTO|DELETE FROM|SQLSTATE|sqlx|sea[-_]orm|panicked|stack backtrace|src/|\.rs:|/home/|/root/|/tmp/|zhepai/0\.")


def inside(answer):
    """What a refusal tells of the program: a statement, a library, a stack, a file, its version; not what the caller said himself."""
    if answer.status < 400:
        return None
    said = answer.body.decode(errors="replace")
    if answer.code:
        errors = [{name: value for name, value in fault.items() if name != "pointer"} for fault in answer.json.get("errors", [])]
        said = json.dumps(answer.json | {"errors": errors}, ensure_ascii=False)
    return next((told for told in INSIDE.findall(said) if told not in answer.sent), None)


class Findings:
    """Counts what was tried; keeps what was wrong, a few of each kind."""

    def __init__(self):
        self.tried, self.wrong = 0, {}

    def check(self, holds, what, detail):
        self.tried += 1
        if not holds:
            self.wrong.setdefault(what, []).append(detail)
        return holds

    def sound(self, answer, what, detail):
        """No fault of the server's, and every refusal a problem with a code."""
        self.check(not inside(answer), f"{what}: tells what is inside", f"{detail} -> {answer}")
        refusal = answer.status < 400 or bool(answer.kind == "application/problem+json" and answer.code and answer.json["status"] == answer.status)
        return self.check(answer.status < 500 and refusal, f"{what}: not a sound answer", f"{detail} -> {answer}")

    def end(self, said):
        for what, details in self.wrong.items():
            print(f"FAILED {what} ({len(details)})")
            for detail in details[:int(os.environ.get("ATTACK_SHOWN", "6"))]:
                print("   ", str(detail)[:600])
        print(f"{said}: {LINE.calls} calls, {self.tried} checks, {sum(map(len, self.wrong.values()))} failed")
        sys.exit(1 if self.wrong else 0)
