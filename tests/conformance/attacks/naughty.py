"""The big list of naughty strings in every free-text field a university can write, in headers, queries and addresses.

Each is refused with a problem, or stored and read back to the letter; nothing is changed silently.
"""
import csv, decimal, io, json, os, re, sys, time, unicodedata, urllib.parse
from uscc import uscc
from market import ENTERPRISE, LINE, UNIVERSITY, Account, Findings, call, good, key, seller_of

strings = list(dict.fromkeys(json.load(open(sys.argv[1], encoding="utf-8"))))
assert len(strings) > 400 or os.environ.get("ATTACK_SHORT"), "where is the list?"
if os.environ.get("ATTACK_SHORT") and len(strings) > 400:  # enough to find a planted fault (see `prove`)
    strings = strings[::15]
few_came = 50 if len(strings) > 400 else 10 if len(strings) > 10 else 0
ours = len(strings)
# A few of ours: composed and decomposed, wide forms, the plane beyond, controls, blanks at the ends.
strings += ["e\u0301", "\u00e9", "\u212b", "\ufb01", "ＺＬ２０２０", "𠀀", "\U0010ffff", "a\u0000b", "a\u0085b", "a\u007fb", "a\u2028b", "  两端空格  ", "\ttab\t",
            "line\nline", "line\r\nline", "=1+1", "'quoted'", "a" * 10_000, "\u202egnirts", "zero\u200bwidth", "\ufeffbom", "%00", "%2e%2e%2f", "${jndi:ldap://x}"]
OURS = len(strings) - ours
# A short run takes each kind of right and each address through a quarter of the list; texts of achievements and offers, headers and
# queries meet all of it.
LONG = sys.argv[2:] == ["1"]
findings = Findings()


def some(turn):
    """All strings in a long run, else every fourth, and always our own."""
    return strings if LONG else [text for n, text in enumerate(strings) if n % 4 == turn % 4 or n >= len(strings) - OURS]


quote = lambda text: urllib.parse.quote(text, safe="")
say = lambda text: repr(text if len(text) < 90 else text[:90] + "…")

# What the conventions declare to be read otherwise than it is written: the end of a field's name -> what it is read back as.
def money(text):
    """Decimal text with two places, whatever zeros it was written with."""
    return "%.2f" % decimal.Decimal(text)


DECLARED = {"/amount": money, "/points": money}
# Fields that hold numbers, codes or addresses: most of the list is refused there, so nothing need come through.
CODES = re.compile(r"identifier|ipc|locarno|number|phone|email|amount|points|fields/|territory|edition|field$|uscc|url|kinds|networks|code$|token$")
# Free texts that are not written here, and why.
ELSEWHERE = {
    "POST /v1/listings/{id}/terminate /reason": "the schema Reason, written here to revoke a key; a listing ends once",
    **{f"POST /v1/notices/{{id}}/errata {field}": "one waits at a time for a second person" for field in ("/reason", "/changes/0/pointer", "/changes/0/value")},
    "POST /v1/listings/{id}/amendments /reason": "one waits at a time for a second person",
    "POST /v1/listing-amendments/{id}/refuse /reason": "the schema Reason; of an amendment, which is refused once", "POST /v1/listing-amendments/{id}/publish /drafted_sha256": "a hash",
    "POST /v1/notice-proposals/{id}/refuse /reason": "the schema Reason; of a proposal, which is refused once",
    "POST /v1/notices/{id}/objections /statement": "handed in once by each to a notice", "POST /v1/objections/{id}/request-review /statement": "asked for once",
    "PUT /v1/me/password /current_password": "never stored; POST /v1/sessions tries passwords",
    "PUT /v1/me/password /new_password": "as POST /v1/persons password",
    "POST /v1/me/second-factor /password": "never stored", "POST /v1/me/second-factor/confirm /code": "never stored", "POST /v1/me/step-up /code": "never stored", "POST /v1/me/close /password": "never stored",
    "POST /v1/lots/{id}/sealed-bids /further_units/0/amount": "an amount of money",
    "POST /v1/deals/{id}/sign /confirmation_sha256": "a hash", **{f"POST /v1/negotiations/{{id}}/{deed} /terms_sha256": "a hash" for deed in ("accept", "decide", "confirm")}, "POST /v1/negotiations/{id}/publish /drafted_sha256": "a hash",
    "POST /v1/rights-grants /team/0/name": "whom the achievement names", "POST /v1/rights-grants/{id}/unit-notice /place": "as that of a negotiation; a grant needs a second person first",
    "POST /v1/rights-grants/{id}/register /registry_document": "entered once, of what a second person decided", "POST /v1/rights-grants/{id}/withdraw /reason": "the schema Reason; a grant ends once",
    "POST /v1/certificate-checks /jws": "never stored", "POST /v1/certificates/{number}/revoke /reason": "the schema Reason; a certificate is taken back once",
    "POST /v1/open-licences/{id}/cnipa /number": "entered of what a second person published", "POST /v1/open-licences/{id}/withdraw /reason": "the schema Reason; an open licence is withdrawn once",
    "POST /v1/open-licences/{id}/cnipa-decision /number": "entered once, of what a second person published", "POST /v1/open-licences/{id}/cnipa-decision /reason": "the same",
    "POST /v1/open-licences/{id}/acceptances /payment/reference": "of what a second person published", "POST /v1/open-licences/{id}/acceptances /payment/amount/amount": "an amount of money",
    "POST /v1/open-licence-acceptances/{id}/recordal /number": "entered of what was taken", "POST /v1/open-licence-acceptances/{id}/refute /reason": "the schema Reason; found once",
    **{f"PUT /v1/open-implementation/{{id}} /fee{field}": "as that of an open licence; the patent is granted for years" for field in ("<one_off>/amount/amount", "<per_year>/amount/amount", "<royalty>/entry_fee/amount", "<royalty>/base")},
    "POST /v1/open-implementation/{id}/claim /statement": "waits for a second person", "POST /v1/open-implementation/{id}/decide /reason": "decided once by a second person",
    "POST /v1/negotiations/{id}/accept /relation/note": "as that of an offer; an offer is accepted once", "POST /v1/negotiations/{id}/withdraw /reason": "the schema Reason; a negotiation ends once", **{f"{way} /price/amount": "an amount of money"
       for way in ("POST /v1/lots/{id}/bids", "POST /v1/lots/{id}/sealed-bids", "POST /v1/lots/{id}/turn-bids", "PUT /v1/lots/{id}/first-offer")},
}
written, came_through = set(), {}


