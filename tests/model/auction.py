"""The rules of bidding once more, written from their text (领域 4.4: 多次报价) and not from the engine.

Reads histories, one JSON object a line: the terms of a lot, what was tried, what the engine said to each, and how the
lot ended there. Plays each and prints the first lines on which the two disagree.
"""
import json, sys
from fractions import Fraction

SECOND = 1_000_000  # times are microseconds


def fen(money):
    whole, _, part = money["amount"].partition(".")
    return int(whole) * 100 + int((part + "00")[:2])


class Refused(Exception):
    pass


class Lot:
    def __init__(self, history):
        self.terms = history["terms"]
        self.opens = history["opens_at"]
        self.start = fen(self.terms["start_price"])
        self.cycle = self.terms["timed_cycle_seconds"] * SECOND
        self.mode = self.terms["closing_mode"]
        self.closes = self.opens + self.terms["free_period_seconds"] * SECOND
        self.phase = "scheduled"
        self.price = self.leader = self.paused_at = None
        self.rank = None   # of the leader's right of pre-emption
        self.bids = 0
        self.last = None   # nothing counts as earlier than what came before it
        self.moved = 0     # by how much the host has moved the latest end

    # Time

    def latest(self, wanted):
        """Within the longest duration, where one was announced."""
        longest = self.terms["max_duration_seconds"]
        return wanted if longest is None else min(wanted, self.opens + longest * SECOND + self.moved)

    def comes(self, now):
        """What comes by itself short of the end: the opening, and the timed phase at the end of the free one."""
        if self.paused_at is not None:
            return
        if self.phase == "scheduled" and now >= self.opens:
            self.phase = "open_free"
        if self.phase == "open_free" and self.mode == "timed_cycle" and now >= self.closes:
            self.phase, self.closes = "open_timed", max(self.closes, self.latest(self.closes + self.cycle))

    def lasts(self, at):
        """There is time left: before the opening, or before the end."""
        if self.phase == "scheduled":
            return
        if not self.phase.startswith("open"):
            raise Refused("wrong_state")
        if at >= self.closes:
            raise Refused("closed")

    def moment(self, now):
        return max(now, self.last if self.last is not None else now, self.paused_at if self.paused_at is not None else now)

    # Prices

    def step(self):
        """What a bid must add now: an amount, a share rounded up, or the rung at or below the base; one fen at least."""
        on_best = self.terms["step_base"] == "best_bid" and self.price is not None
        base, step = self.price if on_best else self.start, self.terms["step"]
        if step["kind"] == "fixed":
            add = fen(step["amount"])
        elif step["kind"] == "percent":
            share = Fraction(base * step["rate_bp"], 10_000)
            add = -(-share.numerator // share.denominator)
        else:
            rungs = [(fen(rung["from"]), fen(rung["step"])) for rung in step["rungs"]]
            add = ([of for start, of in rungs if start <= base] or [rungs[0][1]])[-1]
        return max(add, 1)

    def judge_price(self, price):
        if self.price is None:
            least = self.start
        else:
            least = self.price + (self.step() if self.terms["enforce_step"] else 1)
        if price < least:
            raise Refused("too_low")
        if self.terms["multiples_only"] and (price - (self.start if self.price is None else self.price)) % self.step():
            raise Refused("not_a_step")

    # What is done

    def at_par(self, price, rank):
        """A holder of a right of pre-emption may bid the price that stands, unless one of his rank or a better leads."""
        return rank is not None and price == self.price and (self.rank is None or rank < self.rank)

    def bid(self, at, who, price, suspended, rank):
        arrival = max(at, self.last if self.last is not None else at)
        self.comes(arrival)
        if self.phase != "scheduled" and at < self.opens:
            raise Refused("not_open")
        if self.paused_at is not None:
            raise Refused("paused")
        if self.phase == "scheduled":
            raise Refused("not_open")
        if not self.phase.startswith("open") or arrival >= self.closes:
            raise Refused("closed")
        if suspended:
            raise Refused("bidder_suspended")
        if who == self.leader and not self.terms["allow_self_raise"]:
            raise Refused("already_leading")
        if self.terms.get("preemption") != {"variant": "parity"}:
            rank = None
        if not self.at_par(price, rank):
            self.judge_price(price)
        end = self.closes
        if self.phase == "open_timed" or (self.mode == "soft_close" and self.closes - arrival <= self.cycle):
            end = self.latest(arrival + self.cycle)
        self.closes = max(self.closes, end)
        self.price, self.leader, self.last, self.bids = price, who, arrival, self.bids + 1
        self.rank = rank

    def pause(self, at):
        self.comes(at)
        if self.paused_at is not None:
            raise Refused("wrong_state")
        at = self.moment(at)
        self.lasts(at)
        self.paused_at = at

    def resume(self, at):
        self.comes(at)
        if self.paused_at is None:
            raise Refused("wrong_state")
        at = self.moment(at)
        length, self.paused_at, self.last = at - self.paused_at, None, at
        self.closes += length
        if self.phase == "scheduled":
            self.opens += length
        else:
            self.moved += length

    def extend(self, at, seconds):
        self.comes(at)
        at = self.moment(at)
        if self.paused_at is None:
            self.lasts(at)
        self.closes += seconds * SECOND
        self.moved += seconds * SECOND

    def end(self, reserve):
        """Nobody bids any more: the timed phase comes, and then the end."""
        if self.paused_at is not None:
            return
        self.comes(max(self.opens, self.closes))
        self.comes(self.closes)
        sold = self.price is not None and self.price >= reserve
        self.phase = "closed_sold" if sold else "closed_unsold"


def play(history):
    """What this model says to each deed, and how the lot ends."""
    lot, said = Lot(history), []
    for deed in history["deeds"]:
        kept = dict(lot.__dict__)
        try:
            getattr(lot, deed["do"])(*deed["with"])
            said.append("done")
        except Refused as refusal:
            lot.__dict__.update(kept)  # what is refused changes nothing
            said.append(str(refusal))
    lot.end(history["reserve"])
    state = "paused" if lot.paused_at is not None else lot.phase
    return said, {"state": state, "price": lot.price, "leader": lot.leader, "bids": lot.bids, "closes_at": lot.closes}


def main():
    count = wrong = 0
    for line in sys.stdin:
        history = json.loads(line)
        count += 1
        said, end = play(history)
        if said != history["said"] or end != history["end"]:
            wrong += 1
            if wrong <= 3:
                print("disagree:", json.dumps({**history, "model_said": said, "model_end": end}))
    print(f"{count} histories, {wrong} disagree")
    sys.exit(1 if wrong or not count else 0)


main()
