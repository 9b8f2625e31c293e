"""Whatever the market shows of itself is as its document says: every question there is, of every thing that can be listed,
asked by everybody. A generator of requests hardly finds a thing of each kind; here each is looked at.
"""
import json, sys
import jsonschema_rs
from market import ENTERPRISE, UNIVERSITY, Account, Findings, call, good

document = good(call("GET", "/v1/openapi.json"))
findings = Findings()
validators, seen = {}, set()


def look(path, address, who):
    """Asks and compares; gives the answer if there is one."""
    answer = call("GET", address, token=who and who.token)
    findings.sound(answer, "an answer", address)
    responses = document["paths"][path]["get"]["responses"]
    if not findings.check(str(answer.status) in responses, "a status of which the document knows nothing", f"{address} {answer}"):
        return None
    content = responses[str(answer.status)].get("content", {})
    if not findings.check(answer.kind in content, "a content type of which the document knows nothing", f"{address} {answer.kind}"):
        return None
    if not answer.kind.endswith("json"):
        return None
    place = (path, answer.status)
    if place not in validators:
        validators[place] = jsonschema_rs.Draft202012Validator({**content[answer.kind]["schema"], "components": document["components"]})
    fault = next(validators[place].iter_errors(answer.json), None)
    findings.check(fault is None, "not as the document says", f"{address} {fault and list(fault.instance_path)} {fault and fault.message[:300]}")
    if answer.status == 200:
        seen.add(path)
    return answer.json if answer.status == 200 else None


things = {}


people = [None, UNIVERSITY, ENTERPRISE] + [Account(f"{name}@sandbox.example") for name in ("reviewer", "auction-host", "finance", "publisher", "security-admin", "auditor", "supervisor")]
# What a demo market has none of.
good(call("POST", "/v1/documents?title=t&file_name=t.txt&confidentiality=private", token=UNIVERSITY.token, raw=b"text", kind="text/plain"), 201)
good(call("POST", "/v1/api-keys", {"name": "k", "scopes": ["listings:read"]}, UNIVERSITY.token), 201)
good(call("POST", "/v1/webhooks", {"url": "https://hooks.example.com/x", "signing": "hmac_sha256"}, UNIVERSITY.token), 201)
good(call("POST", "/v1/imports?kind=assets&file_name=t.csv", token=UNIVERSITY.token, raw=b"title,kind\nt,other_tech\n", kind="text/csv"), 201)
questions = [path for path, item in document["paths"].items() if "get" in item and not path.endswith("/stream") and "/exports/" not in path]


def name_and_value(field):
    schema = field["schema"]
    schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    plain = {"date": "2026-03-02", "date-time": "2026-03-02T00:00:00Z"}.get(schema.get("format")) or {"limit": "100", "span": "10wd"}.get(field["name"])
    return f"{field['name']}={plain or schema['enum'][0]}"


for who in people:
    for path in questions:
        if "{" not in path:
            query = [name_and_value(p) for p in document["paths"][path]["get"].get("parameters", []) if p["in"] == "query" and (p["required"] or p["name"] == "limit")]
            address = path + ("?" + "&".join(query) if query else "")
            told = look(path, address, who)
            if told and isinstance(told, dict) and "items" in told:
                things.setdefault(path, {}).update({one["id"]: True for one in told["items"] if "id" in one})
            for listing in (told or {}).get("items", []) if path == "/v1/listings" else []:
                for asset in (look("/v1/listings/{id}", f"/v1/listings/{listing['id']}", who) or {}).get("assets", []):
                    things.setdefault("/v1/assets", {})[asset["asset_id"]] = True
for who in people:
    for path in questions:
        if "{" in path:
            for thing in list(things.get(path.split("/{")[0], {}))[:60]:
                look(path, path.replace(path[path.index("{"):path.index("}") + 1], thing), who)
never = sorted(set(questions) - seen)
print("  never answered with 200 in a demo market: " + (", ".join(never) or "none"))
findings.check(len(seen) > len(questions) * 2 // 3, "hardly a question was answered", never)
findings.end(f"{len(seen)} of {len(questions)} questions")
