"""Whether anybody is told who has an account. Signing in: the same words in the same time for whom there is not, whose
password is wrong, who is suspended and who has an authenticator. Registering by letter, asking for a new password, and for a
letter that lets a new device in: the same whoever has the address, and whether anybody is kept from it. Medians may lie a
tenth apart.

enumeration.py SAMPLES: so many of each kind of sign-in and half as many of the others, in an order that is drawn, from
networks that are changed before a limit of tries is met.
"""
import gc, itertools, math, random, statistics, sys, time
from market import LINE, UNIVERSITY, Account, Findings, call, code, good

samples = int(sys.argv[1])
findings = Findings()
PHRASE = "a long phrase of mine"
# The rulebook counts five failures of one account from one network, a hundred from anywhere: both stay unmet.
TRIES_HERE, TRIES = 4, 80
# It writes three letters a day of a sort to one address: each of these asks has one.
LETTERS = 3
# Of letters to new devices it writes one in a while, however often one asks.
ASKS = 20
KINDS = ["unknown", "wrong", "suspended", "suspended_right", "factor"]
officer = Account("security-admin@sandbox.example")
networks = itertools.count()


def network():
    """An address in a network nobody has come from; the proxy that tells it is ourselves."""
    n = next(networks)
    return [("X-Forwarded-For", f"{20 + n // 65_536}.{n // 256 % 256}.{n % 256}.7")]


def register(email):
    return good(call("POST", "/v1/persons", {"email": email, "name": "某人", "password": PHRASE}, headers=network()), 201)["id"]


def sign_in(email, password, headers, **more):
    return call("POST", "/v1/sessions", {"email": email, "password": password} | more, headers=headers)


def addresses(kind, count):
    return [f"{'nobody' if kind == 'unknown' else kind}-{n:04d}@names.example" for n in range(count)]


