"""Text that comes from file names and decoders, made fit for every database."""


def storable(text: str) -> str:
    """`text` with NUL characters and lone surrogates escaped.

    PostgreSQL stores neither, and one such message would cost a whole chunk its outcomes.
    """
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")