def at(value, pointer):
    for step in pointer.split("/")[1:]:
        value = None if value is None else value[int(step)] if isinstance(value, list) else value.get(step)
    return value


def put(value, pointer, text):
    *way, last = pointer.split("/")[1:]
    for step in way:
        value = value[int(step)] if isinstance(value, list) else value[step]
    value[int(last) if isinstance(value, list) else last] = text



def write(operation, method, path, template, slots, text, read, token=None, headers=lambda: (), where=lambda slot: slot, unique=None):
    """Puts a string into all slots of a body at once; takes it out of those that are refused until the rest is taken, and reads that back."""
    body, left = json.loads(json.dumps(template)), list(slots)
    if unique:
        unique(body)
    for slot in slots:
        put(body, slot, text)
    told = f"{operation} {say(text)}"
    while True:
        answer = call(method, path, body, token, headers())
        findings.sound(answer, operation, told)
        if answer.status < 400 or answer.status >= 500:
            break
        pointers = answer.pointers() if answer.kind == "application/problem+json" else []
        refused = [slot for slot in left if any(p == slot or slot.startswith(p + "/") or p.startswith(slot + "/") for p in pointers)]
        if not refused:
            # No word about which field: then a body without the string must be taken, or the test is at fault.
            if left:
                findings.check(answer.code != "malformed" or "\0" in text, f"{operation}: refused as a whole", f"{told} -> {answer}")
            return None
        for slot in refused:
            left.remove(slot)
            put(body, slot, at(template, slot))
        if not left:
            return None
    if answer.status >= 500:
        return None
    stored = read(answer)
    for slot in left:
        expected = next((form(text) for end, form in DECLARED.items() if slot.endswith(end)), text)
        found = at(stored, where(slot))
        came_through[f"{operation} {slot}"] = came_through.get(f"{operation} {slot}", 0) + 1
        findings.check(found == expected, f"{operation} {slot}: changed silently", f"{say(text)} -> {found!r}")
    return stored


def writes(operation, slots):
    written.update(f"{operation} {slot}" for slot in slots)


versions = {}


def reader(path, token=UNIVERSITY):
    """Reads a thing again after it was written."""
    def read(answer):
        place = path.format(**answer.json)
        again = call("GET", place, token=token.token)
        versions[place] = again.headers.get("etag")
        return good(again, 200)
    return read


# ---- achievements
ACHIEVEMENT = {"title": "题", "title_en": "t", "summary": "述", "summary_en": "s", "field": "07", "completers": ["某"], "state_funded": False}
SLOTS = ["/title", "/title_en", "/summary", "/summary_en", "/completers/0", "/field"]
made = good(call("POST", "/v1/achievements", ACHIEVEMENT, UNIVERSITY.token), 201)
writes("POST /v1/achievements", SLOTS), writes("PATCH /v1/achievements/{id}", SLOTS)


def if_match(path):
    """The version of a thing as last seen."""
    def headers():
        if path not in versions:
            versions[path] = call("GET", path, token=UNIVERSITY.token).headers["etag"]
        return [("If-Match", versions[path])]
    return headers


for text in strings:
    write("POST /v1/achievements", "POST", "/v1/achievements", ACHIEVEMENT, SLOTS, text, reader("/v1/achievements/{id}"), UNIVERSITY.token)
    path = f"/v1/achievements/{made['id']}"
    write("PATCH /v1/achievements/{id}", "PATCH", path, ACHIEVEMENT, SLOTS, text, reader("/v1/achievements/{id}"), UNIVERSITY.token, if_match(path))

# ---- rights of every kind
OWNER = {"name": "浙江大学", "share_bp": 9000, "is_holder": True}
PATENT = {"filed_on": "2020-06-19", "inventors": ["王某"], "publication_number": None}
IPC = PATENT | {"ipc": ["G06N 3/08"], "ipc_edition": "2026.01"}
KINDS = [  # kind, details, the texts among them, a number that is formally right
    ("invention", IPC | {"granted_on": "2022-06-19"}, ["inventors/0", "ipc/0", "ipc_edition", "publication_number"], "202010000001"),
    ("utility_model", IPC | {"granted_on": "2021-06-19"}, ["inventors/0", "ipc/0", "ipc_edition", "publication_number"], "202020000001"),
    ("design", PATENT | {"locarno": ["14-02"], "granted_on": "2021-06-19"}, ["inventors/0", "locarno/0", "publication_number"], "202030000001"),
    ("patent_application", IPC, ["inventors/0", "ipc/0", "ipc_edition", "publication_number"], "202010000002"),
    ("patent_application", PATENT | {"locarno": ["14-02"]}, ["inventors/0", "locarno/0"], "202030000002"),
    ("software", {"version": "V1.0", "completed_on": "2020-06-19"}, ["version"], None),
    ("plant_variety", {"species": "水稻", "authority": "agriculture", "woody_or_vine": False}, ["species"], None),
    ("other_tech", {"public_abstract": "成套工艺"}, ["public_abstract"], None),
    ("trade_secret", {"public_abstract": "工艺"}, ["public_abstract"], None),
    ("bio_new_drug", {"stage": "trial_applied", "drug_class": "chemical", "authorisation_holder": "x", "acceptance_number": "CXHL2300123", "approval_number": None},
     ["authorisation_holder", "acceptance_number", "approval_number"], None),
]
REGISTERED = {"software": "2020SR0123456", "plant_variety": "CNA20201234567"}
evidence = good(call("POST", "/v1/documents?title=e&file_name=e.txt&confidentiality=private", token=UNIVERSITY.token, raw=b"evidence", kind="text/plain"), 201)


