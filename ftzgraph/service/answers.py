"""What goes back to a client: an answer, or the reason why there is none."""

from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True)
class Answer:
    """A whole response; it is made in full before its status goes out, so that no error follows a 200."""

    body: bytes
    media_type: str
    status: int = HTTPStatus.OK


class Refusal(Exception):  # noqa: N818 (it is no fault of the program)
    """A request that is not answered.

    Attributes:
        status: of the response.
        headers: of the response.
    """

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(status, message)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def __str__(self) -> str:
        return str(self.args[1])
