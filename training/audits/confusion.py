"""Error rates by group against known labels: counts, disparities to a reference, parity verdicts.

The tables and names are those of Aequitas (Saleiro et al. 2018, arXiv 1811.05577).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

DISPARITIES = ("fnr", "fpr", "for", "fdr", "ppr", "pprev")


@dataclass(frozen=True)
class GroupCounts:
    """Labels and predictions of one group; a rate with nothing to divide by is None."""

    group: str
    tp: int
    fp: int
    tn: int
    fn: int
    predicted_everywhere: int
    """Positive predictions in all groups together."""

    @property
    def size(self) -> int:
        return self.tp + self.fp + self.tn + self.fn

    def rates(self) -> dict[str, float | None]:
        """Keys are the column names of Aequitas."""
        positive, negative = self.tp + self.fn, self.tn + self.fp
        said_yes, said_no = self.tp + self.fp, self.tn + self.fn
        return {
            "tpr": _share(self.tp, positive),
            "fnr": _share(self.fn, positive),
            "tnr": _share(self.tn, negative),
            "fpr": _share(self.fp, negative),
            "for": _share(self.fn, said_no),
            "npv": _share(self.tn, said_no),
            "fdr": _share(self.fp, said_yes),
            "precision": _share(self.tp, said_yes),
            "ppr": _share(said_yes, self.predicted_everywhere),
            "pprev": _share(said_yes, self.size),
            "prev": _share(positive, self.size),
        }

    def counts(self) -> dict[str, int]:
        return {
            "group_size": self.size,
            "pp": self.tp + self.fp,
            "pn": self.tn + self.fn,
            "group_label_pos": self.tp + self.fn,
            "group_label_neg": self.tn + self.fp,
            "tp": self.tp,
            "fp": self.fp,
            "tn": self.tn,
            "fn": self.fn,
        }


def count_groups(
    labels: Sequence[bool], predictions: Sequence[bool], *, groups: Sequence[str]
) -> list[GroupCounts]:
    """One row a group, by name."""
    rows = Counter(zip(groups, map(bool, labels), map(bool, predictions), strict=True))
    everywhere = sum(map(bool, predictions))
    return [
        GroupCounts(
            group,
            tp=rows[group, True, True],
            fp=rows[group, False, True],
            tn=rows[group, False, False],
            fn=rows[group, True, False],
            predicted_everywhere=everywhere,
        )
        for group in sorted(set(groups))
    ]


def disparities(group: GroupCounts, reference: GroupCounts) -> dict[str, float | None]:
    """The group's rate divided by the reference's; infinite where only the latter is zero."""
    mine, theirs = group.rates(), reference.rates()
    return {name: _ratio(mine[name], theirs[name]) for name in DISPARITIES}


def parities(disparity: dict[str, float | None], *, threshold: float) -> dict[str, bool | None]:
    """Fair is a disparity between `threshold` and its inverse, both included.

    A verdict that needs several is False as soon as one is, and None while one is not defined.
    """
    fair = {name: _within(disparity[name], threshold) for name in DISPARITIES}
    statistical, impact = fair["ppr"], fair["pprev"]
    one, two = _both(fair["fdr"], fair["fpr"]), _both(fair["for"], fair["fnr"])
    return {
        "FNR Parity": fair["fnr"],
        "FPR Parity": fair["fpr"],
        "FOR Parity": fair["for"],
        "FDR Parity": fair["fdr"],
        "Statistical Parity": statistical,
        "Impact Parity": impact,
        "TypeI Parity": one,
        "TypeII Parity": two,
        "Unsupervised Fairness": _both(statistical, impact),
        "Supervised Fairness": _both(one, two),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _ratio(mine: float | None, theirs: float | None) -> float | None:
    if mine is None or theirs is None or mine == theirs == 0.0:
        return None
    return mine / theirs if theirs else math.inf


def _within(disparity: float | None, threshold: float) -> bool | None:
    return None if disparity is None else threshold <= disparity <= 1 / threshold


def _both(one: bool | None, two: bool | None) -> bool | None:
    if one is False or two is False:
        return False
    return None if one is None or two is None else True
