"""sqlmap over every list with filters, and over what stands in addresses and headers: nothing gets into a statement.

injections.py SQLMAP DBMS FOLDER [NUMBER]: NUMBER asks for the first so many attacks only. Each list is asked for a row
of it that passes all its filters, so that a condition that got into the statement would show. How many rows and from
where on is said alike in all lists, so that is tried where there are the two kinds of places: by instant and by number.
"""
import concurrent.futures, json, os, re, subprocess, sys, threading, time, urllib.parse
from market import BASE, ENTERPRISE, UNIVERSITY, Account, Findings, call, good, seller_of

program, dbms, folder = sys.argv[1:4]
AUDITOR, FINANCE, REVIEWER, HOST, SECURITY, SUPERVISOR = (
    Account(f"{role}@sandbox.example") for role in ("auditor", "finance", "reviewer", "auction-host", "security-admin", "supervisor"))
findings = Findings()
VERBOSE = bool(os.environ.get("ATTACK_VERBOSE"))
AT_ONCE = 3
# One connection of ours, and what was found.
ours = threading.Lock()


def rows(path, who):
    return good(call("GET", path, token=who and who.token), 200)["items"]


def filters(path, who, fixed=None, paged=False, **names):
    """The address of a list with filters that a row of it passes; if it is to be paged, from a cursor on."""
    query, skip = fixed or {}, 0
    if paged:
        # Behind the cursor of a page of one come all rows but the first.
        page = good(call("GET", path + "?limit=1", token=who and who.token), 200)
        query, skip = query | {"cursor": page["next_cursor"], "limit": 50}, 1
    row = next(row for row in rows(path + "?limit=100", who)[skip:] if all(row.get(name) is not None for name in names.values()))
    return path + "?" + urllib.parse.urlencode({field: row[name] for field, name in names.items()} | query)


def made(method, path, body=None, who=None, **sent):
    return good(call(method, path, body, who and who.token, **sent), 200, 201)


# ---- what a demo market has none of
now = good(call("GET", "/v1/time"))["now"]
lot = next(one["id"] for one in rows("/v1/lots?limit=100", None) if one["bid_count"] > 1)
listing = next(one for one in rows("/v1/listings?limit=100", None))
asset = good(call("GET", f"/v1/listings/{listing['id']}"))["assets"][0]["asset_id"]
me = good(call("GET", "/v1/me", token=UNIVERSITY.token))
key = made("POST", "/v1/api-keys", {"name": "k", "scopes": ["listings:read"]}, UNIVERSITY)
# A call that its scopes do not allow; what is called with a key is written down a moment later.
call("POST", "/v1/listings", {}, key["secret"])
calls = f"/v1/api-keys/{key['key']['id']}/calls"
while not rows(calls, UNIVERSITY):
    time.sleep(0.1)
made("POST", f"/v1/persons/{me['person']['id']}/export", {"reason": "asked for"}, SECURITY)
made("POST", "/v1/lot-sessions", {"title": "专场", "mode": "hosted"}, HOST)
running = next(one["id"] for one in rows("/v1/notices?state=published&kind=listing&limit=100", None))
open_listing = good(call("GET", f"/v1/notices/{running}"))["listing_id"]
asked = made("POST", f"/v1/listings/{open_listing}/questions", {"question": "why"}, ENTERPRISE)["id"]
good(call("POST", f"/v1/questions/{asked}/answer", {"answer": "so"}, seller_of(open_listing).token), 200)
good(call("POST", f"/v1/questions/{asked}/publish", None, REVIEWER.token), 200)
good(call("POST", f"/v1/notices/{running}/tips", {"ground": "procedure", "statement": "why"}, ENTERPRISE.token), 200)
made("POST", f"/v1/notices/{running}/objections", {"ground": "procedure", "statement": "why"}, ENTERPRISE)
# A sale at a negotiated price that was announced, and an objection to it.
PUBLISHER = Account("publisher@sandbox.example")
know_how = {"title": "工艺", "details": {"kind": "other_tech", "public_abstract": "工艺"}, "owners": [{"name": "某单位", "share_bp": 10000, "is_holder": True}]}
achievement = made("POST", "/v1/achievements", {"title": "题", "summary": "述", "field": "07", "completers": ["某"], "state_funded": False}, UNIVERSITY)["id"]
right = made("POST", f"/v1/achievements/{achievement}/assets", know_how, UNIVERSITY)["id"]
made("POST", f"/v1/assets/{right}/legal-statuses", {"status": "unregistered", "as_of": now, "source": "registry"}, UNIVERSITY)
price = {"amount": "100000.00", "currency": "CNY"}
sale = made("POST", "/v1/negotiations", {
    "achievement_id": achievement, "asset_ids": [right], "buyer_organisation_id": good(call("GET", "/v1/me", token=ENTERPRISE.token))["organisation_id"], "title": "题", "summary": "述",
    "base_price": price, "base_price_basis": "collective_decision", "secret_level_none": True, "rehearsal": True,
    "offer": {"terms": {"transfer": {"mode": "assignment"}, "price": price, "payment": "一次付清"}}}, UNIVERSITY)
