"""Invented social credit codes that are formally right (GB 32100-2015; the organisation's part by GB 11714)."""

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Without the letters that look like digits.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def uscc(number, first="91330100"):
    """The code of a number below a million; codes of one number are the same."""
    body = "MY%06d" % number
    rest = 11 - sum(ALPHANUMERIC.index(c) * w for c, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    text = first + body + "0123456789X0"[rest if rest != 11 else 0]
    rest = sum(ALPHABET.index(c) * 3**i % 31 for i, c in enumerate(text)) % 31
    return text + ALPHABET[(31 - rest) % 31]
