"""Whether what callers sent was ever written into a statement: it may be a parameter of one, and nothing else.

literals.py LOG WORD: the log is PostgreSQL's with every statement, one JSON object on a line.
"""
import json, sys

log, word = sys.argv[1:]
statements = bound = 0
literal = []
for line in open(log, encoding="utf-8", errors="replace"):
    entry = json.loads(line)
    said = {name: text for name, text in entry.items() if isinstance(text, str) and word in text}
    statements += entry.get("message", "").startswith(("execute ", "statement: "))
    if "detail" in said and said["detail"].lower().startswith("parameters:"):
        bound += 1
        del said["detail"]
    if said:
        literal.append(said)
for said in literal[:5]:
    print("    written into a statement:", json.dumps(said, ensure_ascii=False)[:300])
if bound < 100:
    print(f"FAILED: only {bound} statements had the word as a parameter, so this test has shown nothing")
print(f"{statements} statements, {bound} with the word as a parameter, {len(literal)} with it inside")
sys.exit(1 if literal or bound < 100 else 0)
