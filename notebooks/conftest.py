"""How pytest treats the notebooks: without MNIST, those that use it are run on the small digits and not compared."""

from helpers.data import mnist

NEEDS_MNIST = ("06_", "07_", "09_", "11_", "12_", "13_")


def has_mnist():
    """Whether any of the places holds MNIST; downloading is not this file's business."""
    for place in mnist.places():
        try:
            mnist.read_folder(place)
            return True
        except (OSError, ValueError):
            continue
    return False


def pytest_configure(config):
    config.stash_mnist = has_mnist() if config.getoption("--nbval", default=False) else True


def pytest_report_header(config):
    if not config.stash_mnist:
        return "MNIST is not on this machine: notebooks 06, 07, 09 and 11 to 13 run on scikit-learn's small digits, outputs not compared."


def pytest_collection_modifyitems(config, items):
    for item in items:
        if not config.stash_mnist and item.path.suffix == ".ipynb" and item.path.name.startswith(NEEDS_MNIST):
            item.options["check"] = False