def with_check_digit(twelve):
    return twelve + "." + "0123456789X"[sum(int(d) * w for d, w in zip(twelve, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5))) % 11]


assets = {}
for turn, (kind, details, names, number) in enumerate(KINDS):
    details = {"kind": kind} | details | ({"confidentiality_evidence": evidence["id"]} if kind == "trade_secret" else {})
    body = {"title": "题", "title_en": "t", "details": details, "owners": [OWNER, {"name": "某共有人", "share_bp": 1000, "is_holder": False}]}
    if number or kind in REGISTERED:
        body["identifier"] = with_check_digit(number) if number else REGISTERED[kind]
    assets[kind] = good(call("POST", f"/v1/achievements/{made['id']}/assets", body, UNIVERSITY.token), 201)["id"]
    slots = ["/title", "/title_en", "/owners/1/name"] + (["/identifier"] if "identifier" in body else []) + [f"/details/{name}" for name in names]
    for operation in ("PATCH /v1/assets/{id}", "POST /v1/achievements/{id}/assets"):
        writes(operation, ["/title", "/title_en", "/identifier", "/owners/0/name"] + [f"/details<{kind}>/{name}" for name in names])
    path = f"/v1/assets/{assets[kind]}"
    for text in some(turn):
        write("PATCH /v1/assets/{id}", "PATCH", path, body, slots, text, reader("/v1/assets/{id}"), UNIVERSITY.token, if_match(path),
              lambda slot: "/identifier/raw" if slot == "/identifier" else slot)

# ---- offers
MONEY = {"amount": "100000.00", "currency": "CNY"}
OFFER = {
    "achievement_id": made["id"], "asset_ids": [assets["other_tech"]], "title": "题", "title_en": "t", "summary": "述", "summary_en": "s",
    "terms": {"mode": "assignment"}, "rehearsal": True, "base_price": MONEY, "base_price_basis": "collective_decision",
    "auction": {"closing_mode": "soft_close", "step": {"kind": "fixed", "amount": {"amount": "1000.00", "currency": "CNY"}}, "min_bidders": 1,
                "auction_licence": {"enterprise": "某拍卖公司", "auctioneer_licence": "A-1"},
                "exhibition": {"from": "2026-03-10T01:00:00Z", "to": "2026-03-11T09:00:00Z", "place": "资料室", "media": "某报"}},
    "start_price": MONEY, "deposit": {"amount": "1000.00", "currency": "CNY"}, "reserve": {"kind": "open", "amount": MONEY},
    "payment": "一次付清", "taxes": "各自承担", "defects": "无", "conditions": ["无"],
    "declarations": {"secret_level_none": True, "confidentiality_review_number": "BM-1", "no_other_encumbrances": True,
                     "encumbrances": [{"kind": "pledge", "description": "质押"}], "co_owner_consents": [{"owner": "某共有人", "document_id": evidence["id"]}]},
    "contact": {"office": "办公室", "email": "office@zju.example", "phone": "0571-88000000"},
}
COMMON = ["/title", "/title_en", "/summary", "/summary_en", "/payment", "/taxes", "/defects", "/conditions/0", "/contact/office", "/contact/email",
          "/contact/phone", "/declarations/confidentiality_review_number", "/declarations/encumbrances/0/description",
          "/declarations/co_owner_consents/0/owner", "/auction/auction_licence/enterprise", "/auction/auction_licence/auctioneer_licence",
          "/auction/exhibition/place", "/auction/exhibition/media",
          "/base_price/amount", "/start_price/amount", "/deposit/amount", "/reserve/amount/amount", "/auction/step/amount/amount"]
LADDER = {"kind": "ladder", "rungs": [{"from": {"amount": "0.00", "currency": "CNY"}, "step": {"amount": "1000.00", "currency": "CNY"}}]}
WEIGHTED = {"closing_mode": "hard_close", "format": {"kind": "weighted", "price_weight_bp": 6000, "criteria": [
    {"name": "方案", "weight_bp": 4000, "scored": {"kind": "table", "levels": [{"name": "优", "points": "100.00"}, {"name": "良", "points": "60.00"}]}}]}}
OFFERS = [
    ({}, COMMON),
    ({"terms": {"mode": "exclusive_licence", "fields": ["all"], "territory": ["330000"], "months": 12, "sublicence": False}}, ["/terms/fields/0", "/terms/territory/0"]),
    ({"terms": {"mode": "equity", "contributes": None, "company": "某公司", "least_share_bp": 1000}}, ["/terms/company"]),
    ({"auction": OFFER["auction"] | {"step": LADDER}, "reserve": {"kind": "secret", "amount": MONEY}},
     ["/auction/step/rungs/0/from/amount", "/auction/step/rungs/0/step/amount", "/reserve/amount/amount"]),
    ({"auction": OFFER["auction"] | {"buy_now": {"amount": "200000.00", "currency": "CNY"}}}, ["/auction/buy_now/amount"]),
    ({"auction": {"closing_mode": "hard_close", "format": {"kind": "dutch", "floor": {"amount": "60000.00", "currency": "CNY"}, "decrement": {"amount": "5000.00", "currency": "CNY"}}},
      "reserve": {"kind": "none"}}, ["/auction/format/floor/amount", "/auction/format/decrement/amount"]),
    ({"auction": WEIGHTED}, ["/auction/format/criteria/0/name", "/auction/format/criteria/0/scored/levels/0/name"]),
    ({"auction": WEIGHTED}, ["/auction/format/criteria/0/scored/levels/0/points"]),
]
equity = good(call("GET", "/v1/openapi.json"))["components"]["schemas"]["EquityContribution"]["enum"][0]
for turn, (change, slots) in enumerate(OFFERS):
    offer = json.loads(json.dumps(OFFER | change))
    if offer["terms"]["mode"] == "equity":
        offer["terms"]["contributes"] = equity
    listing = good(call("POST", "/v1/listings", offer, UNIVERSITY.token), 201)
    path = f"/v1/listings/{listing['id']}"
    # A sealed reserve is never shown: that it is kept is not for this test.
    readable = [slot for slot in slots if offer["reserve"]["kind"] != "secret" or slot != "/reserve/amount/amount"]
    marks = {"/reserve/amount/amount": f"/reserve<{offer['reserve']['kind']}>/amount/amount", "/auction/step/amount/amount": "/auction/step<fixed>/amount/amount",
             "/auction/format/floor/amount": "/auction/format<dutch>/floor/amount", "/auction/format/decrement/amount": "/auction/format<dutch>/decrement/amount",
             **{f"/auction/format/criteria/0/{field}": f"/auction/format<weighted>/criteria/0/{field.replace('scored', 'scored<table>')}"
                for field in ("name", "scored/levels/0/name", "scored/levels/0/points")},
             "/auction/step/rungs/0/from/amount": "/auction/step<ladder>/rungs/0/from/amount", "/auction/step/rungs/0/step/amount": "/auction/step<ladder>/rungs/0/step/amount"}
    for operation in ("PUT /v1/listings/{id}", "POST /v1/listings"):
        writes(operation, [marks.get(slot, slot) for slot in slots])
    for text in strings if turn == 0 else some(turn):
        write("PUT /v1/listings/{id}", "PUT", path, offer, readable, text, reader("/v1/listings/{id}"), UNIVERSITY.token, if_match(path), lambda slot: "/offer" + slot)

