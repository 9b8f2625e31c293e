"""A market as a client sees it: people, organisations and lots, made over the API of a sandbox."""
import base64, hashlib, hmac, json, pathlib, struct, sys, time, urllib.error, urllib.request, uuid

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from uscc import uscc

PASSWORD = "correct horse battery staple"


def code(secret, ahead=0):
    """The code of an authenticator (RFC 6238)."""
    mac = hmac.new(secret, struct.pack(">Q", int(time.time()) // 30 + ahead), hashlib.sha1).digest()
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7FFFFFFF) % 1000000)


class Refused(Exception):
    def __init__(self, status, problem):
        super().__init__(f"{status} {json.dumps(problem, ensure_ascii=False)[:400]}")
        self.status, self.problem = status, problem


class Client:
    """Somebody who calls."""

    def __init__(self, base, token=None):
        self.base, self.token = base, token

    def call(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()} | {"Accept-Language": "en"}
        if method != "GET":
            headers = {"Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/json"} | headers
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None if method == "GET" else b""
        # No proxy: whoever tests a network must not be led out of it.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(urllib.request.Request(self.base + path, data, headers, method=method), timeout=60) as answer:
                text = answer.read()
                return json.loads(text) if "json" in answer.headers.get("Content-Type", "") else text
        except urllib.error.HTTPError as refusal:
            raise Refused(refusal.code, json.loads(refusal.read() or b"null")) from None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None):
        return self.call("POST", path, body)

    def send(self, path, kind, content):
        """Sends a file."""
        return self.call("POST", path, content, Content_Type=kind)

    def signed_in(self, email, password, secret=None):
        account = {"email": email, "password": password}
        for ahead in (0, 1):
            try:
                # A code counts once; the next one is taken early.
                more = {"code": code(secret, ahead)} if secret else {}
                return Client(self.base, self.post("/v1/sessions", account | more)["access_token"])
            except Refused:
                if ahead or not secret:
                    raise

    def officer(self, role):
        email, password = f"{role}@sandbox.example", "zhepai-sandbox-only"
        return self.signed_in(email, password, hashlib.sha256(f"zhepai-sandbox/{email}/{password}".encode()).digest()[:20])


def wait_for(base, alive, seconds=60):
    """Waits until a server is ready."""
    for _ in range(seconds * 10):
        try:
            Client(base).get("/readyz")
            return
        except (Refused, OSError):
            assert alive(), "the server has ended"
            time.sleep(0.1)
    raise AssertionError("the server does not get ready")


def found(stranger, reviewer, number, kind="enterprise", ownership="private", first="91330100", second_factor=False):
    """A verified organisation by its owner, who has every role and, if asked for, has proved a second factor."""
    email = f"owner-{number}@wire.example"
    stranger.post("/v1/persons", {"email": email, "name": "张某", "password": PASSWORD})
    owner = stranger.signed_in(email, PASSWORD)
    own = {"kind": kind, "ownership": ownership, "name": f"某机构{number}", "uscc": uscc(number, first)}
    owner.organisation = owner.post("/v1/organisations", own)["id"]
    owner.seat = owner.get("/v1/me")["memberships"][0]
    roles = {"roles": ["owner", "operator", "signatory", "bidder"]}
    owner.seat = owner.call("PUT", f"/v1/memberships/{owner.seat['id']}/roles", roles, If_Match=f'"{owner.seat["version"]}"')
    reviewer.post(f"/v1/organisations/{owner.organisation}/verify")
    if second_factor:
        secret = base64.b32decode(owner.post("/v1/me/second-factor", {"password": PASSWORD})["secret"])
        owner.post("/v1/me/second-factor/confirm", {"code": code(secret)})
    return owner
