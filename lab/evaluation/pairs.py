"""The judged pairs of a collection as arrays: need by need, in the order of the file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from lab.evaluation.collection import Collection
from lab.evaluation.figures import Figures, against, ndcg
from matching.engine.text import normalise


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """`spans` int64[needs + 1]: need n has the pairs from spans[n] to spans[n + 1].

    `outputs` are rows of the collection's outputs, `counted` the numbers of the needs whose ranking is measured, and
    `titles` are the needs' titles, normalised.
    """

    needs: tuple[str, ...]
    titles: tuple[str, ...]
    counted: tuple[int, ...]
    spans: Figures
    outputs: Figures
    grades: Figures

    @classmethod
    def of(cls, collection: Collection) -> Self:
        place = {output: row for row, output in enumerate(collection.outputs)}
        needs = tuple(collection.judgements)
        counted = set(collection.counted())
        judged = [collection.judgements[need] for need in needs]
        return cls(
            needs,
            tuple(normalise(collection.needs[need].title).strip() for need in needs),
            tuple(number for number, need in enumerate(needs) if need in counted),
            np.concatenate([[0], np.cumsum([len(grades) for grades in judged])]),
            np.array([place[output] for grades in judged for output in grades]),
            np.array([grade for grades in judged for grade in grades.values()]),
        )

    def __len__(self) -> int:
        return len(self.grades)

    def of_need(self, number: int) -> slice:
        return slice(int(self.spans[number]), int(self.spans[number + 1]))

    @property
    def need(self) -> Figures:
        """The number of each pair's need."""
        return np.repeat(np.arange(len(self.needs)), np.diff(self.spans))

    def measured(self, scores: Figures, figure: Callable[[Figures], float] = ndcg) -> Figures:
        """A figure of each counted need, ranked by these scores of all pairs."""
        return np.array(
            [figure(against(scores[pairs], self.grades[pairs])) for pairs in map(self.of_need, self.counted)]
        )

    def summed(self, values: Figures) -> Figures:
        """Over the pairs of each need."""
        return np.bincount(self.need, weights=values, minlength=len(self.needs))

    def flat(self, by_need: Mapping[str, Mapping[str, float]]) -> Figures:
        return np.array([score for need in self.needs for score in by_need[need].values()])
