"""Which pairs a run scores: a need with the outputs near it, an output with the needs near it. Nothing is written here.

A need that hides something is compared twice, on all of its text and on what everybody may read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matching.documents import embeddings
from matching.documents.builder import matchable_needs
from matching.documents.library import Library
from matching.engine.crossing import pair_crosses, with_place
from matching.engine.documents import basis_of
from matching.engine.index import Found, Near, overlap
from matching.engine.prepared import Prepared
from matching.engine.scoring import Scored, might_match, retrieve, score_pair
from matching.engine.vectors import Query, Statistics
from matching.engine.weights import Weights
from matching.models import Match, Stage
from matching.runs.progress import Progress

KEPT = 20  # candidates kept per need: what a person will look at
REVERSE_CANDIDATES = 200  # open needs looked at for one output


@dataclass(frozen=True, slots=True)
class Pair:
    """One need and one output as scored: on all of the need, and on what everybody may read of it.

    Where the need hides nothing both are the same result and `basis` is empty; else `basis` says which public text
    was scored (matching.engine.documents.basis_of).
    """

    full: Scored
    public: Scored | None  # None: not found by the public text
    is_candidate: bool = True  # found by the full text
    basis: str = ""
    # Holds the place kept for another field (matching.engine.crossing); found from the output's side, it could.
    is_crossing: bool = False
    is_publicly_crossing: bool = False  # the same in the public list, where there is one of its own


@dataclass(frozen=True, slots=True)
class ScoredNeed:
    """One need, the fingerprint of the text it was scored on, and what was found by code of the output.

    `outputs` has the fingerprint of each output's text as it was scored.
    """

    key: str
    fingerprint: str
    is_guarded: bool  # it hides something
    pairs: Mapping[str, Pair]
    outputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ScoredSolution:
    """One output, the fingerprint of the text it was scored on, and what was found by code of the need.

    `needs` has the fingerprint of every need it was compared with, a pair or not.
    """

    key: str
    fingerprint: str
    pairs: Mapping[str, Pair]
    needs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pairing:
    """Scores by one library and one set of weights, and counts what it did in `progress`."""

    library: Library
    weights: Weights
    progress: Progress

    @property
    def _statistics(self) -> Statistics:
        return self.library.solutions.statistics

    # --- a need against all outputs --------------------------------------------------------------------------------

    def score_needs(self, keys: Sequence[str]) -> list[ScoredNeed]:
        """Each need against the outputs nearest to it; needs the library does not know are left out."""
        needs = self.library.prepared(keys)
        publicly = self.library.prepared_publicly(keys)
        with self.progress.stage(Stage.RETRIEVING):
            near, near_publicly = self._retrieved(needs), self._retrieved(publicly)
            wanted = {key for side in (near, near_publicly) for list_ in side.values() for key in list_.keys}
            wider = embeddings.nearest(needs) if embeddings.is_on() else {}
            solutions = self.library.prepared(wanted.union(*wider.values()))
            for lists, asked in ((near, needs), (near_publicly, publicly)):
                embeddings.widen(lists, asked, wider, solutions, statistics=self._statistics, weights=self.weights)
        with self.progress.stage(Stage.SCORING):
            scored = []
            for key, need in needs.items():
                pairs = self._pairs_of_need(need, near[key], publicly.get(key), near_publicly.get(key), solutions)
                self.progress.counts["pairs"] += len(near[key])
                outputs = {code: solutions[code].fingerprint for code in pairs}
                scored.append(ScoredNeed(key, need.fingerprint, key in publicly, pairs, outputs))
        return scored

    def _retrieved(self, needs: Mapping[str, Prepared]) -> dict[str, Near]:
        return {key: retrieve(need, self.library.solutions, weights=self.weights) for key, need in needs.items()}

    def _pairs_of_need(
        self,
        need: Prepared,
        near: Near,
        public: Prepared | None,
        near_publicly: Near | None,
        solutions: Mapping[str, Prepared],
    ) -> dict[str, Pair]:
        statistics = self._statistics
        ranked, holder = with_place(need, near, solutions, statistics, KEPT, weights=self.weights)
        best = dict(ranked)
        if public is None or near_publicly is None:
            return {
                solution: Pair(full=result, public=result, is_crossing=solution == holder)
                for solution, result in best.items()
            }
        ranked, public_holder = with_place(public, near_publicly, solutions, statistics, KEPT, weights=self.weights)
        best_publicly = dict(ranked)
        return {
            solution: Pair(
                full=best.get(solution) or score_pair(need, solutions[solution], statistics, self.weights),
                public=best_publicly.get(solution),
                is_candidate=solution in best,
                basis=basis_of(public.document),
                is_crossing=solution == holder,
                is_publicly_crossing=solution == public_holder,
            )
            for solution in best | best_publicly
        }

    # --- an output against the open needs --------------------------------------------------------------------------

    def score_solution(self, key: str) -> ScoredSolution | None:
        """An output against the needs nearest to it and those that list it; None where the library does not know it."""
        solution = self.library.prepared([key]).get(key)
        if solution is None:
            return None
        with self.progress.stage(Stage.RETRIEVING):
            query = solution.as_solution(self._statistics, self.weights)
            near, guarded, guarded_publicly = (
                index.nearest(query, REVERSE_CANDIDATES)
                for index in (self.library.needs, self.library.guarded, self.library.guarded_publicly)
            )
            # Needs that list it, too: nearer or not than others, whether they still should is asked of each.
            listing = Match.objects.listed().filter(solution__code=key, need__in=matchable_needs())
            listed = dict(listing.order_by("pk").values_list("need__code", "is_current"))
            needs = self.library.prepared({*near.keys, *guarded.keys, *guarded_publicly.keys, *listed})
            public_needs = self.library.prepared_publicly({*guarded_publicly.keys, *listed})
            further = [code for code in listed if code in needs and code not in public_needs and code not in near.keys]
            open_needs = [*near, *(self._overlap(needs[code], query, code) for code in further)]
        with self.progress.stage(Stage.SCORING):
            may_be_candidates = {*guarded.keys, *(code for code, is_candidate in listed.items() if is_candidate)}
            listed_guarded = [code for code in listed if code in public_needs]
            guarded_codes = dict.fromkeys([*guarded.keys, *guarded_publicly.keys, *listed_guarded])
            pairs = self._pairs_of_solution(solution, needs, open_needs)
            for code in guarded_codes:
                if code in needs:
                    may_be_candidate = code in may_be_candidates
                    pair = self._guarded_pair(needs[code], public_needs.get(code), solution, may_be_candidate)
                    if pair is not None:
                        pairs[code] = pair
        self.progress.counts["pairs"] += len(needs)
        return ScoredSolution(
            key, solution.fingerprint, pairs, {code: need.fingerprint for code, need in needs.items()}
        )

    def _overlap(self, need: Prepared, query: Query, key: str) -> Found:
        return replace(overlap(need.as_need(self._statistics, self.weights), query), key=key)

    def _pairs_of_solution(
        self, solution: Prepared, needs: Mapping[str, Prepared], open_needs: Sequence[Found]
    ) -> dict[str, Pair]:
        """With needs that hide nothing."""
        pairs = {}
        for found in open_needs:
            need = needs.get(found.key)
            if need is None or not might_match(need, found, solution, self.weights):
                continue
            result = score_pair(need, solution, self._statistics, self.weights)
            if result.grade != "none":
                is_crossing = pair_crosses(need, solution, self._statistics, self.weights)
                pairs[found.key] = Pair(full=result, public=result, is_crossing=is_crossing)
        return pairs

    def _guarded_pair(
        self, need: Prepared, public: Prepared | None, solution: Prepared, may_be_candidate: bool
    ) -> Pair | None:
        """A pair of a need that hides something; None when it is no match by either text.

        Neither answer looks at the other: a need is the poser's to have found by what it hides, and the supplier is
        told what the public text alone gives.
        """
        full = score_pair(need, solution, self._statistics, self.weights)
        on_public = None if public is None else score_pair(public, solution, self._statistics, self.weights)
        if on_public is not None and on_public.grade == "none":
            on_public = None
        is_candidate = may_be_candidate and full.grade != "none"
        if not is_candidate and on_public is None:
            return None
        return Pair(
            full=full,
            public=on_public,
            is_candidate=is_candidate,
            basis="" if public is None else basis_of(public.document),
            is_crossing=is_candidate and pair_crosses(need, solution, self._statistics, self.weights),
            is_publicly_crossing=public is not None
            and on_public is not None
            and pair_crosses(public, solution, self._statistics, self.weights),
        )
