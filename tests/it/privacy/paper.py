# Reads what stands on a paper of the house (PDF, from the standard input), without blanks: a line may end anywhere.
import re
import sys
import zlib

ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
TOKEN = re.compile(rb"\(|<([0-9A-F]*)>|([A-Za-z]+)|[^(<A-Za-z]+|<", re.S)
PART = re.compile(rb"\\([0-7]{1,3}|.)|([()])|[^\\()]+", re.S)


def spelled(stream, at):
    """The string that begins after a parenthesis, and where it ends; those within it come in pairs."""
    depth, string = 1, b""
    while depth:
        part = PART.match(stream, at)
        at, (escaped, parenthesis) = part.end(), part.groups()
        depth += {b"(": 1, b")": -1}.get(parenthesis, 0)
        if escaped:
            string += bytes([int(escaped, 8)]) if escaped.isdigit() else ESCAPED.get(escaped, escaped)
        elif depth:
            string += part.group()
    return string, at


def shown(stream):
    """The strings that are drawn, in order."""
    at, strings = 0, []
    while at < len(stream):
        token = TOKEN.match(stream, at)
        at, (digits, word) = token.end(), token.groups()
        if token.group() == b"(":
            string, at = spelled(stream, at)
            strings.append(string)
        elif digits:
            strings.append(bytes.fromhex(digits.decode()))
        elif word:
            if word in (b"TJ", b"Tj"):
                yield from strings
            strings = []


file = sys.stdin.buffer.read()
streams = [zlib.decompress(packed) for packed in re.findall(rb"/FlateDecode[^\n]*\nstream\n(.*?)\nendstream", file, re.S)]
letters = {}
for stream in streams:
    if b"begincmap" in stream:
        for glyph, said in re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", stream):
            letters[bytes.fromhex(glyph.decode())] = bytes.fromhex(said.decode()).decode("utf-16-be")
drawn = [string for stream in streams if stream.startswith(b"q ") for string in shown(stream)]
text = "".join(letters[string[at : at + 2]] for string in drawn for at in range(0, len(string), 2))
sys.stdout.buffer.write(re.sub(r"\s+", "", text).encode())