own = {kind: addresses(kind, -(-samples // TRIES)) for kind in KINDS}
for kind in KINDS[1:]:
    for email in own[kind]:
        person = register(email)
        if kind.startswith("suspended"):
            good(call("POST", f"/v1/persons/{person}/suspend", {"reason": "a test"}, officer.token), 200)
        if kind == "factor":
            token = good(sign_in(email, PHRASE, network()), 201)["access_token"]
            secret = good(call("POST", "/v1/me/second-factor", {"password": PHRASE}, token), 201)["secret"]
            good(call("POST", "/v1/me/second-factor/confirm", {"code": code(secret)}, token), 201)


def words(answer):
    """All that an answer says, but for what is another every time."""
    told = {name: value for name, value in answer.headers.items() if name not in ("date", "x-request-id", "ratelimit", "content-length")}
    body = answer.json if answer.body else {}
    return answer.status, tuple(sorted(told.items())), tuple(sorted((name, str(value)) for name, value in body.items() if name != "request_id"))


def measure(kinds, count, ask):
    """The times of each kind, and what was said. Which comes next is drawn, so that whatever else the machine does, be it
    for the call before, falls on all alike."""
    times, said, origin = {kind: [] for kind in kinds}, {kind: set() for kind in kinds}, {}
    order = [kind for kind in kinds for _ in range(count)]
    random.shuffle(order)
    gc.disable()
    for kind in order:
        n = len(times[kind])
        if n % TRIES_HERE == 0:
            origin[kind] = network()
        began = time.perf_counter()
        answer = ask(kind, n, origin[kind])
        times[kind].append((time.perf_counter() - began) * 1_000)
        said[kind].add(words(answer))
    gc.enable()
    return times, said


def later(ours, theirs):
    """How often a sample of one kind takes longer than one of the other: a half if time tells nothing."""
    both = sorted([(value, 0) for value in ours] + [(value, 1) for value in theirs])
    ranks = sum(place for place, (_, which) in enumerate(both, 1) if which == 1)
    return (ranks - len(theirs) * (len(theirs) + 1) / 2) / len(ours) / len(theirs)


def near(theirs, ours):
    return abs(theirs / ours - 1) <= 0.1


def try_door(door, kinds, count, ask, status, hashes=True):
    """Samples a door and judges it; the first kind is what the others are compared with. Where no password is hashed a call is
    so short that a tenth is less than the machine's own noise: then it must at least be later as often as not."""
    for _ in range(5):
        ask(kinds[0], 0, network())
    times, said = measure(kinds, count, ask)
    print(f"{door}, {count} of each")
    print("  medians, ms: " + ", ".join(f"{kind} {statistics.median(taken):.2f}" for kind, taken in times.items()))
    print("  lower quartiles, ms: " + ", ".join(f"{kind} {statistics.quantiles(taken)[0]:.2f}" for kind, taken in times.items()))
    print(f"  later than {kinds[0]}: " + ", ".join(f"{kind} {later(times[kinds[0]], taken):.2f}" for kind, taken in times.items()))
    everything = set().union(*said.values())
    findings.check(len(everything) == 1 and next(iter(everything))[0] == status, f"{door} says who has an account", everything)
    ours = times[kinds[0]]
    for kind, theirs in times.items():
        often = later(ours, theirs)
        told = f"{kind} {statistics.median(theirs):.2f} ms, {kinds[0]} {statistics.median(ours):.2f} ms, later {often:.2f}"
        # A busy machine scatters medians, but not to one side, and hardly the times of those that had it for themselves.
        accident = abs(often - 0.5) < 4 * math.sqrt((2 * count + 1) / 12) / count
        findings.check(near(statistics.median(theirs), statistics.median(ours)) or accident, f"{door} takes another time", told)
        best = near(statistics.quantiles(theirs)[0], statistics.quantiles(ours)[0])
        findings.check(best or accident and not hashes, f"{door} takes another time at best", told)


def guess(kind, n, origin):
    return sign_in(own[kind][n // TRIES], PHRASE if kind == "suspended_right" else "a wrong phrase of mine", origin)


try_door("signing in", KINDS, samples, guess, 401)

# ---- doors that answer by letter; each address is asked for in turn, as often as it is written to
asked = samples // 2
written_to = {kind: addresses(kind, -(-asked // LETTERS)) for kind in ("free", "taken", "stranger", "known")}
for email in written_to["taken"] + written_to["known"]:
    register(email)


# A network that fails five times is kept from an account, and that is when a letter lets somebody in.
for kind in ("outsider", "insider", "besieged"):
    written_to[kind] = addresses(kind, -(-asked // ASKS))
for email in written_to["insider"] + written_to["besieged"]:
    register(email)
for email in written_to["besieged"]:
    here = network()
    failed = [sign_in(email, "a wrong phrase of mine", here).status for _ in range(6)]
    findings.check(failed == [401] * 5 + [429], "a network is not kept out after five failures", failed)


def one_of(kind, n):
    return written_to[kind][n % len(written_to[kind])]


def ask_to_register(kind, n, origin):
    return call("POST", "/v1/registrations", {"email": one_of(kind, n)}, headers=origin)


def forget_password(kind, n, origin):
    return call("POST", "/v1/password-resets", {"email": one_of(kind, n)}, headers=origin)


def ask_for_a_device(kind, n, origin):
    return call("POST", "/v1/device-letters", {"email": one_of(kind, n)}, headers=origin)


try_door("registering", ["free", "taken"], asked, ask_to_register, 202, hashes=False)
try_door("asking for a new password", ["stranger", "known"], asked, forget_password, 202, hashes=False)
try_door("asking for a letter to a new device", ["outsider", "insider", "besieged"], asked, ask_for_a_device, 202, hashes=False)

# ---- an account under attack from everywhere is closed alike, whether it is there or not
closed = set()
for kind in ("unknown", "wrong", "factor"):
    email = f"nobody-closed@names.example" if kind == "unknown" else f"closed-{kind}@names.example"
    if kind != "unknown":
        register(email)
    answers = [sign_in(email, "a wrong phrase of mine", network()) for _ in range(101)]
    findings.check([a.status for a in answers] == [401] * 100 + [429], "an account is not closed after a hundred failures", [a.status for a in answers][-5:])
    for more in ({}, {"code": "000000"}):
        status, headers, body = words(sign_in(email, "a wrong phrase of mine", network(), **more))
        closed.add((status, tuple(h for h in headers if h[0] != "retry-after"), tuple(b for b in body if b[0] != "retry_after")))
findings.check(len(closed) == 1, "a closed account is told from none", closed)

# ---- other doors: resets and registrations that are none, invitations
email = "reset@names.example"
person = register(email)
token = good(call("POST", f"/v1/persons/{person}/password-reset", None, officer.token), 201)["reset_token"]
good(call("POST", "/v1/password-resets/use", {"reset_token": token, "new_password": "another phrase of mine"}), 204)
resets = {words(call("POST", "/v1/password-resets/use", {"reset_token": one, "new_password": "a third phrase of mine"}, headers=network()))
          for one in (token, token[:-4] + "AAAA", "zpr_" + "A" * (len(token) - 4))}
findings.check(len(resets) == 1, "a reset says whose it was", resets)
registrations = {words(call("POST", "/v1/registrations/use", {"token": one, "name": "某人", "password": PHRASE}, headers=network())) for one in ("zrg_" + "A" * 43, "zrg_" + "B" * 43, "none")}
findings.check(len(registrations) == 1 and next(iter(registrations))[0] == 401, "a registration says whose it is", registrations)
organisation = good(call("GET", "/v1/me", token=UNIVERSITY.token))["organisation_id"]
invited = [good(call("POST", f"/v1/organisations/{organisation}/members", {"email": one, "roles": ["viewer"]}, UNIVERSITY.token), 201)
           for one in ("nobody-invited@names.example", email, own["suspended"][0])]
shapes = {tuple(sorted((name, value is None) for name, value in one.items())) for one in invited}
findings.check(len(shapes) == 1 and not any(one.get("person_id") for one in invited), "an invitation says who has an account", invited)
findings.end(f"{samples} tries to sign in of each kind, {asked} of each at the other doors")
