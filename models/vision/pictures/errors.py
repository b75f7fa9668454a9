"""What is raised where a picture cannot be had from bytes."""

from models.vocabulary import FailureCode


class PictureError(Exception):
    """The bytes are not a picture that nophoto judges.

    Attributes:
        code: the failure's code, as it is stored with the upload.
    """

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(message)
        self.code = code
