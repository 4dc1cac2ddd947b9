"""The Unicode bidirectional algorithm (UAX #9), without explicit embeddings and overrides.

No wheel on both architectures gives levels (python-bidi gives the reordered string only, from
which shaping cannot start). Embeddings and overrides are stripped before: they are deprecated,
and a message could use them to show other words than it says. Isolates are honoured.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from unicodedata import bidirectional, normalize

PAIRS = "()[]{}⟦⟧⟨⟩⟪⟫〈〉《》「」『』【】〔〕〖〗﹙﹚（）［］｛｝｢｣"
CLOSING = dict(zip(PAIRS[::2], PAIRS[1::2], strict=True))
INITIATORS = frozenset({"LRI", "RLI", "FSI"})
NEUTRAL = frozenset({"B", "S", "WS", "ON", "PDI", *INITIATORS})
REMOVED = frozenset({"BN", "LRE", "RLE", "LRO", "RLO", "PDF"})
STRONG = {"L": 0, "R": 1, "AL": 1}


def classes(text: str) -> list[str]:
    """The bidi class of each character; one that Unicode does not assign counts as left to right."""
    return [bidirectional(char) or "L" for char in text]


def base_level(types: Sequence[str]) -> int | None:
    """0 or 1 by the first strong character outside isolates (P2, P3), or None without one."""
    depth = 0
    for kind in types:
        if kind in INITIATORS:
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif depth == 0 and kind in STRONG:
            return STRONG[kind]
    return None


def levels(text: str, base: int) -> list[int]:
    """The embedding level of each character of one paragraph; even runs left to right."""
    result = [base] * len(text)
    _resolve(text, classes(text), range(len(text)), base, result)
    return result


def visual_runs(run_levels: Sequence[int]) -> list[list[int]]:
    """One line's positions as runs of one level, from left to right (rule L2)."""
    order = list(range(len(run_levels)))
    for level in range(max(run_levels, default=0), 0, -1):
        order = [i for piece in _pieces(order, run_levels, level) for i in piece]
    runs: list[list[int]] = []
    for i in order:
        if runs and run_levels[i] == run_levels[runs[-1][-1]] and abs(i - runs[-1][-1]) == 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return [sorted(run) for run in runs]


def _pieces(order: Sequence[int], run_levels: Sequence[int], level: int) -> Iterator[list[int]]:
    for high, group in groupby(order, lambda i: run_levels[i] >= level):
        piece = list(group)
        yield piece[::-1] if high else piece


def _resolve(text: str, types: list[str], where: Sequence[int], level: int, result: list[int]) -> None:
    """Fill in the levels of one isolating run sequence, then of each isolate within it."""
    outer, isolates = _split_isolates(types, where)
    kept = [i for i in outer if types[i] not in REMOVED]
    local = [types[i] for i in kept]
    _weak(local, level)
    _brackets([text[i] for i in kept], [types[i] for i in kept], local, level)
    _neutral(local, level)
    for i, kind in zip(kept, local, strict=True):
        result[i] = _implicit(kind, level)
    for start, inside in isolates:
        direction = {"LRI": 0, "RLI": 1}.get(types[start], base_level([types[i] for i in inside]) or 0)
        _resolve(text, types, inside, level + 1 + ((level + 1 + direction) % 2), result)
    _inherit(outer, types, level, result)


def _split_isolates(
    types: Sequence[str], where: Sequence[int]
) -> tuple[list[int], list[tuple[int, list[int]]]]:
    """Positions outside isolates, and each isolate's initiator with what it holds."""
    outer: list[int] = []
    isolates: list[tuple[int, list[int]]] = []
    depth = 0
    for i in where:
        depth -= types[i] == "PDI" and depth > 0
        if depth == 0:
            outer.append(i)
            if types[i] in INITIATORS:
                isolates.append((i, []))
        else:
            isolates[-1][1].append(i)
        depth += types[i] in INITIATORS
    return outer, isolates


