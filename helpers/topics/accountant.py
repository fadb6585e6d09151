"""How much privacy was spent, asked of Google's accountant (dp-accounting), which is optional."""

import importlib.util
import logging

# What dp-accounting answered, so that the page can be read without it; a test and the notebook compare where it is installed.
RECORDED = {"batch": 250, "n": 10_000, "steps": 400, "delta": 1e-5,
            "epsilon": {1: 3.586, 2: 1.153, 4: 0.499},  # by σ
            "by": "dp-accounting 0.6.0", "on": "2026-11-24"}
RECORDED_SMALL = {1: 16.03, 4: 2.26}  # ε by σ for batches of 50 out of 500, 400 steps, the same δ


def spent(noise, batch, n, steps, delta):
    """ε of (ε, δ)-differential privacy for steps of `private_gradient` on random batches, from Google's accountant.

    None where dp-accounting is not installed.
    """
    if importlib.util.find_spec("dp_accounting") is None:
        return None
    import dp_accounting
    from dp_accounting.rdp import RdpAccountant

    logging.getLogger("absl").setLevel(logging.ERROR)  # it reports each order that it leaves out
    step = dp_accounting.PoissonSampledDpEvent(batch / n, dp_accounting.GaussianDpEvent(noise))
    return float(RdpAccountant().compose(step, steps).get_epsilon(delta))
