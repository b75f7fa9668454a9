"""How benchmarks print shares and their intervals."""

from nophoto.models.vision.evaluation import Rate


def share(rate: Rate) -> str:
    """A share with its 95 % interval, in percent."""
    return f"{rate.value:.1%} ({'–'.join(f'{end:.1%}' for end in rate.interval)})"
