"""What a client of this market would do and a generator of requests does not know: texts without control characters,
a key of its own for every deed, the version of a thing as last seen, ids of things that are there, tables that can be read."""
import collections, datetime, os, re, urllib.parse, uuid
import requests
import schemathesis
from schemathesis import GenerationMode
from uscc import uscc

versions = {}
# Ids that were told, by what they are of.
told, there = collections.defaultdict(dict), set()
# Organisations founded on the way. They are used from one's seat in them, and a caller keeps the one he acts from.
founded, SEAT = set(), os.environ.get("ATTACK_SEAT")
# Changing or ending one's own seat would take away the right to everything after.
APART = {"change_member_roles", "remove_member", "suspend_member"}
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")
WORDS = {"uscc": lambda n: uscc(200_000 + n % 100_000), "identifier": lambda n: None, "filed_on": lambda n: "2020-06-19", "granted_on": lambda n: "2022-06-19",
         "completed_on": lambda n: "2020-06-19", "email": lambda n: f"somebody-{n}@stateful.example"}
numbers = iter(range(1_000_000))


def is_meant(case):
    """Whether a request is meant to be right."""
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


def tidy(value, name=None):
    if isinstance(value, dict):
        return {key: tidy(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [tidy(inner, name) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 7.0 is an integer to JSON Schema; the conventions write integers without a fraction
    if isinstance(value, str):
        if name in WORDS and len(value) % 2:
            return WORDS[name](next(numbers))
        if name and re.search("_ids?$", name) and len(value) == 36:
            return there_instead(value, re.sub("_ids?$", "", name).replace("_", "-") + "s")
        text = UNSEEN.sub("", value)
        return text if text.strip() or not value else "字" * min(len(value), 3)
    return value


def thing(path):
    return "/".join(path.split("?")[0].split("/")[:4])


def there_instead(made_up, of):
    """Three times of four an id that is there, for one that was made up."""
    known, turn = list(told[of]), next(numbers)
    return known[turn % len(known)] if known and made_up not in there and turn % 4 else made_up


def seen(of, value):
    """Notes the ids an answer tells: what its own ids are of its address says, what others are of their names."""
    if isinstance(value, list):
        for one in value:
            seen(of, one)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if isinstance(inner, str) and name.endswith("id") and len(inner) == 36:
                told[of if name == "id" else name[:-3].replace("_", "-") + "s"][inner] = True
                there.add(inner)
            elif name in ("items", "assets"):
                seen(of, inner)


def statement():
    """A statement of the bank with a line that is nobody's."""
    n, now = next(numbers), (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=1)).isoformat()
    head = "booked_at,bank_reference,direction,amount,currency,counterparty_name,remark"
    return f"{head}\r\n{now},STATEFUL-{n},credit,1.00,CNY,某公司{n},来款\r\n", {"currency": "CNY", "opening_balance": "0.00", "closing_balance": "1.00"}


TABLES = {"import_bank_statement": statement, "create_import": lambda: (f"title,kind\n题{next(numbers)},other_tech\n", {"kind": "assets"})}


@schemathesis.hook
def filter_case(context, case):
    """A text is a text whatever is in it: a number, a list or null that is sent as one breaks no schema."""
    return not ((case.media_type or "").startswith("text/") and isinstance(case.body, (bool, int, float, list, dict, type(None))))


@schemathesis.hook
def before_call(context, case, kwargs):
    if not is_meant(case):
        return
    if isinstance(case.body, (dict, list)):
        case.body = tidy(case.body)
    parameters, operation = case.path_parameters or {}, case.operation.definition.raw.get("operationId")
    if "id" in parameters and operation not in APART:
        parameters["id"] = there_instead(parameters["id"], case.operation.path.split("/")[2])
    if SEAT and parameters.get("id") in founded:
        parameters["id"] = SEAT
    if case.media_type == "text/csv" and operation in TABLES and next(numbers) % 2:
        case.body, query = TABLES[operation]()
        case.query = (case.query or {}) | query
    headers = case.headers or {}
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = "stateful-" + uuid.uuid4().hex
    last = versions.get(thing(case.formatted_path))
    if "If-Match" in headers and last and operation not in APART:
        headers["If-Match"] = last


@schemathesis.hook
def after_call(context, case, response):
    etag = response.headers.get("etag")
    if etag and response.status_code < 300:
        place = response.headers.get("location")
        versions[thing(place[0] if place else case.formatted_path)] = etag[0]
    if response.status_code in (200, 201) and response.headers.get("content-type", [""])[0] == "application/json":
        seen(case.operation.path.rstrip("/").split("/")[-1], response.json())
        if case.operation.definition.raw.get("operationId") == "create_organisation":
            founded.add(response.json()["id"])


@schemathesis.check
def form_is_documented(ctx, response, case):
    """What the document allows is never refused for its form: then one of the two is wrong."""
    if response.status_code != 422 or not is_meant(case):
        return
    try:
        errors = response.json().get("errors", [])
    except ValueError:
        return
    # What a file must say in its rows no schema can say; of telephone and address one is asked for, and a secret
    # reserve only when it is new. Who holds a right of pre-emption is asked of a seller and hidden from others, by one schema. The most money there
    # may be is no whole number of digits.
    said_in_words = lambda fault: (fault["pointer"].startswith(("#row/", "/auction/preemption/holders/")) or fault["pointer"] in ("/contact", "/reserve/amount")
                                   or "amount is out of range" in fault["detail"])
    wrong = [fault for fault in errors if fault["code"] in ("unknown_field", "missing_field", "wrong_type") and not said_in_words(fault)]
    assert not wrong, f"The document allows what was refused for its form: {wrong}"


def asked_again(response, address):
    """The same caller asks for a thing."""
    token = response.request.headers.get("Authorization")
    return requests.get(urllib.parse.urljoin(response.request.url, address), headers={"Authorization": token} if token else {}, timeout=20)


# An organisation is read from one's seat in it; a token to set a password anew is used where its answer says, not read.
READ_OTHERWISE = {"create_organisation", "issue_password_reset"}


@schemathesis.check
def made_is_there(ctx, response, case):
    """What was made can be read where its answer says; by whoever has registered or signed in, once he calls as such."""
    if response.status_code == 201 and "location" in response.headers and case.operation.definition.raw.get("operationId") not in READ_OTHERWISE:
        place = response.headers["location"][0]
        again = asked_again(response, place)
        due = (200,) if "Authorization" in response.request.headers else (200, 401)
        assert again.status_code in due, f"What was made cannot be read at {place}: {again.status_code} {again.text[:300]}"


@schemathesis.check
def removed_is_gone(ctx, response, case):
    """What was removed cannot be read any more."""
    path = case.operation.path
    if case.method == "DELETE" and response.status_code < 300 and path.endswith("}") and "get" in case.operation.schema.raw_schema["paths"][path]:
        again = asked_again(response, response.request.url)
        assert again.status_code in (404, 410), f"What was removed can be read: {again.status_code} {again.text[:300]}"
