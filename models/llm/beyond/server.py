"""Any server with OpenAI's chat completions on the wearer's network: llama-server, vLLM, llama-cpp-python.

One streamed POST is all that lamha needs, so the standard library's client does: it can be handed a socket
whose address was checked, follows no redirect, knows no proxy and adds no dependency to a device.
"""

import http.client
import json
import socket
import ssl
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from threading import Event
from urllib.parse import urlsplit

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond import network
from lamha.models.llm.beyond.events import error_in, parts
from lamha.models.llm.beyond.network import Endpoint
from lamha.models.llm.beyond.remote import Call, Part, Patience, Question

CHUNK = 65_536
PORTS = {"http": 80, "https": 443}
_FORM = "write it as http://192.168.1.20:8080"


class Server:
    """A `Remote` at a URL. ServerFailed where the URL is none, or leads outside the wearer's network.

    `model` is its name there (a server with one model needs none), `key` what the server was started with.
    """

    def __init__(self, url: str, model: str = "", key: str = "", patience: Patience | None = None) -> None:
        self.scheme, self.endpoint, self.path = _parse(url)
        network.check(self.endpoint.host)
        if not (key.isascii() and key.isprintable()):
            raise ServerFailed("the server's key has characters that no key has", "check LAMHA_SERVER_KEY")
        self.model, self.key = model, key
        self.patience = patience or Patience()

    def __str__(self) -> str:
        return f"{self.scheme}://{self.endpoint}"

    def ready(self) -> bool:
        """Whether it can be asked at once: always, as far as is known before it is asked."""
        return True

    def ask(self, question: Question) -> Call:
        """Begin a call."""
        return _Call(self, question)

    def close(self) -> None:
        """Nothing is held between calls."""

    def connect(self) -> socket.socket:
        """A connection to it, encrypted for https; certificates are verified as the system does."""
        plain = network.connect(self.endpoint, self.patience.connect)
        plain.settimeout(self.patience.first + self.patience.next)  # whoever waits has given up before
        if self.scheme == "http":
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=self.endpoint.host)
        except OSError:
            plain.close()
            raise

    def request(self, question: Question) -> tuple[bytes, dict[str, str]]:
        """Body and headers of the request.

        Stop strings are left out: there they would act on a model's thoughts too, so they are sought here.
        """
        messages = [
            {"role": "system", "content": question.system},
            {"role": "user", "content": question.words},
        ]
        body = {
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0,
            "max_tokens": question.new,
            "chat_template_kwargs": {"enable_thinking": False},  # as in the local model's template
        }
        if self.model:
            body["model"] = self.model
        if question.cue:  # vLLM needs to be told; llama-server goes on by itself, but repeats the cue if not
            messages.append({"role": "assistant", "content": question.cue})
            body |= {"add_generation_prompt": False, "continue_final_message": True}
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream", "User-Agent": "lamha"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        return json.dumps(body).encode(), headers


class _Call:
    """One request. Whoever closes it only wakes the thread that reads, which frees what it holds."""

    def __init__(self, server: Server, question: Question) -> None:
        self._server, self._question = server, question
        self._socket: socket.socket | None = None
        self._closed = Event()

    def __iter__(self) -> Iterator[Part]:
        try:
            with closing(self._server.connect()) as self._socket, closing(self._post(self._socket)) as chunks:
                yield from parts(chunks)
        except ServerFailed:
            raise
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise ServerFailed(f"it fails ({reason})", "check that it runs, and its log") from error

    def close(self) -> None:
        """End the connection; the server notices and stops writing."""
        self._closed.set()
        if self._socket:
            with suppress(OSError):  # it may have ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)

    def _post(self, connected: socket.socket) -> Generator[bytes]:
        connection = http.client.HTTPConnection(*self._server.endpoint)
        connection.sock = connected
        with closing(connection):
            if self._closed.is_set():  # while it was connecting
                return
            connection.request("POST", self._server.path, *self._server.request(self._question))
            with connection.getresponse() as response:
                _ensure_success(response)
                while chunk := response.read1(CHUNK):
                    yield chunk


def _ensure_success(response: http.client.HTTPResponse) -> None:
    status = response.status
    if status == http.HTTPStatus.OK:
        return
    if where := response.headers.get("Location"):
        raise ServerFailed(f"it leads to {where[:200]}", "give that address, if it is yours")
    said = error_in(response.read(CHUNK).decode(errors="replace")) or response.reason
    raise ServerFailed(f"it answers {status} ({said})", "check its log, the model's name and the key")


def _parse(url: str) -> tuple[str, Endpoint, str]:
    try:
        split = urlsplit(url)
        port = split.port or PORTS.get(split.scheme, 0)
    except ValueError as error:
        raise ServerFailed(f"{url} is no address of a server ({error})", _FORM) from error
    if split.scheme not in PORTS or not split.hostname:
        raise ServerFailed(f"{url} is no address of a server", _FORM)
    if split.username is not None or split.query or split.fragment:
        raise ServerFailed(
            f"{split.hostname} is given with more than an address", "a key goes into LAMHA_SERVER_KEY"
        )
    path = split.path.rstrip("/").removesuffix("/chat/completions").removesuffix("/v1")
    return split.scheme, Endpoint(split.hostname, port), f"{path}/v1/chat/completions"
