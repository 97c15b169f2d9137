"""Drawing a spot check (抽评): stratified, by chance, and the same again from its seed.

Pure functions, no Django. A lot is the sha256 of seed and code, so that anybody can
draw again by hand what was drawn here, with any program.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import groupby

# Named in what is stored: another way of drawing gets another name.
ALGORITHM = "sha256-1"
DEFAULT_SHARE = Decimal("0.15")  # 参考: a common share of spot checks


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One that may be drawn; stratum: its department's code; amount: 全年预算数, 元."""

    key: int
    code: str
    stratum: str
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One that was drawn; by_amount: for its money, otherwise by lot."""

    candidate: Candidate
    by_amount: bool


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """How many of a department there were, and how many were drawn."""

    code: str
    population: int
    places: int


@dataclass(frozen=True, kw_only=True)
class Sample:
    strata: list[Stratum]
    drawn: list[Drawn]


def draw(
    candidates: Iterable[Candidate], share: Decimal, seed: str, *, large_first: bool
) -> Sample:
    """Return a share (fraction of 1) of the candidates, at least one, by department.

    Places go to departments by their numbers (largest remainder; equal ones by lot). In
    each, lots decide; with large_first the half of its places, rounded up, goes to the
    largest amounts before. The order of the candidates changes nothing.
    """
    ordered = sorted(candidates, key=lambda each: (each.stratum, each.code))
    groups = {
        code: list(members)
        for code, members in groupby(ordered, key=lambda each: each.stratum)
    }
    sizes = {code: len(members) for code, members in groups.items()}
    places = _places(sizes, share, seed)
    return Sample(
        strata=[
            Stratum(code=code, population=size, places=places[code])
            for code, size in sizes.items()
        ],
        drawn=[
            each
            for code, members in groups.items()
            for each in _of_stratum(members, places[code], seed, large_first)
        ],
    )


def lot(seed: str, code: str) -> str:
    """Return the lot of a code under a seed: the lowest are drawn."""
    return hashlib.sha256(f"{seed}:{code}".encode()).hexdigest()


def _places(sizes: dict[str, int], share: Decimal, seed: str) -> dict[str, int]:
    population = sum(sizes.values())
    if not population:
        return {}
    wanted = int((share * population).to_integral_value(ROUND_CEILING))
    wanted = min(max(wanted, 1), population)
    # Whole numbers: a remainder of a fraction would depend on its precision.
    places = {code: wanted * size // population for code, size in sizes.items()}
    left = wanted - sum(places.values())
    by_remainder = sorted(
        sizes, key=lambda code: (-(wanted * sizes[code] % population), lot(seed, code))
    )
    for code in by_remainder[:left]:
        places[code] += 1
    return places


def _of_stratum(
    members: Sequence[Candidate], places: int, seed: str, large_first: bool
) -> list[Drawn]:
    by_lot = sorted(members, key=lambda each: lot(seed, each.code))
    largest: list[Candidate] = []
    if large_first:
        by_money = sorted(by_lot, key=lambda each: -each.amount)
        largest = by_money[: (places + 1) // 2]
    taken = {each.key for each in largest}
    others = [each for each in by_lot if each.key not in taken]
    return [
        *(Drawn(candidate=each, by_amount=True) for each in largest),
        *(
            Drawn(candidate=each, by_amount=False)
            for each in others[: places - len(largest)]
        ),
    ]
