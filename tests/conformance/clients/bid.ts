// A full bid, by the generated types alone: apply, qualify, pay, wait, bid, read it back.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./zhepai.js";

type Money = components["schemas"]["Money"];
type Market = Client<paths>;
declare const process: { argv: string[] };
const base = process.argv[2]!;

function sure(holds: unknown, ...told: unknown[]): asserts holds {
  if (!holds) throw new Error(told.map((one) => JSON.stringify(one)).join(" ") || "not so");
}

/** What was answered, which was no refusal. */
function got<T>(answer: { data?: T; error?: unknown }): T {
  sure(answer.data !== undefined, answer.error);
  return answer.data;
}

/** The amount, which is decimal text and never a number. */
function text(money: Money | null | undefined): string {
  sure(money && typeof money.amount === "string" && /^[0-9]+\.[0-9]{2}$/.test(money.amount), money);
  sure(money.currency === "CNY", money);
  return money.amount;
}

const key = () => ({ "Idempotency-Key": crypto.randomUUID() });

function market(token?: string): Market {
  const headers = { "Accept-Language": "en", ...(token && { Authorization: `Bearer ${token}` }) };
  return createClient<paths>({ baseUrl: base, headers });
}

async function enter(credentials: components["schemas"]["Credentials"]) {
  const { data } = await market().POST("/v1/sessions", { body: credentials });
  return data && market(data.access_token);
}

async function buyer(): Promise<Market> {
  const entered = await enter({ email: "you@demo.example", password: "zhepai-demo-owner" });
  sure(entered, "the buyer was not let in");
  return entered;
}

async function officer(email: string): Promise<Market> {
  const password = "zhepai-sandbox-only";
  const said = new TextEncoder().encode(`zhepai-sandbox/${email}/${password}`);
  const secret = (await crypto.subtle.digest("SHA-256", said)).slice(0, 20);
  const hmac = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  // A code counts once, and the demo has just used one; the next is taken early.
  for (const ahead of [0, 1]) {
    const step = new DataView(new ArrayBuffer(8));
    step.setBigUint64(0, BigInt(Math.floor(Date.now() / 30_000) + ahead));
    const mac = new DataView(await crypto.subtle.sign("HMAC", hmac, step));
    const code = (mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff) % 1_000_000;
    const entered = await enter({ email, password, code: String(code).padStart(6, "0") });
    if (entered) return entered;
  }
  throw new Error(`${email} was not let in`);
}

// The demo has one lot that runs. Whoever wants to see all of a bid takes one that may be applied for, where a second
// bidder is admitted already: with fewer it would not open.
const reviewer = await officer("reviewer@sandbox.example");
let you = await buyer();
const running = got(await you.GET("/v1/lots", { params: { query: { state: "open_free" } } })).items[0];
sure(running);
text(got(await you.GET("/v1/lots/{id}", { params: { path: { id: running.id } } })).next_price);
let found: components["schemas"]["LotSummary"] | undefined;
for (const lot of got(await you.GET("/v1/lots", { params: { query: { state: "scheduled" } } })).items) {
  const query = { state: "admitted" as const };
  const others = got(await reviewer.GET("/v1/lots/{id}/admissions", { params: { path: { id: lot.id }, query } }));
  if (others.items.length > 0) {
    found = lot;
    break;
  }
}
sure(found, "no lot has a bidder yet");
const path = { id: found.id };

const applied = got(await you.POST("/v1/lots/{id}/admissions", { params: { path, header: key() }, body: {} }));
sure(applied.state === "applied", applied);
const admission = { path: { id: applied.id }, header: key() };
const { deposit } = got(await reviewer.POST("/v1/admissions/{id}/qualify", { params: admission }));
text(deposit.amount);
const credit = { deposit_reference: deposit.reference, amount: deposit.amount };
const admitted = got(await you.POST("/v1/sandbox/bank-credits", { params: { header: key() }, body: credit }));
sure(admitted.id === applied.id && admitted.state === "admitted" && admitted.deposit.received, admitted);

const clock = await officer("security-admin@sandbox.example");
const to = new Date(Date.parse(found.opens_at) + 1000).toISOString();
got(await clock.POST("/v1/sandbox/clock", { body: { to } }));
you = await buyer(); // The token was for fifteen minutes.
const opened = got(await you.GET("/v1/lots/{id}", { params: { path } }));
sure(opened.state === "open_free" && opened.bid_count === 0, opened);
const least = opened.next_price;
sure(least && text(least) === text(found.start_price), least);

const one: Money = { amount: "1.00", currency: "CNY" };
const low = await you.POST("/v1/lots/{id}/bids", { params: { path, header: key() }, body: { price: one } });
sure(low.error && low.response.status === 422 && low.error.status === 422 && low.error.code === "too_low", low.error);
sure(text(low.error.at_least) === text(least), low.error);

const own = { params: { path, header: key() }, body: { price: least } };
const placed = await you.POST("/v1/lots/{id}/bids", own);
const receipt = got(placed);
sure(placed.response.status === 201 && text(receipt.price) === text(least), receipt);
sure(receipt.bidder === admitted.pseudonym, receipt);
const again = got(await you.POST("/v1/lots/{id}/bids", own));
sure(JSON.stringify(again) === JSON.stringify(receipt), again);

const bid = got(await you.GET("/v1/lots/{id}/bids", { params: { path } })).items[0];
sure(bid && bid.seq === receipt.seq && bid.bidder === receipt.bidder && text(bid.price) === text(least), bid);
const after = got(await you.GET("/v1/lots/{id}", { params: { path } }));
sure(after.leader === receipt.bidder && text(after.price) === text(least) && after.bid_count === 1, after);
sure(after.log_hash === receipt.log_hash, after);
console.log(`TypeScript: a bid of ${text(bid.price)} counts, one of 1.00 was told at least ${text(least)}`);
