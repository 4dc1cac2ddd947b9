import socket
import ssl
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond.remote import Part, Patience, Question, patiently
from lamha.models.llm.beyond.server import Server

QUESTION = Question("Be brief.", "What is the capital of France?", new=20)
FOREVER = 20.0


def never() -> bool:
    return False


def ask(listening: Any, patience: Patience, question: Question = QUESTION, **more: str) -> list[Part]:
    server = Server(listening.url, patience=patience, **more)
    return list(patiently(server.ask(question), patience, never))


def text(got: list[Part]) -> str:
    return "".join(part.text for part in got)


def test_an_answer(server: Any, told: Any, patient: Patience) -> None:
    got = ask(server.says(*told.whole("It is", " Paris.")), patient)
    assert text(got) == "It is Paris."
    assert got[-2:] == [Part(finish="end"), Part(tokens_in=26, tokens_out=7)]


def test_what_is_asked(server: Any, told: Any, patient: Patience, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    ask(server.says(*told.whole("Paris.")), patient)
    assert server.asked == [
        {
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "What is the capital of France?"},
            ],
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": 0,
            "max_tokens": 20,
            "chat_template_kwargs": {"enable_thinking": False},
        }
    ]
    (headers,) = server.heard
    assert headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in headers
    assert headers["User-Agent"] == "lamha"


def test_a_cue_is_to_be_continued(server: Any, told: Any, patient: Patience) -> None:
    ask(
        server.says(*told.whole(" Paris.")),
        patient,
        replace(QUESTION, cue="It is"),
        model="big",
        key="secret",
    )
    (asked,), (headers,) = server.asked, server.heard
    assert asked["messages"][-1] == {"role": "assistant", "content": "It is"}
    assert asked["continue_final_message"] is True
    assert asked["add_generation_prompt"] is False
    assert asked["model"] == "big"
    assert headers["Authorization"] == "Bearer secret"


def test_bytes_may_come_one_by_one(server: Any, told: Any, patient: Patience) -> None:
    stream = b"".join(told.whole("لندن", "伦敦"))
    got = ask(server.says(*(bytes([byte]) for byte in stream)), patient)
    assert text(got) == "لندن伦敦"


def test_chunked_bytes(server: Any, told: Any, patient: Patience) -> None:
    stream = [b"%x\r\n%b\r\n" % (len(event), event) for event in told.whole("It is", " Paris.")]
    got = ask(server.says(*stream, b"0\r\n\r\n", Transfer_Encoding="chunked"), patient)
    assert text(got) == "It is Paris."


def test_an_end_without_a_mark(server: Any, told: Any, patient: Patience) -> None:
    got = ask(server.says(*told.words("Paris."), told.event(finish="stop")), patient)
    assert text(got) == "Paris."


def test_who_has_all_does_not_wait_for_the_mark(server: Any, told: Any, patient: Patience) -> None:
    got = ask(server.says(*told.words("Paris."), told.event(finish="stop"), FOREVER), patient)
    assert text(got) == "Paris."
    assert server.left.wait(20)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_refusals_say_why(status: int, server: Any, patient: Patience) -> None:
    server.says(b'{"error": {"message": "Loading model"}}', status=status)
    with pytest.raises(ServerFailed, match=rf"it answers {status} \(Loading model\)"):
        ask(server, patient)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int, server: Any, patient: Patience) -> None:
    server.says(status=status, Location=f"{server.url}/elsewhere")
    with pytest.raises(ServerFailed, match=r"leads to http.*elsewhere"):
        ask(server, patient)
    assert len(server.asked) == 1


def test_a_slow_first_word(server: Any, hasty: Patience) -> None:
    with pytest.raises(ServerFailed, match=r"no word came within 0\.1 s"):
        ask(server.says(FOREVER), hasty)
    assert server.left.wait(20)


def test_headers_that_never_come(hasty: Patience) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = Server(f"http://127.0.0.1:{silent.getsockname()[1]}", patience=hasty)
        with pytest.raises(ServerFailed, match="no word came"):
            list(patiently(server.ask(QUESTION), hasty, never))