def _inherit(outer: Sequence[int], types: Sequence[str], level: int, result: list[int]) -> None:
    before = level
    for i in outer:
        if types[i] in REMOVED:
            result[i] = before
        before = result[i]


def _weak(kinds: list[str], level: int) -> None:
    """Rules W1 to W7, in place."""
    before = strong = "R" if level % 2 else "L"
    for i, kind in enumerate(kinds):
        if kind == "NSM":
            kind = "ON" if before in INITIATORS or before == "PDI" else before
        if kind in STRONG:
            strong = kind
        before = kind
        kinds[i] = "AN" if kind == "EN" and strong == "AL" else kind
    _separators(kinds)
    strong = "R" if level % 2 else "L"
    for i, kind in enumerate(kinds):
        if kind in STRONG:
            strong = kinds[i] = "L" if kind == "L" else "R"
        elif kind == "EN" and strong == "L":
            kinds[i] = "L"


def _separators(kinds: list[str]) -> None:
    """Rules W4 to W6: what stands between or beside digits joins them, or is neutral."""
    for i in range(1, len(kinds) - 1):
        sides = {kinds[i - 1], kinds[i + 1]}
        if sides == {"EN"} and kinds[i] in ("ES", "CS"):
            kinds[i] = "EN"
        elif sides == {"AN"} and kinds[i] == "CS":
            kinds[i] = "AN"
    start = 0
    for terminator, group in groupby(list(kinds), lambda kind: kind == "ET"):
        end = start + len(list(group))
        if terminator and "EN" in (*kinds[max(0, start - 1) : start], *kinds[end : end + 1]):
            kinds[start:end] = ["EN"] * (end - start)
        start = end
    for i, kind in enumerate(kinds):
        if kind in ("ES", "ET", "CS"):
            kinds[i] = "ON"


def _brackets(chars: Sequence[str], original: Sequence[str], kinds: list[str], level: int) -> None:
    """Rule N0: a pair of brackets takes the direction of what it holds or follows."""
    embedding = "R" if level % 2 else "L"
    for opening, closing in _bracket_pairs(chars, kinds):
        held = {_strong(kind) for kind in kinds[opening + 1 : closing]} - {None}
        direction = embedding if embedding in held else None
        if held and direction is None:
            before = [s for kind in kinds[:opening] if (s := _strong(kind))]
            direction = before[-1] if before else embedding
        if direction:
            for i in (opening, closing):
                kinds[i] = direction
                _marks_after(original, kinds, i, direction)


def _marks_after(original: Sequence[str], kinds: list[str], i: int, direction: str) -> None:
    i += 1
    while i < len(kinds) and original[i] == "NSM":
        kinds[i] = direction
        i += 1


def _bracket_pairs(chars: Sequence[str], kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Matching brackets (BD16), in the order of their opening."""
    stack: list[tuple[str, int]] = []
    pairs = []
    for i, char in enumerate(normalize("NFC", c) for c in chars):
        if kinds[i] != "ON":
            continue
        if char in CLOSING:
            if len(stack) == 63:
                break
            stack.append((CLOSING[char], i))
        elif any(char == closing for closing, _ in stack):
            while (top := stack.pop())[0] != char:
                pass
            pairs.append((top[1], i))
    return sorted(pairs)


def _strong(kind: str) -> str | None:
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind)


def _neutral(kinds: list[str], level: int) -> None:
    """Rules N1 and N2: neutrals between the same direction take it, others the paragraph's."""
    embedding = "R" if level % 2 else "L"
    start = 0
    for neutral, group in groupby(list(kinds), lambda kind: kind in NEUTRAL):
        end = start + len(list(group))
        if neutral:
            left = _strong(kinds[start - 1]) if start else embedding
            right = _strong(kinds[end]) if end < len(kinds) else embedding
            kinds[start:end] = [left if left and left == right else embedding] * (end - start)
        start = end


def _implicit(kind: str, level: int) -> int:
    """Rules I1 and I2."""
    if level % 2:
        return level + (kind in ("L", "EN", "AN"))
    return level + {"R": 1, "EN": 2, "AN": 2}.get(kind, 0)
