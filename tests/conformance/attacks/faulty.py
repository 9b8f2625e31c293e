"""A proxy before a market, with one fault planted in it: an attack that does not find it is worth nothing.

faulty.py FAULT PORT UPSTREAM_PORT
"""
import http.client, json, os, re, socketserver, sqlite3, subprocess, sys, time, unicodedata, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FAULT, PORT, UPSTREAM = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])


class Fault:
    """What goes wrong, in what is sent on or in what comes back."""

    def __init__(self, call):
        self.method, self.path, self.headers, self.body = call.command, call.path, call.headers, call.sent

    @property
    def text(self):
        return self.body.decode(errors="replace")

    def before(self):
        """An answer of its own: status, content type, body; or nothing."""

    def after(self, status, headers, body):
        return status, headers, body


class none(Fault):
    pass


class takes_broken_json(Fault):
    """Says of broken text that its content is wrong."""

    def after(self, status, headers, body):
        if status == 400 and b'"malformed"' in body:
            told = json.loads(body) | {"status": 422, "code": "invalid"}
            return 422, headers, json.dumps(told).encode()
        return status, headers, body


class falls_over_nul(Fault):
    def before(self):
        if "\\u0000" in self.text:
            return 500, "text/html", b"<h1>oops</h1>"


class tells_its_statements(Fault):
    """A refusal with the statement in it that failed."""

    def after(self, status, headers, body):
        if status == 422:
            body = json.dumps(json.loads(body) | {"detail": "no row: SELECT id FROM person"}).encode()
        return status, headers, body


class last_member_wins(Fault):
    def before(self):
        try:
            self.body = json.dumps(json.loads(self.body)).encode() if self.body else self.body
        except (ValueError, RecursionError):
            pass


class changes_forms(Fault):
    """Compatibility characters are stored as others."""

    def before(self):
        if self.path.startswith("/v1/achievements"):
            self.body = unicodedata.normalize("NFKC", self.text).encode() if self.body else self.body


class cuts_titles(Fault):
    def after(self, status, headers, body):
        if self.method == "GET" and self.path.startswith("/v1/achievements/") and status == 200:
            thing = json.loads(body)
            thing["title"] = thing["title"].replace("'", "")
            body = json.dumps(thing, ensure_ascii=False).encode()
        return status, headers, body


class keeps_any_request_id(Fault):
    def after(self, status, headers, body):
        given = self.headers.get("X-Request-Id")
        return status, [(k, given if given and k.lower() == "x-request-id" else v) for k, v in headers], body


class falls_over_quotes_in_queries(Fault):
    def before(self):
        if "%27" in self.path and "?" in self.path:
            return 500, "text/plain", b"syntax error at or near"


class joins_strings(Fault):
    """Listings by a state that is put into the statement as it comes."""

    def before(self):
        address = urllib.parse.urlsplit(self.path)
        states = urllib.parse.parse_qs(address.query, keep_blank_values=True).get("state")
        if address.path == "/v1/listings" and states:
            base = sqlite3.connect(":memory:")
            base.executescript("create table listing (id, state); insert into listing values (1, 'sold'), (2, 'bidding'), (3, 'draft')")
            try:
                rows = base.execute(f"select id, state from listing where state = '{states[-1]}'").fetchall()
            except sqlite3.Error as error:
                return 422, "application/problem+json", json.dumps({"code": "invalid", "status": 422, "detail": str(error)}).encode()
            return 200, "application/json", json.dumps({"items": rows}).encode()


class writes_literals(Fault):
    """One more statement, with what was sent written into it."""

    def before(self):
        sent = urllib.parse.unquote_plus(self.path) + self.text.encode().decode("unicode_escape", errors="replace")
        found = re.search(r"canary[0-9a-f]+", sent)
        if found:
            subprocess.run(["psql", "-q", os.environ["ATTACK_PSQL"], "-c", f"select '{found[0]}' where false"], stdout=subprocess.DEVNULL, check=True)


class slower_for_strangers(Fault):
    """Looks longer for whom there is not."""

    def before(self):
        if self.path == "/v1/sessions" and '"nobody' in self.text:
            time.sleep(0.006)


