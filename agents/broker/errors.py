"""What can go wrong with the local broker."""


class BrokerError(Exception):
    """The local broker cannot do what was asked; the message names the cause and what mends it, ready for the screen."""
