"""A token of somebody who acts for his organisation, also when he has founded another.

caller.py ADDRESS
"""
import sys
from market import Account, call, good

one = Account(sys.argv[1])
seat = good(call("GET", "/v1/me", token=one.token)).get("organisation_id")
print(Account(one.email, seat).token if seat else one.token)
