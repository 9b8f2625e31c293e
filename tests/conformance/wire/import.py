"""Imports the patents that others published, kills the server in the middle, and measures.

What their files do not say, and nothing is registered without, the test adds as the office that has them would: an
application number made from the publication's serial, a filing date, a name, and a main group for each subclass. A
document without its letter still tells no kind, and a design without its class is not registered.

import.py KIND BASE FOLDER PROGRAM WORD..
"""
import csv, io, itertools, os, subprocess, sys, time
import market

KIND, BASE, FOLDER, *COMMAND = sys.argv[1:]
SECONDS, MEBIBYTES = 60, 256
KILLED_AT, ACCEPTED, REFUSED = 4_000, 8_221, 538
PATENTS = os.path.join(os.environ["ZHEPAI_REAL_DATA"], "patents")
# The letter of a document tells its kind; the second is the kind digit of its number.
LETTERS = {"A": ("patent_application", "1"), "B": ("invention", "1"), "U": ("utility_model", "2"), "S": ("design", "3")}
GRANTED = ("invention", "utility_model", "design")
# What a row of a kind must come to, where it is not accepted.
DUE = {"": "invalid /kind missing_field", "design": "invalid /locarno missing_field"}
COLUMNS = ["row_key", "title", "kind", "publication_number", "identifier", "filed_on", "granted_on", "ipc", "inventors", "completers", "summary", "field", "state_funded"]


def table(name):
    with open(os.path.join(PATENTS, name), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def application(publication, digit):
    """A number with the check digit of ZC 0006-2003."""
    serial = int("".join(c for c in publication if c.isdigit())[1:])
    body = f"{2010 + serial // 10_000_000}{digit}{serial % 10_000_000:07}"
    return body + "." + "0123456789X"[sum(int(c) * weight for c, weight in zip(body, itertools.cycle(range(2, 10)))) % 11]


def patents():
    """Every patent of both files: its number, title, subclasses, and day of publication where it is told."""
    titles, biblio = table("cn_patents_title_ipc.csv"), table("cn_patents_biblio.csv")
    assert (len(titles), len(biblio)) == (5_892, 2_867), f"{len(titles)} and {len(biblio)} patents: where are the others?"
    for patent in titles:
        yield patent["publication_numbers"], patent["title"], patent["ipc_subclasses"], ""
    for patent in biblio:
        yield patent["publication_number"], patent["title"], "A61K", patent["publication_date"]


def rows():
    """The rows of our file, each with what it must come to."""
    groups = {}
    for group in table("ipc_scheme_en.csv"):
        if "/" in group["symbol"]:
            groups.setdefault(group["code"][:4], group["symbol"])
    for number, title, subclasses, day in patents():
        kind, digit = LETTERS.get(number[-1], ("", "1"))
        symbols = "" if kind == "design" else "|".join(groups.get(subclass, f"{subclass} 10/00") for subclass in subclasses.split("|"))
        filed = f"{int(day[:4]) - 2}-06-01" if day else "2019-06-01"
        granted = day if kind in GRANTED else ""
        row = [number, title, kind, number, application(number, digit), filed, granted, symbols, "发明人甲", "完成人甲", "见公开文本", "11", "false"]
        yield row, DUE.get(kind, "accepted")


def serve(servers):
    """Starts the server and waits until it is ready."""
    with open(os.path.join(FOLDER, "log"), "ab") as log:
        servers.append(subprocess.Popen(COMMAND, cwd=FOLDER, stdout=log, stderr=log))
    market.wait_for(BASE, lambda: servers[-1].poll() is None)


def peak(server):
    """The most memory a server has had at once, MiB."""
    with open(f"/proc/{server.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def come_to(seller, place, rows):
    """What is told of an import as soon as so many rows are done, or it has ended."""
    while (told := seller.get(place))["state"] in ("waiting", "running") and told["rows_done"] < rows:
        time.sleep(0.1)
    return told


def became(row):
    """What a row came to: its state, or why it was refused, with the first fault."""
    if row["state"] != "refused":
        return row["state"]
    faults = [f"{fault['pointer']} {fault['code']}" for fault in row["problem"]["errors"]]
    return " ".join([row["problem"]["code"]] + faults[:1])


def told_of_rows(seller, place):
    """What is told of every row, in order."""
    told = []
    while page := seller.get(f"{place}/rows?after={len(told)}&limit=100"):
        told += page
    return told


def judged(servers):
    """Imports the patents; the line to tell, and what is wrong."""
    serve(servers)
    stranger = market.Client(BASE)
    seller = market.found(stranger, stranger.officer("reviewer"), 1, "university", "state")
    file, dues = io.StringIO(), []
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row, due in rows():
        writer.writerow(row)
        dues.append(due)

    began = time.monotonic()
    place = "/v1/imports/" + seller.send("/v1/imports?kind=assets&file_name=patents.csv", "text/csv", file.getvalue().encode())["id"]
    at_kill, most = come_to(seller, place, KILLED_AT), peak(servers[-1])
    servers[-1].kill()
    servers[-1].wait()
    serve(servers)
    told = come_to(seller, place, float("inf"))
    took, most = time.monotonic() - began, max(most, peak(servers[-1]))

    wrong = [] if KILLED_AT <= at_kill["rows_done"] < len(dues) else [f"it was not killed in the middle: {at_kill}"]
    counts = [told[name] for name in ("state", "accepted", "unchanged", "refused")]
    wrong += [] if counts == ["done", ACCEPTED, 0, REFUSED] else [f"{ACCEPTED} accepted and {REFUSED} refused are due: {told}"]
    came = [(row["number"], became(row)) for row in told_of_rows(seller, place)]
    others = [pair for pair in itertools.zip_longest(came, enumerate(dues, 1)) if pair[0] != pair[1]]
    wrong += [f"{len(others)} rows became another thing than was due: {others[:5]}"] if others else []
    wrong += [f"{SECONDS} s are due"] if took > SECONDS else []
    wrong += [f"{MEBIBYTES} MiB are due"] if most > MEBIBYTES else []
    said = f"{told['accepted']} real patents imported and {told['refused']} refused in {took:.1f} s, killed once at row {at_kill['rows_done']}"
    return f"{said}, {len(dues) / took:.0f} a second, {most:.0f} MiB at most", wrong


servers = []
try:
    line, wrong = judged(servers)
finally:
    for server in servers:
        server.kill()
        server.wait()
print(f"{KIND}: {line}" + "".join(f"\n  FAILED: {one}" for one in wrong))
sys.exit(bool(wrong))