# ---- documents: what they are called is in the query, and in the header of a download
writes("POST /v1/documents", ["?title", "?file_name"]), writes("POST /v1/documents/{id}/versions", ["?file_name"])
for text in some(0):
    for title, name in ((text, "a.txt"), ("题", text)):
        answer = call("POST", f"/v1/documents?title={quote(title)}&file_name={quote(name)}&confidentiality=private", token=UNIVERSITY.token, raw=b"text", kind="text/plain")
        findings.sound(answer, "POST /v1/documents", say(text))
        if answer.status != 201:
            continue
        stored = reader("/v1/documents/{id}")(answer)
        findings.check((stored["title"], stored["file_name"]) == (title, name), "POST /v1/documents: changed silently", f"{say(text)} -> {stored}")
        came_through["POST /v1/documents ?title"] = came_through.get("POST /v1/documents ?title", 0) + 1
        content = call("GET", f"/v1/documents/{stored['id']}/content", token=UNIVERSITY.token)
        findings.sound(content, "a download", say(name))
        said = content.headers.get("content-disposition", "")
        told = re.search(r"filename\*=UTF-8''([^;]*)", said)
        told = urllib.parse.unquote(told[1]) if told else (re.search(r'filename="([^"]*)"', said) or [None, None])[1]
        findings.check(told == name and said.startswith("attachment"), "a download is called otherwise", f"{say(name)} -> {said}")
        findings.check(content.body == b"text" and content.headers.get("x-content-type-options") == "nosniff", "a download may be taken for something else", content.headers)

# ---- keys: their names, and why one was revoked
writes("POST /v1/api-keys", ["/name", "/networks/0"]), writes("POST /v1/api-keys/{id}/revoke", ["/reason"])
for text in some(1):
    UNIVERSITY.renew_after = 240  # a factor proved a moment ago
    stored = write("POST /v1/api-keys", "POST", "/v1/api-keys", {"name": "k", "scopes": ["listings:read"], "networks": ["127.0.0.0/8"]}, ["/name", "/networks/0"], text,
                   lambda answer: good(call("GET", f"/v1/api-keys/{answer.json['key']['id'] if 'key' in answer.json else answer.json['id']}", token=UNIVERSITY.token), 200), UNIVERSITY.token)
    if stored:
        path = f"/v1/api-keys/{stored['id']}"
        for reason in (text, "done"):
            answer = call("POST", path + "/revoke", {"reason": reason}, UNIVERSITY.token)
            findings.sound(answer, "POST /v1/api-keys/{id}/revoke", say(reason))
            if answer.status == 200:
                why = good(call("GET", path, token=UNIVERSITY.token))["revoked_why"]
                findings.check(why == reason, "POST /v1/api-keys/{id}/revoke /reason: changed silently", f"{say(reason)} -> {why!r}")
                break

# ---- people: their names, and passwords to the letter
writes("POST /v1/persons", ["/name", "/password", "/email"])
writes("POST /v1/registrations", ["/email"]), writes("POST /v1/registrations/use", ["/token", "/name", "/password"])
writes("POST /v1/sessions", ["/email", "/password", "/code", "/device_token"])
writes("POST /v1/sessions/refresh", ["/refresh_token"]), writes("POST /v1/password-resets/use", ["/reset_token", "/new_password"]), writes("POST /v1/password-resets", ["/email"])
writes("POST /v1/device-letters", ["/email"])
PHRASE = "a long phrase of mine"
passwords = 0


def sign_in(email, password, **more):
    return call("POST", "/v1/sessions", {"email": email, "password": password} | more)


for n, text in enumerate(strings):
    email = f"naughty-{n}@texts.example"
    answer = call("POST", "/v1/persons", {"email": email, "name": text, "password": PHRASE})
    findings.sound(answer, "POST /v1/persons /name", say(text))
    if answer.status == 201:
        name = good(call("GET", "/v1/me", token=good(sign_in(email, PHRASE), 201)["access_token"]), 200)["person"]["name"]
        findings.check(name == text, "POST /v1/persons /name: changed silently", f"{say(text)} -> {name!r}")
    answer = call("POST", "/v1/persons", {"email": "p" + email, "name": "某人", "password": text})
    findings.sound(answer, "POST /v1/persons /password", say(text))
    if answer.status == 201:
        passwords += 1
        findings.check(sign_in("p" + email, text).status == 201, "a password does not open", say(text))
        for other in {text.strip(), text[:-1], text.lower(), unicodedata.normalize("NFC", text), unicodedata.normalize("NFKC", text)} - {text}:
            findings.check(sign_in("p" + email, other).status == 401, "another password opens as well", f"{say(text)} {say(other)}")
    findings.sound(call("POST", "/v1/persons", {"email": text, "name": "某人", "password": PHRASE}), "POST /v1/persons /email", say(text))
    findings.sound(call("POST", "/v1/registrations", {"email": text}), "POST /v1/registrations /email", say(text))
    findings.sound(call("POST", "/v1/password-resets", {"email": text}), "POST /v1/password-resets /email", say(text))
    findings.sound(call("POST", "/v1/device-letters", {"email": text}), "POST /v1/device-letters /email", say(text))
    for answer in (sign_in(text, "x"), sign_in(f"nobody-{n}@texts.example", text, code=text), sign_in(f"none-{n}@texts.example", "x", device_token=text),
                   call("POST", "/v1/sessions/refresh", {"refresh_token": text}), call("POST", "/v1/password-resets/use", {"reset_token": text, "new_password": text}),
                   call("POST", "/v1/registrations/use", {"token": text, "name": text, "password": text})):
        findings.sound(answer, "signing in", say(text))
        findings.check(400 <= answer.status < 500, "a naughty string signs in", f"{say(text)} -> {answer}")