place = f"/v1/negotiations/{sale['id']}"
agreed = {"terms_sha256": sale["offers"][0]["terms_sha256"]}
made("POST", place + "/accept", agreed, ENTERPRISE)
drafted = made("POST", place + "/decide", agreed, UNIVERSITY)["drafted_sha256"]
made("POST", place + "/publish", {"drafted_sha256": drafted}, PUBLISHER)
made("POST", "/v1/rights-grants", {
    "achievement_id": achievement, "asset_ids": [right], "kind": "long_term_use_right", "use_months": 120, "team": [{"name": "某", "share_bp": 10000}],
    "declarations": {"secret_level_none": True, "no_dispute": True, "no_third_party_rights": True}, "summary": "述"}, UNIVERSITY)
patent = made("POST", f"/v1/achievements/{achievement}/assets", {
    "title": "题", "identifier": "202010000003.0", "owners": know_how["owners"],
    "details": {"kind": "invention", "filed_on": "2020-06-19", "granted_on": "2022-06-19", "ipc": ["G06N 3/08"], "inventors": ["王某"]}}, UNIVERSITY)["id"]
made("POST", "/v1/open-licences", {
    "asset_id": patent, "fee": {"kind": "one_off", "amount": price}, "payment": "一次付清", "term_from": "2030-01-01", "term_until": "2035-01-01",
    "declarations": {"no_exclusive_licence": True, "not_suspended": True, "annuities_paid": True, "no_other_obstacle": True}}, UNIVERSITY)
# Two credits: nobody's, and one that names a deposit it is not.
reference = rows("/v1/admissions", ENTERPRISE)[0]["deposit"]["reference"]
statement = "booked_at,bank_reference,direction,amount,currency,counterparty_name,counterparty_account,remark\r\n" + "".join(
    f"{now},STRAY-{remark},credit,1.00,CNY,某公司,,{remark}\r\n" for remark in ("none", reference))
made("POST", "/v1/bank-statements?file_name=a.csv&currency=CNY&opening_balance=0.00&closing_balance=2.00", who=FINANCE, raw=statement.encode(), kind="text/csv")
stray = next(line for line in rows("/v1/bank-lines", FINANCE) if line["reason"] == "no_reference")
made("POST", f"/v1/bank-lines/{stray['id']}/decide", {"decision": "return", "reason": "nobody's"}, FINANCE)
made("POST", "/v1/payment-files", {}, FINANCE)
imported = made("POST", "/v1/imports?kind=assets&file_name=t.csv", who=UNIVERSITY, raw=b"title,kind\nt,other_tech\n", kind="text/csv")["id"]
while good(call("GET", f"/v1/imports/{imported}", token=UNIVERSITY.token))["rows_done"] < 1:
    time.sleep(0.1)


def transfers():
    """Into the deposits of a lot, of an organisation."""
    row = next(row for row in rows("/v1/ledger/transfers?limit=100", FINANCE) if row["debit"]["organisation_id"] and row["credit"]["lot_id"])
    return "/v1/ledger/transfers?" + urllib.parse.urlencode(
        {"phase": row["phase"], "reason": row["reason"], "organisation_id": row["debit"]["organisation_id"], "lot_id": row["credit"]["lot_id"]})


