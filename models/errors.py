"""The base of every error that is written for the user."""


class NophotoError(Exception):
    """An error whose message names what is wrong and what to do about it.

    The command line prints the message alone and exits with 1; anything else is a defect and
    keeps its traceback.
    """
