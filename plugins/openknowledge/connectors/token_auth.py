"""Signs requests with a token that expires."""

from collections.abc import Generator, Mapping

import httpx

from .failures import SourceFailed

__all__ = ["TokenAuth"]

REFUSALS = (400, 401, 403, 404)


class TokenAuth(httpx.Auth):
    """Signs requests with the token that a form gets by OAuth; where it is not taken, with a new one, once."""

    def __init__(self, url: str, form: Mapping[str, str], scheme: str = "Bearer") -> None:
        self._url, self._form, self._scheme = url, dict(form), scheme
        self.token = ""

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request, and what its token takes."""
        if not self.token:
            self.token = self._read_token((yield self._ask_for_token()))
        request.headers["Authorization"] = f"{self._scheme} {self.token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED:
            self.token = self._read_token((yield self._ask_for_token()))
            request.headers["Authorization"] = f"{self._scheme} {self.token}"
            yield request

    def _ask_for_token(self) -> httpx.Request:
        return httpx.Request("POST", self._url, data=self._form)

    def _read_token(self, response: httpx.Response) -> str:
        """Return the token of an answer. Raises `SourceFailed` where the client is refused, else `ReadError`."""
        response.read()
        if response.status_code in REFUSALS:
            why = "the client's id or secret is wrong, or its authorization has ended"
            raise SourceFailed(f"{self._url}: answered {response.status_code}: {why}")
        try:
            token = response.json()["access_token"]
        except (ValueError, LookupError, TypeError):
            token = None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise httpx.ReadError(f"{self._url} answered {response.status_code} without a token")
        return token