def test_keep_alives_are_no_words(server: Any, told: Any, hasty: Patience) -> None:
    with pytest.raises(ServerFailed, match="no word came"):
        ask(server.says(*[b": keep-alive\n\n", told.event(), 0.01] * 1000), hasty)
    assert server.left.wait(20)


def test_a_stall_in_the_middle(server: Any, told: Any, restless: Patience) -> None:
    got = list[Part]()
    call = Server(server.says(*told.words("It is"), FOREVER).url, patience=restless).ask(QUESTION)
    with pytest.raises(ServerFailed, match="no word came"):
        got.extend(patiently(call, restless, never))
    server.left.wait(20)


def test_a_listener_may_be_slow(server: Any, told: Any, restless: Patience) -> None:
    stream = [*told.words("It", " is", " Paris."), told.event(finish="stop")]
    call = Server(server.says(*stream, told.done).url, patience=restless).ask(QUESTION)
    said = ""
    for part in patiently(call, restless, never):
        said += part.text
        time.sleep(1.5 * restless.next if part.text == " is" else 0)
    assert said == "It is Paris."


@pytest.mark.parametrize(
    "end", [b"", b"\x00\xff garbage \r\n\r\n", b"data: {\n\n", b'data: {"error": "oh"}\n\n']
)
def test_a_close_or_garbage_in_the_middle(end: bytes, server: Any, told: Any, patient: Patience) -> None:
    with pytest.raises(ServerFailed):
        ask(server.says(*told.words("It is"), end), patient)


def test_a_length_that_is_too_long(server: Any, told: Any, patient: Patience) -> None:
    with pytest.raises(ServerFailed):
        ask(server.says(*told.words("It is"), Content_Length="9999"), patient)


def test_what_is_no_web_server(patient: Patience) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def speak() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(9999)
                connection.sendall(b"SSH-2.0-OpenSSH\r\n" * 9)

        threading.Thread(target=speak).start()
        server = Server(f"http://127.0.0.1:{listening.getsockname()[1]}", patience=patient)
        with pytest.raises(ServerFailed, match="it fails"):
            list(patiently(server.ask(QUESTION), patient, never))


def test_enough_hangs_up(server: Any, told: Any, patient: Patience) -> None:
    server.says(*told.words("One", " two"), FOREVER)
    enough = threading.Event()
    for part in patiently(Server(server.url).ask(QUESTION), patient, enough.is_set):
        if part.text == " two":
            enough.set()
    assert server.left.wait(20)


def test_a_call_may_be_closed_before_it_is_read(server: Any) -> None:
    call = Server(server.url).ask(QUESTION)
    call.close()
    with pytest.raises(ServerFailed):
        list(call)
    assert not server.asked


def test_a_certificate_is_verified(patient: Patience, server: Any) -> None:
    remote = Server(server.url.replace("http:", "https:"), patience=patient)
    with pytest.raises(ServerFailed):  # no certificate at all
        list(remote.ask(QUESTION))
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://192.168.1.20:8080", "/v1/chat/completions"),
        ("http://192.168.1.20:8080/", "/v1/chat/completions"),
        ("https://box.local/v1", "/v1/chat/completions"),
        ("http://[fd00::1]:8080/llm/v1/", "/llm/v1/chat/completions"),
        ("http://localhost:1/v1/chat/completions", "/v1/chat/completions"),
    ],
)
def test_urls(url: str, path: str) -> None:
    assert Server(url).path == path


@pytest.mark.parametrize(
    "url",
    [
        *("", "localhost:8080", "192.168.1.20:8080", "ftp://localhost", "http://", "http://localhost:x"),
        *("http://localhost:99999", "http://[::1", "http://me:secret@localhost", "http://localhost/?a=b"),
        *("http://8.8.8.8", "https://[2001:4860:4860::8888]/v1", "file:///etc/passwd"),
    ],
)
def test_what_is_no_url_of_the_wearers_network(url: str) -> None:
    with pytest.raises(ServerFailed) as failed:
        Server(url)
    assert failed.value.hint
    assert "secret" not in str(failed.value)


def test_a_key_that_is_none() -> None:
    with pytest.raises(ServerFailed, match="key"):
        Server("http://localhost", key="a\r\nX: b")