ATTACKS = [  # who, address; what sqlmap is to try beside the query fields
    (AUDITOR, lambda: filters("/v1/audit", AUDITOR, {"from": "2026-01-01T00:00:00Z", "until": "2036-01-01T00:00:00Z"}, paged=True, operation="operation", object_kind="object_kind",
                              outcome="outcome", person_id="person_id", organisation_id="organisation_id", object_id="object_id", request_id="request_id", network="network"), []),
    (None, lambda: filters("/v1/listings", None, {"mine": "false", "all": "false", "asset_id": asset}, state="state", mode="mode", organisation_id="organisation_id"), []),
    (None, lambda: filters("/v1/notices", None, {"from": "2026-01-01T00:00:00Z", "to": "2036-01-01T00:00:00Z"}, paged=True, kind="kind", state="state", organisation_id="organisation_id",
                           listing_id="listing_id", city="city", field="field"), []),
    (SUPERVISOR, lambda: filters("/v1/tips", SUPERVISOR, {}, notice_id="notice_id", listing_id="listing_id", ground="ground"), []),
    (ENTERPRISE, lambda: filters("/v1/questions", ENTERPRISE, {"mine": "true"}, listing_id="listing_id", organisation_id="organisation_id", state="state"), []),
    (ENTERPRISE, lambda: filters("/v1/objections", ENTERPRISE, {"mine": "true"}, notice_id="notice_id", listing_id="listing_id", state="state"), []),
    (None, lambda: filters("/v1/notices", None, {"kind": "negotiated_price"}, negotiation_id="negotiation_id"), []),
    (UNIVERSITY, lambda: filters("/v1/negotiations", UNIVERSITY, state="state"), []),
    (UNIVERSITY, lambda: filters("/v1/rights-grants", UNIVERSITY, state="state"), []),
    (UNIVERSITY, lambda: filters("/v1/open-licences", UNIVERSITY, state="state", organisation_id="organisation_id", asset_id="asset_id"), []),
    (None, lambda: f"/v1/listings/{listing['id']}*", []),
    # A refusal is written down with the id the caller gave his request.
    (UNIVERSITY, lambda: "/v1/audit", ["--headers", "X-Request-Id: attack-*"]),
    (FINANCE, transfers, []),
    (FINANCE, lambda: filters("/v1/bank-lines", FINANCE, state="state", reason="reason", statement_id="statement_id", admission_id="admission_id"), []),
    (UNIVERSITY, lambda: filters("/v1/deals", UNIVERSITY, state="state", lot_id="lot_id", listing_id="listing_id"), []),
    (UNIVERSITY, lambda: filters("/v1/api-keys", UNIVERSITY, person_id="person_id", organisation_id="organisation_id"), []),
    (UNIVERSITY, lambda: filters(calls, UNIVERSITY, {"outcome": "refused", "from": "2026-01-01T00:00:00Z", "until": "2036-01-01T00:00:00Z"}, operation="operation", status="status"), []),
    (AUDITOR, lambda: filters("/v1/integrity-signals", AUDITOR, lot_id="lot_id", kind="kind", organisation_id="organisation_id"), []),
    (AUDITOR, lambda: filters("/v1/data-requests", AUDITOR, person_id="person_id"), []),
    (UNIVERSITY, lambda: f"/v1/imports/{imported}/rows?state=refused&after=0", []),
    (ENTERPRISE, lambda: filters("/v1/admissions", ENTERPRISE, state="state"), []),
    (FINANCE, lambda: filters("/v1/refunds", FINANCE, state="state"), []),
    (FINANCE, lambda: filters("/v1/payment-files", FINANCE, state="state"), []),
    (None, lambda: filters("/v1/lots", None, state="state"), []),
    (REVIEWER, lambda: filters(f"/v1/lots/{lot}/admissions", REVIEWER, state="state"), []),
    (None, lambda: f"/v1/lots/{lot}/events?after=0", []),
    (None, lambda: f"/v1/lots/{lot}/bids?before=1000", []),
    (HOST, lambda: filters("/v1/lot-sessions", HOST, state="state"), []),
    (UNIVERSITY, lambda: "/v1/inbox?unread=true", []),
    (FINANCE, lambda: f"/v1/reconciliation?as_of={now[:10]}&currency=CNY", []),
    (None, lambda: "/v1/rulebook?class=state&on=2026-03-02", []),
    (None, lambda: "/v1/rulebook/deadline?span=10wd&from=2026-03-02T00:00:00Z", []),
    (UNIVERSITY, lambda: "/v1/listings?mine=true&all=false", []),
]
# Filters of what is no list of rows: an enumeration and a number, read as such; of feeds and pages, which ask as the list of notices does; of
# objections by what they are about, which is asked for as of notices; of notices of grants and open licences, which two people make, as of negotiated prices;
# of what was taken of an open licence, and of patents granted for years, which ask as these do.
ELSEWHERE = {"/v1/objections negotiation_id", "/v1/objections rights_grant_id", "/v1/objections open_licence_id", "/v1/notices rights_grant_id", "/v1/notices open_licence_id", "/v1/open-licence-acceptances open_licence_id", "/v1/open-licence-acceptances state", "/v1/open-implementation city", "/v1/open-implementation field", "/v1/open-implementation due_before", *(f"/notices {field}" for field in ("kind", "organisation_id", "city", "field", "from", "to", "lang")), "/notices/{id} lang", "/notices/{id}/pdf lang", "/v1/certificates/{number}/pdf lang", "/v1/notices/{id}/difference from", "/v1/notices/{id}/difference to", *(f"/v1/notices/feed.{form} {field}" for form in ("atom", "json") for field in ("kind", "organisation_id", "listing_id", "city", "field", "from", "to")), "/v1/events/stream types", "/v1/documents/{id}/content version", "/v1/exports/assets format", "/v1/exports/listings format"}
filtered, tried = set(), set()


