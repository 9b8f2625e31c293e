"""Bodies that are no JSON are 400 `malformed`, those that are JSON and wrong are not, and none is a fault of ours.

The texts are JSONTestSuite's (n_ no JSON, y_ JSON, i_ as one likes), sent whole and as the value of a member of every body.
"""
import json, os, sys
from market import UNIVERSITY, Findings, call, good

folder = sys.argv[1]
document = good(call("GET", "/v1/openapi.json"))
schemas = document["components"]["schemas"]
findings = Findings()

# JSON by the grammar that the conventions refuse: NUL, a member given twice, what is nested too deep, a list that is too long.
STRICTER = {"y_object_escaped_null_in_key.json", "y_string_null_escape.json", "y_object_duplicated_key_and_value.json",
            "y_65_deep.json", "y_100_deep.json", "y_10001_items.json"}
# Ours: what the suite leaves out because some tools cannot keep such files.
MORE = {
    "n_nul_after.json": b"{}\0", "n_nul_before.json": b"\0{}", "n_nul_inside_a_string.json": b'["a\0b"]',
    "n_100000_opening_arrays.json": b"[" * 100_000, "n_open_array_object.json": b'[{"":' * 50_000,
    "n_two_texts.json": b"{} {}", "n_comment.json": b"/* */{}", "n_nan.json": b"[NaN]", "n_trailing_comma.json": b'{"a": 1,}',
    "i_many_digits.json": b"[" + b"1" * 5_000 + b"]", "y_100_deep.json": b"[" * 100 + b"]" * 100,
    # As a member of a body it is one deeper.
    "y_63_deep.json": b"[" * 63 + b"]" * 63, "y_65_deep.json": b"[" * 65 + b"]" * 65,
    "y_10000_items.json": b"[" + b",".join([b"1"] * 10_000) + b"]", "y_10001_items.json": b"[" + b",".join([b"1"] * 10_001) + b"]",
    "i_100000_arrays.json": b"[" * 100_000 + b"]" * 100_000, "i_half_a_mebibyte.json": b'["' + b"a" * 524_288 + b'"]',
}
texts = {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder)) if name[:2] in ("n_", "y_", "i_")}
assert len(texts) > 150, "where is the suite?"
texts |= MORE


def no_json(raw):
    """Asks another reader, as strict: whether a text is JSON."""
    def refuse(_):
        raise ValueError
    try:
        json.loads(raw.decode("utf-8"), parse_constant=refuse)
        return False
    except (ValueError, RecursionError):
        return True


def operations():
    """Every operation with a JSON body that a stranger or this university may call without naming a thing."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json") if method != "parameters" else None
            if not body or "{" in path:
                continue
            allowed = operation["x-authz"]["allow"]
            stranger = any(a.get("role") == "stranger" for a in allowed)
            member = any(a.get("role") == "signed_in" or "member" in a for a in allowed)
            if stranger or member:
                name = next(iter(schemas[body["schema"]["$ref"].rsplit("/", 1)[1]]["properties"]))
                changes = any(p["name"] == "If-Match" for p in operation.get("parameters", []))
                version = [("If-Match", call("GET", path, token=UNIVERSITY.token).headers["etag"])] if changes else []
                yield method.upper(), path, name, None if stranger else UNIVERSITY, version


count = 0
for method, path, member, who, version in list(operations())[:2 if os.environ.get("ATTACK_SHORT") else None]:
    count += 1
    for name, raw in texts.items():
        for form, body in (("whole", raw), ("as a member", b'{"' + member.encode() + b'": ' + raw + b"}")):
            answer = call(method, path, raw=body, token=who and who.token, headers=version)
            told = f"{method} {path} {name} {form}"
            findings.sound(answer, "a body", told)
            if name.startswith("n_") and no_json(body):
                findings.check((answer.status, answer.code) == (400, "malformed"), "no JSON, but not 400 malformed", f"{told} {body[:40]!r} -> {answer}")
            elif name.startswith("y_") and name not in STRICTER:
                findings.check(400 < answer.status < 500, "JSON, but not refused for what it says", f"{told} {body[:40]!r} -> {answer}")
            elif name in STRICTER:
                findings.check((answer.status, answer.code) == (400, "malformed"), "not as strict as the conventions say", f"{told} {body[:60]!r} -> {answer}")
            else:
                findings.check(answer.code in ("malformed", "invalid"), "neither malformed nor invalid", f"{told} -> {answer}")
assert count >= 10 or os.environ.get("ATTACK_SHORT"), "the document names too few operations"


def spoiled(value, path=""):
    """The text of a value, with one member after another given twice, and one string after another holding NUL."""
    def write(node, at, twice, nul):
        if isinstance(node, dict):
            pairs = [json.dumps(k) + ":" + write(v, f"{at}/{k}", twice, nul) for k, v in node.items()]
            pairs += [pair for pair, k in zip(list(pairs), node) if f"{at}/{k}" == twice]
            return "{" + ",".join(pairs) + "}"
        if isinstance(node, list):
            return "[" + ",".join(write(v, f"{at}/{i}", twice, nul) for i, v in enumerate(node)) + "]"
        return json.dumps(node + "\0" if at == nul else node)

    def places(node, at=""):
        inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for k, v in inner:
            yield f"{at}/{k}", isinstance(node, dict), isinstance(v, str)
            yield from places(v, f"{at}/{k}")

    for at, is_member, is_text in places(value):
        if is_member:
            yield f"{at} twice", write(value, "", at, None)
        if is_text:
            yield f"{at} with NUL", write(value, "", None, at)
    yield "an unknown member, then one twice", '{"no_such_member":1,"no_such_member":1,' + write(value, "", None, None)[1:]


GOOD = {
    "/v1/sessions": {"email": "nobody@texts.example", "password": "x"},
    "/v1/persons": {"email": "somebody@texts.example", "name": "某人", "password": "a long phrase of mine"},
    "/v1/achievements": {"title": "题", "summary": "述", "field": "07", "completers": ["某"], "state_funded": False},
    "/v1/listings": {
        "achievement_id": "0" * 8 + "-0000-7000-8000-" + "0" * 12, "asset_ids": ["0" * 8 + "-0000-7000-8000-" + "0" * 12], "title": "题", "summary": "述",
        "terms": {"mode": "exclusive_licence", "fields": ["all"], "territory": ["330000"], "months": 12, "sublicence": False},
        "base_price": {"amount": "1.00", "currency": "CNY"}, "base_price_basis": "own_decision", "reserve": {"kind": "open", "amount": {"amount": "2.00", "currency": "CNY"}},
        "auction": {"closing_mode": "soft_close", "step": {"kind": "ladder", "rungs": [{"from": {"amount": "0", "currency": "CNY"}, "step": {"amount": "1", "currency": "CNY"}}]}},
        "declarations": {"secret_level_none": True, "confidentiality_review_number": "BM-1", "no_other_encumbrances": True,
                         "encumbrances": [{"kind": "pledge", "description": "x"}]},
        "contact": {"office": "x"},
    },
}
for path, body in GOOD.items():
    for how, text in spoiled(body):
        answer = call("POST", path, raw=text.encode(), token=UNIVERSITY.token)
        findings.check((answer.status, answer.code) == (400, "malformed"), "given twice or NUL, but not 400 malformed", f"POST {path} {how} -> {answer}")
findings.end(f"{len(texts)} texts as bodies of {count} operations")
