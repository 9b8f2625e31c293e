"""A full bid, by the generated client alone: apply, qualify, pay, wait, bid, read it back."""

import hashlib, hmac, re, sys, time
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from zhepai import AuthenticatedClient, Client
from zhepai.api.accounts import sign_in
from zhepai.api.admissions import apply_for_lot, list_lot_admissions, qualify_admission
from zhepai.api.lots import list_bids, list_lots, place_bid, read_lot
from zhepai.api.sandbox import set_sandbox_clock, simulate_bank_credit
from zhepai.models import (
    AdmissionState, AdmissionView, BidPage, BidReceipt, ClockSetting, ClockView, Credentials, Currency, LotState, LotView, Money,
    NewAdmission, NewBid, PageAdmissionView, PageLotSummary, Problem, SimulatedCredit, Tokens,
)

base = sys.argv[1]
stranger = Client(base_url=base, headers={"Accept-Language": "en"})
T = TypeVar("T")


def got(kind: type[T], answer: object) -> T:
    assert isinstance(answer, kind), answer
    return answer


def key() -> str:
    return str(uuid4())


def text(money: Money) -> str:
    """The amount, which is decimal text and never a number."""
    assert type(money.amount) is str and re.fullmatch(r"[0-9]+\.[0-9]{2}", money.amount), money
    assert money.currency == Currency.CNY
    return money.amount


def enter(credentials: Credentials) -> AuthenticatedClient | None:
    tokens = sign_in.sync(client=stranger, body=credentials)
    if not isinstance(tokens, Tokens):
        return None
    return AuthenticatedClient(base_url=base, token=tokens.access_token, headers={"Accept-Language": "en"})


def buyer() -> AuthenticatedClient:
    return got(AuthenticatedClient, enter(Credentials(email="you@demo.example", password="zhepai-demo-owner")))


def officer(email: str) -> AuthenticatedClient:
    password = "zhepai-sandbox-only"
    secret = hashlib.sha256(f"zhepai-sandbox/{email}/{password}".encode()).digest()[:20]

    def code(step: int) -> str:
        mac = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
        at = mac[-1] & 15
        return "%06d" % ((int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF) % 1000000)

    # A code counts once, and the demo has just used one; the next is taken early.
    now = int(time.time()) // 30
    entered = enter(Credentials(email=email, password=password, code=code(now)))
    return entered or got(AuthenticatedClient, enter(Credentials(email=email, password=password, code=code(now + 1))))


# The demo has one lot that runs. Whoever wants to see all of a bid takes one that may be applied for, where a second
# bidder is admitted already: with fewer it would not open.
reviewer, you = officer("reviewer@sandbox.example"), buyer()
[running] = got(PageLotSummary, list_lots.sync(client=you, state=LotState.OPEN_FREE)).items
text(got(Money, got(LotView, read_lot.sync(running.id, client=you)).next_price))
for lot in got(PageLotSummary, list_lots.sync(client=you, state=LotState.SCHEDULED)).items:
    if got(PageAdmissionView, list_lot_admissions.sync(lot.id, client=reviewer, state=AdmissionState.ADMITTED)).items:
        break
else:
    sys.exit("no lot has a bidder yet")

applied = got(AdmissionView, apply_for_lot.sync(lot.id, client=you, body=NewAdmission(), idempotency_key=key()))
assert applied.state == AdmissionState.APPLIED
deposit = got(AdmissionView, qualify_admission.sync(applied.id, client=reviewer, idempotency_key=key())).deposit
text(deposit.amount)
credit = SimulatedCredit(deposit_reference=deposit.reference, amount=deposit.amount)
admitted = got(AdmissionView, simulate_bank_credit.sync(client=you, body=credit, idempotency_key=key()))
assert admitted.id == applied.id and admitted.state == AdmissionState.ADMITTED and admitted.deposit.received

clock = officer("security-admin@sandbox.example")
got(ClockView, set_sandbox_clock.sync(client=clock, body=ClockSetting(to=lot.opens_at + timedelta(seconds=1))))
you = buyer()  # The token was for fifteen minutes.
opened = got(LotView, read_lot.sync(lot.id, client=you))
assert opened.state == LotState.OPEN_FREE and opened.bid_count == 0
least = got(Money, opened.next_price)
assert text(least) == text(lot.start_price)

low = place_bid.sync_detailed(lot.id, client=you, body=NewBid(price=Money("1.00", Currency.CNY)), idempotency_key=key())
problem = got(Problem, low.parsed)
assert low.status_code == problem.status == 422 and problem.code == "too_low", problem
assert text(got(Money, problem.at_least)) == text(least)

own = key()
placed = place_bid.sync_detailed(lot.id, client=you, body=NewBid(price=least), idempotency_key=own)
receipt = got(BidReceipt, placed.parsed)
assert placed.status_code == 201 and text(receipt.price) == text(least) and receipt.bidder == admitted.pseudonym
again = got(BidReceipt, place_bid.sync(lot.id, client=you, body=NewBid(price=least), idempotency_key=own))
assert again == receipt

[bid] = got(BidPage, list_bids.sync(lot.id, client=you)).items
assert (bid.seq, bid.bidder, bid.price) == (receipt.seq, receipt.bidder, receipt.price)
after = got(LotView, read_lot.sync(lot.id, client=you))
assert (after.leader, after.price, after.bid_count, after.log_hash) == (receipt.bidder, receipt.price, 1, receipt.log_hash)
print(f"Python: a bid of {text(bid.price)} counts, one of 1.00 was told at least {text(least)}")
