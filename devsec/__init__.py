"""devsec: offers the sanctioned road to the engineer who has just left it."""

__version__ = "0.1.0"
