import torch

from training.names.network import Thinning


def test_thinning_keeps_the_mean_and_drops_its_share() -> None:
    torch.manual_seed(1)
    thinned = Thinning(0.25).train()(torch.ones(2000, 16))
    assert abs(float((thinned == 0).float().mean()) - 0.25) < 0.01
    assert abs(float(thinned.mean()) - 1.0) < 0.02


def test_two_steps_drop_different_places() -> None:
    torch.manual_seed(1)
    thinning = Thinning(0.5).train()
    rows = torch.ones(100, 16)
    assert not torch.equal(thinning(rows), thinning(rows))


def test_nothing_is_dropped_in_use() -> None:
    rows = torch.ones(10, 4)
    assert torch.equal(Thinning(0.5).train(False)(rows), rows)
