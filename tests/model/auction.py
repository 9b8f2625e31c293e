"""The rules of bidding once more, written from their text (领域 4.4 to 4.6 and 4.8) and not from the engine.

Reads histories, a JSON object a line: the terms of a lot, what was tried, what the engine said to each, and how the lot ended there.
Plays each and prints the first on which the two disagree.

`terms.format` names the format by its `kind`, with its parameters beside (vickrey has none); english where it is not named:
  english       in the terms: direction, proxy
  dutch         decrement, tick_seconds, floor
  first_price   tie_round_seconds (nothing: the earlier of two equal offers has it), direction in the terms
  uniform, pay_as_bid: units, cap; for uniform its price: highest_rejected | lowest_accepted
  weighted      price_bp, and others [{bp, scores: {bidder: [what each expert gave, or the one figure of a table]}}]
  rounds        rounds, first_pause_seconds, pause_seconds, turn_seconds, result_seconds; history: offers [[bidder, fen]]
`terms.preemption` is {kind: parity | ask_after, ranks: [[bidder, rank]] in the order of application, seconds, round_seconds (0: those of
one rank are asked one after another)}: parity where bids are open, ask_after wherever one price is found for one thing.
Deeds are bid [at, bidder, fen or [fen, ..] for several units, suspended], buy [at, bidder, suspended], pause [at], resume [at],
extend [at, seconds], answer [at, bidder, yes], seal [at, bidder, fen, suspended],
suspend [at, bidder, yes or no more]. `admitted` is how many are. Where several have
something, `end` has awards, [bidder, units, fen] from the best on.
"""
import json, sys
from fractions import Fraction
from itertools import dropwhile

SECOND = 1_000_000  # times are microseconds


def fen(money):
    return int(Fraction(money["amount"]) * 100)


class Refused(Exception): pass


def refuse(code, holds):
    if holds:
        raise Refused(code)