def plain(place):
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "{id}", place)


def attack(number, who, address, more):
    started = time.monotonic()
    with ours:
        address, token = address(), who and who.token
        place, _, query = address.partition("?")
        answer = call("GET", address.replace("*", ""), token=token)
        shown = answer.status == 200 and answer.json
        items = shown.get("items") if isinstance(shown, dict) else shown
        # Of a list that shows nothing a false condition would take nothing away.
        findings.check(bool(more) or bool(shown) and items != [], "nothing passes the filters", f"{address} {answer}")
        if items and query:
            filtered.add(plain(place))
        tried.update(f"{plain(place)} {name}" for name in urllib.parse.parse_qs(query))
    out = os.path.join(folder, f"sqlmap-{dbms}-{number}")
    os.makedirs(out)
    words = [program, "-u", BASE + address, "--batch", "--level", "3", "--risk", "2", "--technique", "BEUST", "--dbms", dbms, "--time-sec", "2", "--flush-session", "--disable-coloring",
             # A connection opened ahead and not used is closed by the server after five seconds, and the answer lost.
             "--disable-precon", "--output-dir", out, "--timeout", "20", "--retries", "1", "-v", "1",
             # Agents, referrers and hosts are read by no query: the log has them, and that is not SQL.
             "--skip", "user-agent,referer,host", *more]
    if token:
        words += ["--header", f"Authorization: Bearer {token}"]
    # sqlmap reads no answer from a terminal, and its temporary files go with the folder.
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=os.environ | {"TERM": "dumb", "HOME": out, "TMPDIR": out})
    with ours:
        judge(place, query, more, done.stdout, time.monotonic() - started)


def judge(place, query, more, said, took):
    if VERBOSE:
        print(said)
    wanted = set(urllib.parse.parse_qs(query)) or {"#1*"}
    cleared = set(re.findall(r"(?:GET|URI|\(custom\) HEADER|custom \(\) HEADER) parameter '([^']*)' does not seem to be injectable", said))
    cleared |= {"#1*"} if any("#1*" in one for one in cleared) or re.search(r"parameter '[^']*#1\*' does not seem", said) else set()
    found = re.findall(r".*(?:(?:is|appears to be) '.*' injectable|is vulnerable|identified the following injection point).*", said)
    findings.check(not found, "injectable", f"{place}: {found[:8]}")
    findings.check(wanted <= cleared or bool(found), "not every field was tried", f"{place}: {sorted(wanted - cleared)} left; {said[-600:]}")
    codes = re.search(r"HTTP error codes detected during run:\s*(.*)", said)
    counted = set(re.findall(r"\b(\d\d\d) \(", codes[1])) if codes else set()
    findings.check(not any(one.startswith("5") for one in counted), "a fault of the server", f"{place}: {codes and codes[1]}")
    # Who is sent away or not known has tried nothing.
    findings.check(counted <= {"400", "403" if more else "400", "404", "422"}, "an answer that tests nothing", f"{place}: {codes and codes[1]}")
    findings.check(not re.search(r"unhandled exception|connection timed out|unable to connect", said), "sqlmap itself failed", f"{place}: {said[-600:]}")
    print(f"  {place}: {len(cleared)} fields, {took:.0f} s; {codes[1] if codes else ''}", flush=True)


few = ATTACKS[:int((sys.argv + [100])[4])]
if os.environ.get("ATTACK_SHORT"):  # enough to find a planted fault (see `prove`)
    few = ATTACKS[1:2]
started = time.monotonic()
with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as hands:
    for done in [hands.submit(attack, number, *one) for number, one in enumerate(few)]:
        done.result()
if few == ATTACKS:
    document = good(call("GET", "/v1/openapi.json"))
    fields = {f"{path} {field['name']}" for path, item in document["paths"].items() for field in item.get("get", {}).get("parameters", []) if field["in"] == "query"}
    left = {one for one in fields - tried - ELSEWHERE if not one.endswith((" limit", " cursor"))}
    findings.check(not left, "a filter nobody tried", sorted(left))
findings.end(f"sqlmap on {dbms}, {len(few)} attacks, {len(filtered)} lists with filters, {time.monotonic() - started:.0f} s")
