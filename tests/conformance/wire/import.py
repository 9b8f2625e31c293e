"""Imports the patents that others published, and measures.

What their files do not say, and nothing is registered without, the test adds as the office that has them would: an
application number made from the publication's serial, a filing date, a name, and a main group for each subclass.

import.py KIND BASE SERVER
"""
import csv, io, itertools, os, sys, time
import market

KIND, BASE, SERVER = sys.argv[1:]
SECONDS, MEBIBYTES = 60, 256
PATENTS = os.path.join(os.environ["ZHEPAI_REAL_DATA"], "patents")
# The letter of a document tells its kind; the second is the kind digit of its number.
LETTERS = {"A": ("patent_application", "1"), "B": ("invention", "1"), "U": ("utility_model", "2")}
COLUMNS = ["row_key", "title", "kind", "publication_number", "identifier", "filed_on", "ipc", "inventors", "completers", "summary", "field", "state_funded"]


def table(name):
    with open(os.path.join(PATENTS, name), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def application(publication, digit):
    """A number with the check digit of ZC 0006-2003."""
    serial = int("".join(c for c in publication if c.isdigit())[1:])
    body = f"{2010 + serial // 10_000_000}{digit}{serial % 10_000_000:07}"
    return body + "." + "0123456789X"[sum(int(c) * weight for c, weight in zip(body, itertools.cycle(range(2, 10)))) % 11]


def rows():
    groups = {}
    for group in table("ipc_scheme_en.csv"):
        if "/" in group["symbol"]:
            groups.setdefault(group["code"][:4], group["symbol"])
    for patent in table("cn_patents_title_ipc.csv"):
        number = patent["publication_numbers"]
        kind, digit = LETTERS[number[-1]]
        symbols = [groups.get(subclass, f"{subclass} 10/00") for subclass in patent["ipc_subclasses"].split("|")]
        yield [number, patent["title"], kind, number, application(number, digit), "2019-06-01", "|".join(symbols), "发明人甲", "完成人甲", "见公开文本", "11", "false"]


def peak():
    """The most memory the server has had at once, MiB."""
    with open(f"/proc/{SERVER}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


market.wait_for(BASE, lambda: os.path.exists(f"/proc/{SERVER}"))
stranger = market.Client(BASE)
seller = market.found(stranger, stranger.officer("reviewer"), 1, "university", "state")
file, count = io.StringIO(), 0
writer = csv.writer(file)
writer.writerow(COLUMNS)
for row in rows():
    writer.writerow(row)
    count += 1
assert count == 5_892, f"{count} patents: where are the others?"

began = time.monotonic()
place = "/v1/imports/" + seller.send("/v1/imports?kind=assets&file_name=patents.csv", "text/csv", file.getvalue().encode())["id"]
while (told := seller.get(place))["state"] in ("waiting", "running"):
    time.sleep(0.1)
took, most = time.monotonic() - began, peak()
refused = [row["problem"] for row in seller.get(place + "/rows?state=refused&limit=5")]
wrong = [] if (told["state"], told["accepted"]) == ("done", count) else [f"not all were accepted: {told} {refused}"]
wrong += [f"{SECONDS} s are due"] if took > SECONDS else []
wrong += [f"{MEBIBYTES} MiB are due"] if most > MEBIBYTES else []
print(f"{KIND}: {told['accepted']} real patents imported in {took:.1f} s, {count / took:.0f} a second, {most:.0f} MiB at most" + "".join(f"\n  FAILED: {one}" for one in wrong))
sys.exit(bool(wrong))
