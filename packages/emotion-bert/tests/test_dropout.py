"""The faster dropout is a dropout like torch's."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from emotion_bert.trainer.dropout import SixteenBitDropout, draw_dropout_faster


def ones() -> Tensor:
    """More values than one, and no multiple of four of them."""
    return torch.ones(33, 101, 31)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_share_that_is_dropped_is_p_and_the_mean_stays(p: float) -> None:
    """Within four standard errors, for values that are all 1."""
    torch.manual_seed(0)
    dropped = SixteenBitDropout(p)(ones())
    margin = 4 * (p * (1 - p) / dropped.numel()) ** 0.5
    assert (dropped == 0).float().mean().item() == pytest.approx(p, abs=margin)
    assert dropped.mean().item() == pytest.approx(1, abs=margin / (1 - p))


def test_neighbours_are_dropped_independently() -> None:
    """The four values that share a number know nothing of each other: pairs are dropped as often as p squared."""
    torch.manual_seed(0)
    gone = (SixteenBitDropout(0.5)(torch.ones(40_000)) == 0).view(-1, 4).float()
    pairs = gone.T @ gone / len(gone)
    off_diagonal = pairs[~torch.eye(4, dtype=torch.bool)]
    assert off_diagonal == pytest.approx(0.25, abs=0.02)


def test_the_gradient_passes_where_the_value_passed() -> None:
    """What was dropped gets no gradient, what was kept gets the factor it was multiplied by."""
    torch.manual_seed(0)
    values = ones().requires_grad_()
    dropped = SixteenBitDropout(0.3)(values)
    dropped.sum().backward()
    assert torch.equal(values.grad, dropped.detach())


def test_the_seed_decides_the_mask() -> None:
    """The same seed draws the same mask, as a training that goes on needs it; the next draw is another."""
    dropout = SixteenBitDropout(0.1)
    torch.manual_seed(3)
    first, second = dropout(ones()), dropout(ones())
    torch.manual_seed(3)
    assert torch.equal(dropout(ones()), first)
    assert not torch.equal(first, second)


@pytest.mark.parametrize(("p", "expected"), [(0.0, 1.0), (1e-7, 1.0), (1.0, 0.0)])
def test_a_share_without_a_mask_of_its_own_is_torchs(p: float, expected: float) -> None:
    """Nothing or all is dropped without an overflow or a division by zero."""
    assert SixteenBitDropout(p)(torch.ones(1000)).mean().item() == pytest.approx(expected)


def test_prediction_drops_nothing() -> None:
    """A model that does not train gives back its input."""
    assert torch.equal(SixteenBitDropout(0.5).eval()(ones()), ones())


def test_every_dropout_of_a_model_is_replaced_with_its_share() -> None:
    """At any depth, and no parameter changes its name."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Dropout(0.2), nn.Linear(2, 2)), nn.Dropout(0.4))
    names = list(model.state_dict())
    draw_dropout_faster(model)
    found = [module.p for module in model.modules() if isinstance(module, SixteenBitDropout)]
    assert found == [0.2, 0.4]
    assert not any(type(module) is nn.Dropout for module in model.modules())
    assert list(model.state_dict()) == names
