"""Where sentences end: at 。！？ and ……, not within brackets or a short quotation that the sentence goes on after."""

import re
from collections import Counter
from collections.abc import Iterator

# Up to this length, in characters, a quotation is part of the sentence around it even when it holds sentences.
_SHORT_QUOTATION = 40

# Characters within which a mark is looked for before the whole paragraph is searched.
_NEAR = 200

_QUOTES = "“‘「『"
_CLOSING = {
    "“": "”",
    "‘": "’",
    "「": "」",
    "『": "』",
    "（": "）",
    "(": ")",
    "《": "》",
    "【": "】",
    "〔": "〕",
    "[": "]",
}
_CLOSERS = re.escape('”’」』）)》】〕]"')
_STOP = re.compile(
    # A full stop of Latin text ends a sentence where a capital follows; 1.5, 1. and www.gov.cn have none.
    rf"(?:[。！？]|[!?](?![A-Za-z0-9&=/])|…{{2,}}|(?<=[a-z0-9)”\"][a-z0-9)”\"])\.(?=[{_CLOSERS}]* +[“\"]?[A-Z]))"
    rf"[。！？!?…]*(?P<closers>[{_CLOSERS}]*)"
)


def sentence_ends(text: str, start: int, end: int) -> Iterator[int]:
    """Find where the sentences of a paragraph end.

    Args:
        text: the text.
        start: offset at which the paragraph starts.
        end: offset at which it ends.

    Yields:
        The offset after each final punctuation mark and the closing quotation marks and brackets that belong to it.

    >>> list(sentence_ends("如何“先行先试？”的问题。已有答案！", 0, 18))
    [13, 18]
    """
    pairs = matching_pairs(text, start, end)
    openers = {closer: opener for opener, closer in pairs.items()}
    coming = sorted(pairs.items(), reverse=True)
    # Closing offset of each pair around the place reached, innermost last, and whether it or one around it must not be split.
    around: list[tuple[int, bool]] = []
    for match in _STOP.finditer(text, start, end):
        after = match.end()
        while coming and coming[-1][0] < match.start():
            opener, closer = coming.pop()
            while around and around[-1][0] < opener:
                around.pop()
            whole = text[opener] not in _QUOTES or closer - opener <= _SHORT_QUOTATION
            around.append((closer, whole or (bool(around) and around[-1][1])))
        while around and around[-1][0] < after:
            around.pop()
        if around and around[-1][1]:
            continue
        following = skip_space(text, after, end)
        rest = text[following : min(following + 1, end)]
        if rest and rest in "，、；：,;":
            continue
        if rest and rest in "的地得等之和与及或" and (match["closers"] or match[0][0] == "…"):
            continue
        if rest and text[after - 1] in "）)":
            # A sentence in brackets stands alone only where the one before it has ended.
            opener = openers.get(after - 1, start)
            if opener != start and text[opener - 1] not in "。！？!?”":
                continue
        yield after


def matching_pairs(text: str, start: int, end: int) -> dict[int, int]:
    """Match the brackets and quotation marks of a stretch of text.

    Args:
        text: the text.
        start: offset at which the stretch starts.
        end: offset at which it ends.

    Returns:
        Offset of the opening mark → offset of the closing mark. Marks without a partner are left out.
    """
    pairs: dict[int, int] = {}
    opened: list[int] = []
    awaited: Counter[str] = Counter()
    for k in range(start, end):
        character = text[k]
        if character in _CLOSING:
            opened.append(k)
            awaited[_CLOSING[character]] += 1
        elif awaited.get(character):
            while _CLOSING[text[opened[-1]]] != character:
                awaited[_CLOSING[text[opened.pop()]]] -= 1
            awaited[character] -= 1
            pairs[opened.pop()] = k
    return pairs


def first_mark(text: str, start: int, end: int, marks: str) -> int:
    """Return the offset of the first of some punctuation marks outside brackets and quotations, or ``end``."""
    near = min(start + _NEAR, end)
    for limit in (near, end):
        pairs = matching_pairs(text, start, limit)
        k = start
        while k < limit and text[k] not in marks:
            k = pairs.get(k, k) + 1
        if k < limit:
            return k
    return end


def skip_space(text: str, start: int, end: int) -> int:
    """Return the offset of the first character from ``start`` on that is no white space, or ``end``."""
    while start < end and text[start].isspace():
        start += 1
    return start
