# SPDX-License-Identifier: MIT
"""Trust: none without a network that has not seen rows, less the more is known by heart, less behind the forest."""

from math import comb

import numpy as np
import pytest

from culpa.blaming.labels.trusting import share_by_heart, trust_in, weighed


def test_by_heart_is_what_the_network_gives_more_where_it_has_seen_the_rows() -> None:
    asked, given = np.repeat([True, False], [20, 80]), np.arange(100) < 15
    unseen = np.where(np.arange(100) < 9, (np.arange(100) < 3).astype(float), np.nan)
    assert share_by_heart(asked, given, unseen) == pytest.approx(16 / 21 - 3 / 10)  # (15 + 1)/(20 + 1), 3/(9 + 1)
    assert share_by_heart(asked, np.zeros(100, bool), unseen) == 0.0
    assert share_by_heart(asked, given, np.full(100, np.nan)) == 1.0
    assert share_by_heart(asked, given, None) == 1.0
    assert share_by_heart(np.zeros(100, bool), given, unseen) == 1.0


def test_rows_of_weight_zero_have_not_been_seen_and_change_nothing() -> None:
    asked, given = np.repeat([True, False], [20, 80]), np.arange(100) < 15
    unseen, weights = np.where(np.arange(100) < 9, 0.0, np.nan), np.repeat([2.0, 0.0], [100, 60])
    more = [np.concatenate([one, np.resize(other, 60)]) for one, other in ((asked, True), (given, False))]
    found = share_by_heart(*more, np.concatenate([unseen, np.full(60, np.nan)]), weights)
    assert found == share_by_heart(asked, given, unseen) == 16 / 21
    assert share_by_heart(asked, given, unseen, np.zeros(100)) == 1.0


@pytest.mark.parametrize(("network_alone", "forest_alone"), [(0, 6), (2, 9), (4, 5), (5, 5), (9, 2), (0, 0)])
@pytest.mark.parametrize("by_heart", [0.0, 0.25, 1.0])
def test_trust_falls_with_what_is_known_by_heart_and_with_a_sign_test_against_the_network(
    network_alone: int, forest_alone: int, by_heart: float
) -> None:
    unseen = np.repeat([1.0, 0.0, 1.0, 0.0, np.nan], [network_alone, forest_alone, 7, 3, 5])
    right = np.repeat([False, True, True, False, True], [network_alone, forest_alone, 7, 3, 5])
    n = network_alone + forest_alone
    tail = sum(comb(n, k) for k in range(network_alone + 1)) / 2**n
    luck = min(1.0, 2 * tail) if network_alone < forest_alone else 1.0
    assert trust_in(by_heart, right, unseen) == pytest.approx((1 - by_heart) ** 4 * luck)
    assert trust_in(by_heart, right, None) == 0.0


def test_the_network_counts_from_once_to_nine_times() -> None:
    network, forest = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    np.testing.assert_allclose(weighed(network, forest, 0.0), [[0.5, 0.5]])
    np.testing.assert_allclose(weighed(network, forest, 0.5), [[5 / 6, 1 / 6]])
    np.testing.assert_allclose(weighed(network, forest, 1.0), [[0.9, 0.1]])