findings.check(passwords > len(strings) // 5 or not few_came, "hardly a string was taken as a password", passwords)

# ---- organisations
founder = "founder@texts.example"
good(call("POST", "/v1/persons", {"email": founder, "name": "某人", "password": PHRASE}), 201)
founder = good(sign_in(founder, PHRASE), 201)["access_token"]
writes("POST /v1/organisations", ["/name", "/name_en", "/uscc"])
turn = iter(range(10_000))
for text in strings:
    write("POST /v1/organisations", "POST", "/v1/organisations", {"kind": "enterprise", "ownership": "private", "name": "某企业", "name_en": "e", "uscc": uscc(100_000 + next(turn))},
          ["/name", "/name_en"], text, lambda answer: answer.json, founder)
    findings.sound(call("POST", "/v1/organisations", {"kind": "enterprise", "ownership": "private", "name": "某企业", "uscc": text}, founder), "POST /v1/organisations /uscc", say(text))

# ---- on what a right of pre-emption rests, of a holder who is somebody
holder = good(call("POST", "/v1/organisations", {"kind": "enterprise", "ownership": "private", "name": "某权利人", "uscc": uscc(100_000 + next(turn))}, founder), 201)["id"]
offer = json.loads(json.dumps(OFFER))
offer["auction"]["preemption"] = {"variant": "parity", "holders": [{"organisation_id": holder, "basis": "约定", "rank": 1}]}
offer["declarations"]["encumbrances"] = [{"kind": "preemption", "description": "优先购买权"}]
path = f"/v1/listings/{good(call('POST', '/v1/listings', offer, UNIVERSITY.token), 201)['id']}"
for operation in ("PUT /v1/listings/{id}", "POST /v1/listings"):
    writes(operation, ["/auction/preemption/holders/0/basis"])
for text in some(3):
    write("PUT /v1/listings/{id}", "PUT", path, offer, ["/auction/preemption/holders/0/basis"], text, reader("/v1/listings/{id}"), UNIVERSITY.token, if_match(path),
          lambda slot: "/offer" + slot)

# ---- questions about what is on offer, and answers
running = good(call("GET", "/v1/notices?state=published&kind=listing&limit=100"), 200)["items"]
asked_about = running[0]["listing_id"]
seller = seller_of(asked_about)
writes("POST /v1/listings/{id}/questions", ["/question"]), writes("POST /v1/questions/{id}/answer", ["/answer"])
for text in some(0):
    place = f"/v1/listings/{asked_about}/questions"
    asked = write("POST /v1/listings/{id}/questions", "POST", place, {"question": "q"}, ["/question"], text, reader("/v1/questions/{id}", ENTERPRISE), ENTERPRISE.token)
    path = f"/v1/questions/{(asked or good(call('POST', place, {'question': 'q'}, ENTERPRISE.token), 201))['id']}"
    write("POST /v1/questions/{id}/answer", "POST", path + "/answer", {"answer": "a"}, ["/answer"], text, reader("/v1/questions/{id}", seller), seller.token)
    good(call("POST", path + "/withdraw", None, ENTERPRISE.token), 200)

# ---- sales at a negotiated price: begun, and offered in again and again; where the seller's own notice stands
PUBLISHER = Account("publisher@sandbox.example")
good(call("POST", f"/v1/assets/{assets['other_tech']}/legal-statuses", {"status": "unregistered", "as_of": good(call("GET", "/v1/time"))["now"], "source": "registry"}, UNIVERSITY.token), 201)
SALE = {"terms": {"transfer": {"mode": "assignment"}, "price": MONEY, "payment": "一次付清", "conditions": ["无"]}, "relation": {"kind": "other", "note": "无"}}
LICENCE = {"mode": "exclusive_licence", "fields": ["all"], "territory": ["330000"], "months": 12, "sublicence": False}
INVESTMENT = {"mode": "equity", "contributes": equity, "company": "某公司", "least_share_bp": 1000}
FORMS = [({"mode": "assignment"}, ["/payment", "/conditions/0", "/price/amount"]), (LICENCE, ["/transfer/fields/0", "/transfer/territory/0"]), (INVESTMENT, ["/transfer/company"])]
NEGOTIATION = {"achievement_id": made["id"], "asset_ids": [assets["other_tech"]], "buyer_organisation_id": good(call("GET", "/v1/me", token=ENTERPRISE.token))["organisation_id"], "title": "题", "title_en": "t",
               "summary": "述", "summary_en": "s", "base_price": MONEY, "base_price_basis": "collective_decision", "secret_level_none": True, "rehearsal": True, "offer": SALE}


def last_offer(slot):
    """Where what was offered last is read."""
    return slot.replace("/offer/", "/").replace("/relation/", "/offers/-1/relation/").replace("/terms/", "/offers/-1/terms/")


for turn, (transfer, names) in enumerate(FORMS):
    sale = json.loads(json.dumps(SALE))
    sale["terms"]["transfer"] = transfer
    slots = [f"/terms{name}" for name in names] + ["/relation/note"]
    writes("POST /v1/negotiations", ["/title", "/title_en", "/summary", "/summary_en", "/base_price/amount", *(f"/offer{slot}" for slot in slots)]), writes("POST /v1/negotiations/{id}/offers", slots)
    for n, text in enumerate(some(turn)):
        if n % 100 == 0:  # there are only so many offers
            begun = good(call("POST", "/v1/negotiations", NEGOTIATION | {"offer": sale}, UNIVERSITY.token), 201)
        write("POST /v1/negotiations/{id}/offers", "POST", f"/v1/negotiations/{begun['id']}/offers", sale, slots, text, lambda answer: answer.json, UNIVERSITY.token, where=last_offer)
for text in some(3):
    write("POST /v1/negotiations", "POST", "/v1/negotiations", NEGOTIATION,
          ["/title", "/title_en", "/summary", "/summary_en", "/base_price/amount", "/offer/terms/payment", "/offer/terms/conditions/0", "/offer/relation/note"],
          text, lambda answer: answer.json, UNIVERSITY.token, where=last_offer)
sold = good(call("POST", "/v1/negotiations", NEGOTIATION, UNIVERSITY.token), 201)
path = f"/v1/negotiations/{sold['id']}"
agreed = {"terms_sha256": sold["offers"][0]["terms_sha256"]}
good(call("POST", path + "/accept", agreed, ENTERPRISE.token), 200)
drafted = good(call("POST", path + "/decide", agreed, UNIVERSITY.token), 200)["drafted_sha256"]
good(call("POST", path + "/publish", {"drafted_sha256": drafted}, PUBLISHER.token), 200)
shown = {"document_id": evidence["id"], "published_on": good(call("GET", path, token=UNIVERSITY.token))["decided_at"][:10], "place": "公告栏"}
writes("POST /v1/negotiations/{id}/unit-notice", ["/place"])
for text in some(2):
    write("POST /v1/negotiations/{id}/unit-notice", "POST", path + "/unit-notice", shown, ["/place"], text, lambda answer: answer.json, UNIVERSITY.token, where=lambda slot: "/unit_notice" + slot)

# ---- grants of rights to who made an achievement
completer = good(call("GET", f"/v1/achievements/{made['id']}", token=UNIVERSITY.token))["completers"][0]
GRANT = {"achievement_id": made["id"], "asset_ids": [assets["other_tech"]], "kind": "long_term_use_right", "use_months": 120, "team": [{"name": completer, "share_bp": 10000}],
         "declarations": {"secret_level_none": True, "no_dispute": True, "no_third_party_rights": True}, "title_en": "t", "summary": "述", "summary_en": "s"}
writes("POST /v1/rights-grants", ["/title_en", "/summary", "/summary_en"])
for text in some(0):
    write("POST /v1/rights-grants", "POST", "/v1/rights-grants", GRANT, ["/title_en", "/summary", "/summary_en"], text, reader("/v1/rights-grants/{id}"), UNIVERSITY.token)

# ---- open licences: drafted, and written anew again and again; what costs are read as is refused as a whole, so its texts are tried one by one
LICENCE = {"asset_id": assets["invention"], "fee": None, "payment": "一次付清", "other": "无", "term_from": "2030-01-01", "term_until": "2035-01-01",
           "declarations": {"no_exclusive_licence": True, "not_suspended": True, "annuities_paid": True, "no_other_obstacle": True}}
ROYALTY = {"kind": "royalty", "rate_bp": 300, "entry_fee": MONEY, "base": "净销售额"}
FEES = [({"kind": "one_off", "amount": MONEY}, "/amount/amount"), ({"kind": "per_year", "amount": MONEY}, "/amount/amount"), (ROYALTY, "/entry_fee/amount"), (ROYALTY, "/base")]
for turn, (fee, name) in enumerate(FEES):
    declared = LICENCE | {"fee": fee}
    for operation in ("POST /v1/open-licences", "PUT /v1/open-licences/{id}"):
        writes(operation, ["/payment", "/other", f"/fee<{fee['kind']}>{name}"])
    path = f"/v1/open-licences/{good(call('POST', '/v1/open-licences', declared, UNIVERSITY.token), 201)['id']}"
    for text in some(turn):
        write("PUT /v1/open-licences/{id}", "PUT", path, declared, ["/payment", "/other", f"/fee{name}"], text, reader("/v1/open-licences/{id}"), UNIVERSITY.token, if_match(path))

# ---- tips, which who oversees the market reads
writes("POST /v1/notices/{id}/tips", ["/statement"])
OVERSEER = Account("supervisor@sandbox.example")
for text in some(1):
    write("POST /v1/notices/{id}/tips", "POST", f"/v1/notices/{running[0]['id']}/tips", {"ground": "procedure", "statement": "s"}, ["/statement"], text,
          lambda answer: good(call("GET", "/v1/tips?limit=1", token=OVERSEER.token), 200)["items"][0])

# ---- what is refused nearly always: addresses, kinds of events, references
writes("POST /v1/organisations/{id}/members", ["/email"]), writes("POST /v1/webhooks", ["/url", "/kinds/0"])
writes("POST /v1/sandbox/bank-credits", ["/deposit_reference", "/payer_name", "/amount/amount"])
writes("PUT /v1/me/mail-preferences", ["/kinds/0"])
own = good(call("GET", "/v1/me", token=UNIVERSITY.token))["organisation_id"]
for text in some(2):
    for path, body in ((f"/v1/organisations/{own}/members", {"email": text, "roles": ["viewer"]}), ("/v1/webhooks", {"url": text, "signing": "hmac_sha256"}),
                       ("/v1/webhooks", {"url": "https://hooks.example.com/x", "signing": "hmac_sha256", "kinds": [text]}),
                       ("/v1/sandbox/bank-credits", {"deposit_reference": text, "amount": MONEY, "payer_name": text}),
                       ("/v1/sandbox/bank-credits", {"deposit_reference": "none", "amount": {"amount": text, "currency": "CNY"}})):
        findings.sound(call("POST", path, body, UNIVERSITY.token), f"POST {path}", say(text))
    chosen = call("PUT", "/v1/me/mail-preferences", {"choice": "chosen", "kinds": [text]}, UNIVERSITY.token, if_match("/v1/me/mail-preferences")())
    findings.sound(chosen, "PUT /v1/me/mail-preferences", say(text))
    findings.check((chosen.status, chosen.code) in ((422, "invalid"), (400, "malformed")), "a kind of news there is not is taken", f"{say(text)} -> {chosen}")

# ---- files of many rows: taken in, given out as JSON Lines and CSV, and taken in again unchanged
writes("POST /v1/imports", ["?file_name"])


def take_in(content, kind):
    made = good(call("POST", "/v1/imports?kind=assets&file_name=naughty", token=UNIVERSITY.token, raw=content, kind=kind), 201)
    for _ in range(600):
        state = good(call("GET", f"/v1/imports/{made['id']}", token=UNIVERSITY.token))
        if state["state"] not in ("waiting", "running", "queued", "pending"):
            return state
        time.sleep(0.2)
    sys.exit(f"an import does not end: {state}")


def row(n, text):
    return {"row_key": f"r{n}", "achievement": {"title": text, "summary": text, "field": "07", "completers": [text], "state_funded": False},
            "asset": {"title": text, "details": {"kind": "other_tech", "public_abstract": f"{n} {text}"}, "owners": [{"name": "浙江大学", "share_bp": 10000, "is_holder": True}]}}


first = take_in("\n".join(json.dumps(row(n, text), ensure_ascii=False) for n, text in enumerate(strings)).encode(), "application/x-ndjson")
findings.check(first["accepted"] > len(strings) // 2 and first["rows_done"] == len(strings), "hardly a row was taken in", first)
accepted, after = {}, 0
while True:
    page = good(call("GET", f"/v1/imports/{first['id']}/rows?limit=100&after={after}", token=UNIVERSITY.token))
    accepted |= {one["thing_id"]: strings[one["number"] - 1] for one in page if one["state"] == "accepted"}
    if not page:
        break
    after = page[-1]["number"]
for thing, text in accepted.items():
    found = good(call("GET", f"/v1/assets/{thing}", token=UNIVERSITY.token))
    findings.check(found["title"] == text, "an imported title: changed silently", f"{say(text)} -> {found['title']!r}")
lines = call("GET", "/v1/exports/assets?format=jsonl", token=UNIVERSITY.token)
cells = call("GET", "/v1/exports/assets?format=csv", token=UNIVERSITY.token)
findings.sound(lines, "an export", "jsonl"), findings.sound(cells, "an export", "csv")
titles = [json.loads(line)["asset"]["title"] for line in lines.body.decode().split("\n") if line]
table = list(csv.DictReader(io.StringIO(cells.body.decode("utf-8-sig"), newline="")))
bare = lambda cell: cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1:2] in "=+-@'\t\r\n＝＋－＠" else cell
for text in accepted.values():
    findings.check(text in titles, "lost in an export", f"jsonl {say(text)}")
    findings.check(text in [bare(cell["title"]) for cell in table], "lost in an export", f"csv {say(text)}")
for cell in (cell for line in table for cell in line.values() if cell):
    findings.check(cell[0] not in "=+-@\t\r", "a spreadsheet would reckon a cell", say(cell))
for answer, kind in ((lines, "application/x-ndjson"), (cells, "text/csv")):
    again = take_in(answer.body, kind)
    findings.check((again["accepted"], again["refused"], again["rows_total"]) == (0, 0, again["unchanged"]), "an export is not unchanged when it comes back", f"{kind} {again}")

# ---- headers
OURS_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
lot = good(call("GET", "/v1/lots?limit=1"))["items"][0]["id"]
few = set(some(3))
for text in strings:
    raw = text.encode()
    if re.search(rb"[\r\n]", raw):
        continue  # two headers, not one
    # What no HTTP header may hold is refused by the reader of HTTP itself, before there is anybody to say why.
    impossible = any(byte < 32 and byte != 9 or byte == 127 for byte in raw)
    value = raw.strip(b" \t")
    for method, path, name, sent in (
        ("GET", "/v1/time", "X-Request-Id", raw), ("GET", "/v1/lots/none", "Accept-Language", raw), ("POST", "/v1/achievements", "Idempotency-Key", raw),
        ("PATCH", f"/v1/achievements/{made['id']}", "If-Match", raw), ("GET", "/v1/me", "Authorization", b"Bearer " + raw), ("POST", "/v1/sessions", "Content-Type", raw),
        ("GET", f"/v1/lots/{lot}/stream", "Last-Event-ID", raw), ("GET", "/v1/time", "X-Forwarded-For", raw), ("GET", "/v1/time", "User-Agent", raw),
        ("GET", "/v1/time", "Cookie", raw), ("GET", "/v1/time", "Origin", raw), ("GET", "/v1/time", "Accept", raw), ("GET", "/v1/time", "Range", raw),
    )[:13 if text in few else 7]:
        told = f"{name}: {say(text)}"
        body = json.dumps(ACHIEVEMENT).encode() if method != "GET" else None
        headers = [(name, sent)] + ([("Authorization", "Bearer " + UNIVERSITY.token)] if name in ("Idempotency-Key", "If-Match") else [])
        headers += [("Content-Type", "application/json")] if body and name != "Content-Type" else []
        headers += [("Idempotency-Key", key())] if body and name != "Idempotency-Key" else []
        if name == "Last-Event-ID" and not impossible:
            answer = LINE.head_of("GET", path, headers)
        else:
            answer = LINE.call(method, path, body, headers)
        if impossible:
            findings.check(400 <= answer.status < 500, "a header that cannot be is taken", f"{told} -> {answer}")
            continue
        findings.sound(answer, f"header {name}", told)
        if name == "X-Request-Id":
            kept = re.fullmatch(rb"[A-Za-z0-9_-]{8,64}", value)
            found = answer.headers["x-request-id"]
            findings.check(found.encode() == value if kept else bool(OURS_ID.fullmatch(found)), "X-Request-Id: neither kept nor replaced", f"{told} -> {found}")
        elif name == "Accept-Language":
            findings.check(answer.headers.get("content-language") in ("zh-CN", "en"), "a language there is not", f"{told} -> {answer.headers}")
        elif name == "Idempotency-Key":
            right = re.fullmatch(rb"[!-~]{8,255}", value)
            findings.check((answer.status, answer.code) == ((201, None) if right else (400, "idempotency_key_missing")), "Idempotency-Key: not as the conventions say", f"{told} -> {answer}")
            if right:
                again = LINE.call(method, path, body, headers)
                findings.check(again.headers.get("idempotency-replayed") == "true" and again.json["id"] == answer.json["id"], "a key names no deed", f"{told} -> {again}")
        elif name in ("Authorization", "Content-Type"):
            findings.check(answer.status in (400, 401, 415), f"header {name}: taken", f"{told} -> {answer}")
        elif name == "If-Match":
            findings.check(answer.status in (400, 412, 428), f"header {name}: taken", f"{told} -> {answer}")

# ---- queries: fields that take words, every other field all at once, and names of fields
AUDITOR = Account("auditor@sandbox.example")
document = good(call("GET", "/v1/openapi.json"))
for path, item in document["paths"].items():
    operation = item.get("get")
    if not operation or "{" in path or path.startswith("/v1/exports"):
        continue
    allowed = operation["x-authz"]["allow"]
    who = UNIVERSITY if any(a.get("role") or "member" in a for a in allowed) else AUDITOR if any("auditor" in a.get("staff", []) for a in allowed) else None
    fields = [p for p in operation.get("parameters", []) if p["in"] == "query"]
    if not fields or not who:
        continue
    words = [p["name"] for p in fields if p["schema"].get("type") == "string" and not {"enum", "format"} & p["schema"].keys()]
    rest = [p["name"] for p in fields if p["name"] not in words]
    for text in strings if path == "/v1/audit" else some(len(path)):
        unknown = f"{quote(text) or 'x'}=1"
        for query in [f"{word}={quote(text)}" for word in words] + ["&".join(f"{name}={quote(text)}" for name in rest)] * bool(rest) + [unknown]:
            answer = call("GET", f"{path}?{query}", token=who.token)
            # An address of more than 64 KiB is refused by the reader of HTTP itself.
            if len(query) < 65_000:
                findings.sound(answer, "a query", f"{path} {say(text)} {query[:60]}")
            # No field takes all of the list: what it takes is a filter that nothing matches, or every row there is, but no fault.
            findings.check(answer.status in (200, 400, 422) or len(query) >= 65_000 and answer.status == 414, "a query", f"{path} {query[:60]} -> {answer}")
            if query is unknown:
                findings.check(answer.status in (400, 422), "an unknown query field is taken", f"{path} {query[:60]} -> {answer}")

# ---- addresses, written with % and as they are
PLACES = ["/v1/{}", "/v1/listings/{}", "/v1/listings/{}/timeline", "/v1/lots/{}/bids", "/v1/achievements/{}", "/v1/documents/{}/content", "/v1/notices/{}", "/{}"]
for turn, place in enumerate(PLACES):
    for text in some(turn):
        for segment in {quote(text).encode(), text.encode()}:
            if re.search(rb"[\x00-\x20\x7f]", segment):
                continue  # ends the address
            path = place.encode().replace(b"{}", segment)
            answer = LINE.call("GET", path, None, [("Authorization", "Bearer " + UNIVERSITY.token)])
            if len(path) > 8_000 or any(byte > 126 or byte in b'<>"{}|\\^`' for byte in segment):
                findings.check(answer.status < 500, "an address", f"{path[:80]} -> {answer}")
            else:
                findings.sound(answer, "an address", f"{path[:80]}")
            is_list = answer.status == 200 and segment.strip(b"./").split(b"?")[0].split(b"#")[0] in (b"", b"%2e", b"%2e%2e")
            findings.check(400 <= answer.status < 500 or is_list, "a naughty address is known", f"{path[:80]} -> {answer}")

# ---- every free text there is was written, or is named above
schemas = document["components"]["schemas"]


def texts(schema, path="", seen=()):
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return [] if name in seen else texts(schemas[name], path, (*seen, name))
    found, kind = [], schema.get("type")
    for form in ("oneOf", "anyOf", "allOf"):
        for inner in schema.get(form, []):
            plain = schemas[inner["$ref"].rsplit("/", 1)[1]] if "$ref" in inner else inner
            tags = [p["enum"][0] for name, p in plain.get("properties", {}).items() if len(p.get("enum", [])) == 1 and name == "kind"]
            found += texts(inner, path + (f"<{tags[0]}>" if tags else ""), seen)
    for name, inner in schema.get("properties", {}).items():
        found += texts(inner, f"{path}/{name}", seen)
    if "items" in schema:
        found += texts(schema["items"], path + "/0", seen)
    if "string" in (kind if isinstance(kind, list) else [kind]) and not {"enum", "format"} & schema.keys():
        found.append(path)
    return found


for path, item in document["paths"].items():
    for method, operation in item.items():
        allowed = operation.get("x-authz", {}).get("allow", []) if method in ("post", "put", "patch") else []
        if not any("member" in a or a.get("role") in ("stranger", "signed_in") for a in allowed):
            continue
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        fields = set(texts(body["schema"]) if body else [])
        fields |= {"?" + p["name"] for p in operation.get("parameters", []) if p["in"] == "query" and p["schema"].get("type") == "string" and "enum" not in p["schema"]}
        for field in fields:
            name = f"{method.upper()} {path} {field}"
            # An amendment says the whole offer, which is written as a listing's.
            listed = name.replace("/v1/listings/{id}/amendments /offer/", "/v1/listings /")
            findings.check(listed in written or listed in ELSEWHERE, "a free text of which this test knows nothing", name)
for name, count in came_through.items():
    findings.check(CODES.search(name) or count > few_came, "hardly a string came through", f"{name}: {count}")
findings.end(f"{len(strings)} naughty strings")
