"""A card as a box of text for a terminal, in cells: two for a Chinese character."""

from collections.abc import Iterator

from lamha.device.hud.text import PDI, RLI, breaks, clean, clusters, is_rtl, rtl_text, trimmed
from lamha.skills.api import Card, CardKind

SIGNS: dict[CardKind, str] = {
    "answer": "",
    "question": "? ",
    "refusal": "– ",
    "error": "! ",
    "draft": "✎ ",
    "list": "≡ ",
}
NARROWEST = 12


def show(card: Card, width: int = 44, color: bool = False, footer: str = "") -> str:
    """The card in a frame `width` cells wide, no newline at its end; `footer` stands below as it is."""
    from rich.console import Console, Group
    from rich.panel import Panel
    from rich.text import Text

    width = max(width, NARROWEST)
    rtl = is_rtl(card.language)
    heading, styled = _styled(card, width - 4)
    panel = Panel(
        Group(*(Text(line, style, no_wrap=True, overflow="ignore") for line, style in styled)),
        title=Text(heading, "bold") if heading else None,
        title_align="right" if rtl else "left",
        border_style="dim",
    )
    console = Console(width=width, color_system="standard" if color else None, force_terminal=color)
    with console.capture() as captured:
        console.print(panel)
        if footer:
            console.print(Text(footer, "dim"), soft_wrap=True)
    return captured.get().rstrip("\n")


def _styled(card: Card, inner: int) -> tuple[str, list[tuple[str, str]]]:
    """The heading for the frame, and the lines within with a style each; a long heading is a line."""
    from rich.cells import cell_len

    rtl = is_rtl(card.language)
    heading = SIGNS[card.kind] + clean(card.title).replace("\n", " ")
    fits = cell_len(heading) <= inner - 2
    parts = (("" if fits else heading, "bold"), (clean(card.body), ""), (clean(card.hint), "dim"))
    blocks = [[(line, style) for line in _lines(text, inner, rtl)] for text, style in parts if text]
    spaced = [line for block in blocks for line in (("", ""), *block)][1:]
    return (_isolated(heading, rtl_text(heading, rtl)) if fits else ""), spaced


def _lines(text: str, width: int, rtl: bool) -> Iterator[str]:
    """Wrapped lines; against the right side where the whole text is read from there."""
    from rich.cells import cell_len

    right = rtl_text(text, rtl)
    for paragraph in text.split("\n"):
        for line in _wrap(paragraph, width):
            padding = " " * (width - cell_len(line)) if right else ""
            yield padding + _isolated(line, rtl_text(paragraph, rtl))


def _isolated(text: str, rtl: bool) -> str:
    """Text that a terminal which reorders cannot move across the frame."""
    return f"{RLI}{text}{PDI}" if rtl and text else text


def _wrap(text: str, width: int) -> Iterator[str]:
    if not text:
        yield ""
    ends, letters = breaks(text), [*clusters(text), len(text)]
    start = 0
    while start < len(text):
        fitting = _longest(text, start, ends, width) or _longest(text, start, letters, width)
        end = fitting or next(i for i in letters if i > start)
        yield text[start : trimmed(text, start, end)]
        start = end


def _longest(text: str, start: int, ends: list[int], width: int) -> int:
    """The last end that leaves a line of no more cells than `width`; 0 for none."""
    from rich.cells import cell_len

    best = 0
    for end in (end for end in ends if end > start):
        if cell_len(text[start : trimmed(text, start, end)]) > width:
            break
        best = end
    return best