class Lot:
    """What all formats have: an opening, an end, a host who stops and moves both, and holders who are asked after the bidding."""
    def __init__(self, history):
        self.terms = history["terms"]
        self.format = self.terms.get("format") or {"kind": "english"}
        self.opens, self.start = history["opens_at"], fen(self.terms["start_price"])
        self.reserve = history["reserve"]  # nothing: any price has effect
        self.sign = -1 if self.terms.get("direction") == "descending" else 1  # the lower the better
        self.closes = self.opens + self.terms["free_period_seconds"] * SECOND
        self.phase = "scheduled" if history.get("admitted", 1) >= self.terms.get("min_bidders", 1) else "aborted"
        self.price = self.leader = self.paused_at = None
        self.bids, self.last, self.next = 0, 0, {}  # nothing counts as earlier than the last; nobody seals twice at one instant
        self.moved = self.stood = 0  # how far the latest end was moved; how long it stood still since it opened
        right = self.terms.get("preemption") or {}
        self.parity, self.asked = [dict(right["ranks"]) if right.get("kind") == kind else {} for kind in ("parity", "ask_after")]
        self.answer_time, self.round_time = [right.get(name, 0) * SECOND for name in ("seconds", "round_seconds")]
        # Who is asked and has not answered, and who after them; who takes it; since when those seal one more bid, the least first.
        self.suspended, self.silent, self.behind, self.takers, self.since, self.once_more = set(), [], [], [], None, {}

    def comes(self, now):
        """What comes by itself short of the end: the opening, what the format knows, and holders who are asked."""
        if self.paused_at is not None or self.phase == "aborted":
            return
        if self.phase == "scheduled" and now >= self.opens:
            self.phase = "open_free"
        if self.phase == "open_free":
            self.goes_on(now)
        if self.asked and self.phase.startswith("open") and now >= self.closes and self.sells():
            before = self.asked.get(self.leader, float("inf"))
            holders = [who for who, rank in self.asked.items() if who not in self.suspended and who != self.leader and rank < before]
            self.behind = sorted(holders, key=self.asked.get)
        while self.behind and now >= self.closes:
            self.behind = list(dropwhile(self.suspended.__contains__, self.behind))  # passed over when his turn comes
            if self.behind:
                alike = [who for who in self.behind if self.round_time and self.asked[who] == self.asked[self.behind[0]]] or self.behind[:1]
                self.silent, self.behind = [who for who in alike if who not in self.suspended], self.behind[len(alike):]
                self.phase, self.closes = "asking", self.closes + self.answer_time
        if len(self.takers) > 1 and self.since is None and now >= self.closes:
            self.since, self.closes, self.silent = self.closes, self.closes + self.round_time, []

    goes_on = lambda self, now: None   # what comes by itself in the format

    def answer(self, at, who, yes):
        """Holders are asked by rank whether they take the price that was found, each rank for so long."""
        refuse("wrong_state", self.paused_at is not None or who not in self.silent)
        refuse("closed", at >= self.closes)
        refuse("bidder_suspended", yes and who in self.suspended)
        self.silent.remove(who)
        if yes:
            self.takers.append(who)
            self.leader, self.behind = self.takers[0], []
        self.closes = self.closes if self.silent else at

    def seal(self, at, who, price, suspended):
        """Several take it, and each may bid once more: the best has it at his own, the earlier of equals, and nobody for less."""
        arrival = self.counts(at, who)
        refuse("busy", self.since is None or at < self.since)
        refuse("paused", self.paused_at is not None)
        refuse("closed", arrival >= self.closes)
        refuse("bidder_suspended", suspended)
        refuse("not_in_tie_round", who not in self.takers)
        refuse("too_low", price < self.price)
        self.once_more.pop(who, None)   # it stands behind what others sealed at the same instant
        self.next[who], self.once_more[who] = arrival + 1, (-price, arrival)

    def suspend(self, at, who, suspended):
        self.suspended = self.suspended | {who} if suspended else self.suspended - {who}

    def lasts(self, at):
        """There is time left: before the opening, or before the end."""
        refuse("wrong_state", self.phase == "aborted")
        refuse("closed", self.paused_at is None and self.phase != "scheduled" and at >= self.closes)

    def moment(self, now):
        return max(now, self.last, self.paused_at or 0)

    def shift(self, by):
        """Every clock that runs is moved equally."""
        self.closes += by
        if self.phase == "scheduled":
            self.opens += by
        else:
            self.moved, self.stood = self.moved + by, self.stood + by

    def pause(self, at):
        refuse("wrong_state", self.paused_at is not None)
        at = self.moment(at)
        self.lasts(at)
        self.paused_at = at

    def resume(self, at):
        refuse("wrong_state", self.paused_at is None)
        at = self.moment(at)
        length, self.paused_at, self.last = at - self.paused_at, None, at
        self.shift(length)

    def extend(self, at, seconds):
        self.lasts(self.moment(at))
        self.closes, self.moved = self.closes + seconds * SECOND, self.moved + seconds * SECOND

    def counts(self, at, who):
        return max(at, self.last, self.next.get(who, 0))

    def enters(self, at, who, suspended):
        """A bid is in time and of somebody who may; when it counts as arrived."""
        arrival = self.counts(at, who)
        self.comes(arrival)
        refuse("not_open", self.phase.startswith("open") and at < self.opens)
        refuse("paused", self.paused_at is not None)
        refuse("not_open", self.phase == "scheduled")
        refuse("closed", not self.phase.startswith("open") or arrival >= self.closes)
        refuse("bidder_suspended", suspended)
        return arrival

    def step(self, best):
        """What a bid must add: an amount, a share rounded up, or the rung at or below the base; one fen at least."""
        base = best if self.terms["step_base"] == "best_bid" and best is not None else self.start
        step = self.terms["step"]
        if step["kind"] == "fixed":
            return max(fen(step["amount"]), 1)
        if step["kind"] == "percent":
            return max(-(-base * step["rate_bp"] // 10_000), 1)
        rungs = [(fen(rung["from"]), fen(rung["step"])) for rung in step["rungs"]]
        return max(([of for start, of in rungs if start <= base] or [rungs[0][1]])[-1], 1)

    def reaches(self, price, least):
        return least is None or self.sign * (price - least) >= 0

    def end(self):
        """Nobody does anything any more: what comes by itself comes, and then the end."""
        if self.paused_at is None and self.phase != "aborted":
            self.comes(float("inf"))
            self.phase = "closed_sold" if self.phase == "asking" or self.sells() else "closed_unsold"
            if self.once_more:
                self.leader = min(self.once_more, key=self.once_more.get)
                self.price, self.bids = -self.once_more[self.leader][0], self.bids + len(self.once_more)

    def sells(self):
        """Whether it is sold by the bids alone; who has it then, and for how much."""
        return self.price is not None and self.reaches(self.price, self.reserve)

    def said(self):
        state = "paused" if self.paused_at is not None else self.phase
        return {"state": state, "price": self.price, "leader": self.leader, "bids": self.bids, "closes_at": self.closes}


class English(Lot):
    """Bid after bid, up or down; the bids may be maxima; whoever has a right of pre-emption may meet the price."""
    def __init__(self, history):
        super().__init__(history)
        self.mode, self.cycle = self.terms["closing_mode"], self.terms["timed_cycle_seconds"] * SECOND
        self.maxima = {}   # bidder: how much at most, and when

    def latest(self, wanted):
        """Within the longest duration, where one was announced."""
        longest = self.terms["max_duration_seconds"]
        return wanted if longest is None else min(wanted, self.opens + longest * SECOND + self.moved)

    def goes_on(self, now):
        if self.mode == "timed_cycle" and now >= self.closes:
            self.phase, self.closes = "open_timed", max(self.closes, self.latest(self.closes + self.cycle))

    def judge_price(self, who, price):
        best = self.price
        if price == best and who in self.parity and self.parity[who] < self.parity.get(self.leader, float("inf")):
            return
        if self.maxima and who == self.leader:
            return refuse("too_low", price <= self.maxima[who][0])
        add = 0 if best is None else self.step(best) if self.terms["enforce_step"] else 1
        base = self.start if best is None else best
        refuse("too_low", price < 1)
        refuse("too_low" if self.sign > 0 else "too_high", self.sign * (price - base) < add)
        refuse("not_a_step", self.terms["multiples_only"] and (price - base) % self.step(best))

    def takes(self, who, price):
        self.price, self.leader = price, who
        if self.terms.get("proxy"):
            self.maxima[who] = (price, self.bids)
            first, *others = sorted(self.maxima.items(), key=lambda held: (-held[1][0], held[1][1]))
            self.price, self.leader, second = self.start, first[0], others[0][1][0] if others else None
            if others:
                self.price = max(self.start, min(first[1][0], second + self.step(second)))

    def bid(self, at, who, price, suspended):
        arrival = self.enters(at, who, suspended)
        refuse("already_leading", who == self.leader and not self.terms["allow_self_raise"] and not self.maxima)
        self.judge_price(who, price)
        alone = bool(self.maxima) and who == self.leader  # raising himself he buys no time
        if not alone and (self.phase == "open_timed" or self.mode == "soft_close" and self.closes - arrival <= self.cycle):
            self.closes = max(self.closes, self.latest(arrival + self.cycle))
        self.takes(who, price)
        self.last, self.bids = arrival, self.bids + 1

    def buy(self, at, who, suspended):
        """Until the first bid, at the price announced; that ends the bidding."""
        arrival = self.enters(at, who, False)
        refuse("buy_now_over", self.price is not None or "buy_now" not in self.terms)
        refuse("bidder_suspended", suspended)
        self.price, self.leader, self.closes, self.mode = fen(self.terms["buy_now"]), who, arrival, "hard_close"
        self.last, self.bids = arrival, self.bids + 1

    def sells(self):
        # What somebody would have given at most counts, and a reserve below it is met at the reserve.
        if self.maxima and self.reserve is not None and self.maxima[self.leader][0] >= self.reserve:
            self.price = max(self.price, self.reserve)
        return super().sells()


class Dutch(Lot):
    """The price falls with the clock until somebody takes it, or it has stood at the floor for a tick."""
    def __init__(self, history):
        super().__init__(history)
        self.drop, self.floor = fen(self.format["decrement"]), fen(self.format["floor"])
        self.tick = self.format["tick_seconds"] * SECOND
        self.closes = self.opens + (-(-(self.start - self.floor) // self.drop) + 1) * self.tick

    def bid(self, at, who, price, suspended):
        arrival = self.enters(at, who, suspended)
        clock = max(self.floor, self.start - (arrival - self.opens - self.stood) // self.tick * self.drop)  # it stands in a pause
        refuse("too_low", price < clock)
        self.price, self.leader, self.closes = clock, who, arrival
        self.last, self.bids = arrival, self.bids + 1


class Rounds(Lot):
    """Offers that came sealed are raised in turns, from the worst to the best, among equals the later first."""
    def __init__(self, history):
        super().__init__(history)
        of = lambda name, default: self.format.get(name, default) * SECOND
        self.left, self.between, self.length = self.format.get("rounds", 3), of("pause_seconds", 120), of("turn_seconds", 120)
        self.offers = {who: (price, number) for number, (who, price) in enumerate(history["offers"], -len(history["offers"]))}
        self.starts = self.opens + of("first_pause_seconds", 300)
        self.ends, self.raised, self.bids = self.starts + self.length, None, len(self.offers)
        self.closes = self.starts + self.left * (len(self.offers) * self.length + self.between) - self.between + of("result_seconds", 120)
        self.turns = self.order()

    def order(self):
        return sorted(self.offers, key=lambda who: (self.offers[who][0], -self.offers[who][1]))

    def goes_on(self, now):
        while self.turns and now >= self.ends:
            who = self.turns.pop(0)
            if self.raised:
                self.offers[who], self.raised, self.bids = (self.raised, self.bids), None, self.bids + 1
            self.starts = self.ends
            if not self.turns and self.left > 1:
                self.left, self.starts, self.turns = self.left - 1, self.starts + self.between, self.order()
            self.ends = self.starts + self.length

    def shift(self, by):
        super().shift(by)
        begun = self.last - by >= self.starts  # before the pause
        self.starts, self.ends = self.starts + (0 if begun else by), self.ends + by

    def extend(self, at, seconds):
        super().extend(at, seconds)
        now = self.paused_at if self.paused_at is not None else self.moment(at)
        self.starts, self.ends = self.starts + (seconds * SECOND if now < self.starts else 0), self.ends + seconds * SECOND

    def bid(self, at, who, price, suspended):
        arrival = self.enters(at, who, suspended)
        refuse("not_your_turn", not self.turns or who != self.turns[0] or at < self.starts or not self.starts <= arrival < self.ends)
        own = self.offers[who][0]
        refuse("too_low", price != own and price < own + self.step(own))
        self.raised = price if price > own else None   # at his own offer he leaves it

    def sells(self):
        if self.offers:
            self.leader = self.order()[-1]
            self.price = self.offers[self.leader][0]
        return super().sells()


class Sealed(Lot):
    """One offer each, which may be replaced until the end and is opened after it; with what is done then, by the format."""
    def __init__(self, history):
        super().__init__(history)
        self.kind, self.offers = self.format["kind"], {}   # bidder: prices, and when and in which place
        self.units, self.cap = self.format.get("units", 1), self.format.get("cap", 1)
        self.tied, self.more, self.awards = {}, {}, {}   # who has how many units, and for how much
        self.floor = (max if self.sign > 0 else min)(self.start, self.start if self.reserve is None else self.reserve)

    def ranked(self):
        """Every valid unit-bid from the best on; among equals the earlier."""
        units = [(price, number, who) for who, (prices, number) in self.offers.items() for price in prices]
        return sorted((unit for unit in units if self.reaches(unit[0], self.floor)), key=lambda unit: (-self.sign * unit[0], unit[1]))

    def goes_on(self, now):
        length = self.format.get("tie_round_seconds")
        if length and now >= self.closes:
            best = [unit for unit in self.ranked() if unit[0] == self.ranked()[0][0]]
            if len(best) > 1:
                self.phase, self.closes, self.tied = "open_tie", self.closes + length * SECOND, {who: price for price, _, who in best}

    def bid(self, at, who, price, suspended):
        arrival = self.enters(at, who, suspended)
        self.bids, self.next[who], prices = self.bids + 1, arrival + 1, price if isinstance(price, list) else [price]
        refuse("not_in_tie_round", self.tied and who not in self.tied)
        refuse("too_low" if self.sign > 0 else "too_high", not all(self.reaches(one, self.tied.get(who, self.start)) for one in prices))
        refuse("invalid", len(prices) > self.cap or prices != sorted(prices, reverse=True))
        (self.more if self.tied else self.offers)[who] = prices[0] if self.tied else (prices, (arrival, self.bids))

    def total(self, who, price, highest):
        """The weighted total in ten-thousandths of a point: exact until it is rounded, half up and once."""
        total = self.format["price_bp"] * Fraction(price * 100, highest)
        for other in self.format["others"]:
            given = sorted(other["scores"][who])
            given = given[1:-1] if len(given) >= 5 else given
            total += other["bp"] * Fraction(sum(given), len(given))
        return (2 * total + 1) // 2  # ten thousand bp and four decimals cancel out

    def sells(self):
        ranked = self.ranked()
        won, lost = ranked[:self.units], ranked[self.units:]
        if not won:
            return False
        if self.kind == "weighted":
            won = sorted(ranked, key=lambda unit: (-self.total(unit[2], unit[0], ranked[0][0]), -unit[0], unit[1]))[:1]
        if self.tied:
            again = self.more or self.tied   # whoever does not bid again has it only where nobody does
            best = [(again[who], number, who) for _, number, who in ranked if who in again]
            won = sorted(best, key=lambda unit: (-self.sign * unit[0], unit[1]))[:1]
        price = won[-1][0] if self.kind == "uniform" else None   # one for all, or each his own
        if self.kind == "vickrey" or self.format.get("price") == "highest_rejected":
            price = lost[0][0] if lost else self.floor
        for own, _, who in won:
            self.awards[who] = [sum(of) for of in zip(self.awards.get(who, (0, 0)), (1, own if price is None else price))]
        self.leader, self.price = won[0][2], won[0][0] if price is None else price
        return True

    def said(self):
        awards = {"awards": [[who, *bought] for who, bought in self.awards.items()]} if "units" in self.format else {}
        return {**super().said(), "bids": sum(len(of) for of in (self.offers, self.more, self.once_more)), **awards}


def play(history):
    """What this model says to each deed, and how the lot ends."""
    kind = (history["terms"].get("format") or {}).get("kind", "english")
    lot, said = {"english": English, "dutch": Dutch, "rounds": Rounds}.get(kind, Sealed)(history), []
    for deed in history["deeds"]:
        kept = {name: value.copy() if isinstance(value, (dict, list)) else value for name, value in lot.__dict__.items()}
        try:
            lot.comes(deed["with"][0])
            getattr(lot, deed["do"])(*deed["with"])
            said.append("done")
        except Refused as refusal:
            lot.__dict__.update(kept)  # what is refused changes nothing
            said.append(str(refusal))
    lot.end()
    return said, lot.said()


def main():
    histories = [json.loads(line) for line in sys.stdin]
    wrong = [history for history in histories if play(history) != (history["said"], history["end"])]
    print(*("disagree: " + json.dumps({**history, "model": play(history)}) for history in wrong[:3]), sep="\n")
    print(f"{len(histories)} histories, {len(wrong)} disagree")
    sys.exit(bool(wrong) or not histories)


if __name__ == "__main__":
    main()