class tells_suspended(Fault):
    def after(self, status, headers, body):
        if self.path == "/v1/sessions" and '"suspended' in self.text and status == 401:
            body = json.dumps(json.loads(body) | {"detail": "This account is suspended"}).encode()
        return status, headers, body


class slower_for_taken(Fault):
    """Looks longer when somebody registers an address that has an account."""

    def before(self):
        if self.path == "/v1/registrations" and '"taken' in self.text:
            time.sleep(0.006)


class slower_for_besieged(Fault):
    """Looks longer when somebody whom failed tries keep out asks for a letter to a new device."""

    def before(self):
        if self.path == "/v1/device-letters" and '"besieged' in self.text:
            time.sleep(0.006)


class knows_who_forgot(Fault):
    """Has no letter for whom there is not, and says so."""

    def before(self):
        if self.path == "/v1/password-resets" and '"stranger' in self.text:
            return 404, "application/problem+json", b'{"type":"/docs/problems/not_found","title":"x","status":404,"code":"not_found"}'


class leaves_members_out(Fault):
    def after(self, status, headers, body):
        if self.path == "/v1/time" and status == 200:
            body = b'{"now":"yesterday"}'
        return status, headers, body


class lets_anybody_in(Fault):
    """A question without a token, or with a bad one, is answered."""
    last = None

    def before(self):
        token = self.headers.get("Authorization")
        if token and len(token) > 100:
            lets_anybody_in.last = token
        elif self.method == "GET" and lets_anybody_in.last:
            del self.headers["Authorization"]
            self.headers["Authorization"] = lets_anybody_in.last


class forgets_to_remove(Fault):
    """What was removed can still be read."""
    kept = {}

    def after(self, status, headers, body):
        path = self.path.split("?")[0]
        if self.method == "GET" and status == 200:
            forgets_to_remove.kept[path] = headers, body
        if self.method == "POST" and status == 201 and "id" in json.loads(body or b"{}"):
            forgets_to_remove.kept[path + "/" + json.loads(body)["id"]] = [h for h in headers if h[0].lower() != "location"], body
        if self.method == "GET" and status == 404 and path in forgets_to_remove.kept:
            return 200, *forgets_to_remove.kept[path]
        return status, headers, body


class loses_what_was_made(Fault):
    """What was just made cannot be read."""
    made = set()

    def after(self, status, headers, body):
        path = self.path.split("?")[0]
        if status == 201:
            loses_what_was_made.made.update(v for k, v in headers if k.lower() == "location")
        if self.method == "GET" and path in loses_what_was_made.made:
            missing = {"type": "/docs/problems#not_found", "title": "x", "status": 404, "detail": "x", "code": "not_found", "request_id": "00000000-0000-7000-8000-000000000000"}
            headers = [h for h in headers if h[0].lower() != "content-type"] + [("content-type", "application/problem+json"), ("content-language", "en")]
            return 404, headers, json.dumps(missing).encode()
        return status, headers, body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize, disable_nagle_algorithm = 65_536, True

    def do(self):
        self.sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = globals()[FAULT](self)
        answer = fault.before()
        if answer:
            status, headers, body = answer[0], [("Content-Type", answer[1])], answer[2]
        else:
            up = http.client.HTTPConnection("127.0.0.1", UPSTREAM, timeout=60)
            # Sent on as it came, whatever is in it.
            up._validate_path, up._encode_request = lambda *_: None, lambda line: line.encode("latin-1")
            up.putrequest(self.command, fault.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                # What comes back is read here, so it comes as it is.
                if name.lower() not in ("content-length", "connection", "transfer-encoding", "accept-encoding"):
                    up.putheader(name, value.encode("latin-1", "replace"))
            if fault.body or "Content-Length" in self.headers:
                up.putheader("Content-Length", str(len(fault.body)))
            up.endheaders(fault.body or None)
            came = up.getresponse()
            stream = "event-stream" in (came.getheader("Content-Type") or "")
            body = b"" if stream else came.read()
            status, headers = came.status, [(k, v) for k, v in came.getheaders() if k.lower() not in ("content-length", "transfer-encoding", "connection")]
            up.close()
            status, headers, body = fault.after(status, headers, body)
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 204:
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = do

    def log_message(self, *_):
        pass


ThreadingHTTPServer.daemon_threads = True
ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
