"""The operations an officer, or a member with one role or another, may have a right to, by the document; of what strangers
may do, only what is asked.

rights.py ROLE|member
"""
import sys
from market import call, good

who = sys.argv[1]
for item in good(call("GET", "/v1/openapi.json"))["paths"].values():
    for method, operation in item.items():
        ways = operation["x-authz"]["allow"] if method != "parameters" else []
        own = any(way.get("role") == "signed_in" or who in way or who in way.get("staff", []) for way in ways)
        if own or (method == "get" and any(way.get("role") == "stranger" for way in ways)):
            print(operation["operationId"])
