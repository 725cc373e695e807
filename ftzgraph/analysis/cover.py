"""The smallest choice of sets that covers all they cover together (minimum set cover).

Source: R. M. Karp, "Reducibility among combinatorial problems" (1972), for the problem; the reductions are the usual
ones of essential and dominated rows and columns. Knows nothing of factors.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import networkx as nx

SEARCH_STEPS = 100_000
"""After so many search steps the best cover found so far is taken, and said not to be proved smallest."""


@dataclass(frozen=True)
class Cover:
    """The chosen names in the order they came in; ``exact`` when no smaller choice exists for sure."""

    chosen: tuple[str, ...]
    exact: bool


def smallest_cover(sets: Mapping[str, Collection[str]], steps: int = SEARCH_STEPS) -> Cover:
    """Choose as few sets as possible that together hold every element of all of them.

    Dominated sets and elements are dropped, and what remains is searched by branch and bound, each connected part on
    its own. Among sets that would do as well the one with most elements is preferred, then the first; the result
    depends on nothing but the argument.

    Args:
        sets: elements by name.
        steps: how many search steps may be spent on each connected part before the best choice so far is taken, which
            is never worse than the greedy one.

    >>> smallest_cover({"a": "12", "b": "23", "c": "34", "d": "1"})
    Cover(chosen=('a', 'c'), exact=True)
    """
    elements: dict[str, set[str]] = {}
    for name, members in sets.items():
        for element in members:
            elements.setdefault(element, set()).add(name)
    order = {name: rank for rank, name in enumerate(sorted(sets, key=lambda name: -len(set(sets[name]))))}
    # From here on an element is the set of numbers of the sets that hold it, and a cover hits each of these.
    wanted = [frozenset(order[name] for name in names) for names in elements.values()]
    chosen: set[int] = set()
    exact = True
    for whole in _parts(wanted):
        for part in _parts(_reduce(whole)):
            cover, proved = _search(part, steps)
            chosen |= cover
            exact = exact and proved
    return Cover(tuple(name for name in sets if order[name] in chosen), exact)


Element = frozenset[int]


def _reduce(wanted: list[Element]) -> list[Element]:
    """Drop elements and sets that another one stands for, until nothing changes."""
    elements = sorted(set(wanted), key=_by_size)
    while True:
        kept = [each for index, each in enumerate(elements) if not any(other < each for other in elements[:index])]
        holds: dict[int, set[int]] = {}
        for index, element in enumerate(kept):
            for number in element:
                holds.setdefault(number, set()).add(index)
        useless = {
            number
            for number, held in holds.items()
            if any(held < other or (held == other and rival < number) for rival, other in holds.items())
        }
        reduced = sorted({element - useless for element in kept}, key=_by_size)
        if reduced == elements:
            return elements
        elements = reduced


def _parts(elements: list[Element]) -> list[list[Element]]:
    """Part the elements so that no set holds elements of two parts."""
    together: nx.Graph[int] = nx.Graph()
    for element in elements:
        nx.add_path(together, sorted(element))
    part_of = {number: index for index, part in enumerate(nx.connected_components(together)) for number in part}
    parts: dict[int, list[Element]] = {}
    for element in sorted(elements, key=_by_size):
        parts.setdefault(part_of[min(element)], []).append(element)
    return list(parts.values())


def _search(elements: list[Element], steps: int) -> tuple[set[int], bool]:
    """Branch on the element that fewest sets hold; bound by elements of which no two are in one set."""
    best = _greedy(elements)
    spent = 0

    def branch(chosen: tuple[int, ...], open_elements: list[Element]) -> None:
        nonlocal best, spent
        spent += 1
        if not open_elements:
            best = set(chosen)
        elif spent <= steps and len(chosen) + _apart(open_elements) < len(best):
            for number in sorted(open_elements[0], key=lambda each: (-_held(each, open_elements), each)):
                branch((*chosen, number), [element for element in open_elements if number not in element])

    branch((), elements)
    return best, spent <= steps


def _greedy(elements: list[Element]) -> set[int]:
    chosen: set[int] = set()
    while elements:
        numbers = sorted(frozenset().union(*elements))
        number = max(numbers, key=lambda each: _held(each, elements))
        chosen.add(number)
        elements = [element for element in elements if number not in element]
    return chosen


def _apart(elements: list[Element]) -> int:
    """How many elements, taken greedily, need a set each because no set holds two of them."""
    used: set[int] = set()
    count = 0
    for element in elements:
        if not used & element:
            used |= element
            count += 1
    return count


def _held(number: int, elements: list[Element]) -> int:
    return sum(number in element for element in elements)


def _by_size(element: Element) -> tuple[int, list[int]]:
    return len(element), sorted(element)
