"""What several test files ask for by name."""

import os
import sys
import warnings

import pytest


@pytest.fixture
def jax64():
    """JAX in float64, which is off unless asked for, and off again afterwards."""
    jax = pytest.importorskip("jax", reason="JAX differentiates our formulas a second time: pip install jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax
    jax.config.update("jax_enable_x64", before)


@pytest.fixture
def no_warnings():
    """Overflow, division by zero and any other warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def second_python():
    """This Python once more: a user other than its owner may have been given the first one already running."""
    if not os.access(sys.executable, os.X_OK):
        pytest.skip("this user may not start another Python")
    return sys.executable


@pytest.fixture(autouse=True)
def same_limits():
    """A limit that a test sets on its own process would hold for all that come after it."""
    resource = pytest.importorskip("resource") if sys.platform != "win32" else None
    before = resource and resource.getrlimit(resource.RLIMIT_AS)
    yield
    assert not resource or resource.getrlimit(resource.RLIMIT_AS) == before, "it has limited this process's memory"
