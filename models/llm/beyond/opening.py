"""What the wearer turned on, from the environment. With nothing turned on, no client is even imported.

| variable | what it turns on |
|---|---|
| LAMHA_SERVER | an OpenAI-compatible server, as http://HOST:PORT |
| LAMHA_SERVER_MODEL, LAMHA_SERVER_KEY | the model's name there, and the key, where it wants them |
| LAMHA_WORKERS | llama.cpp RPC workers, as HOST:PORT,HOST:PORT |
| LAMHA_WORKERS_MODEL | the model that they hold, by its name here; by default the device's own |
| LAMHA_PATIENCE | seconds until the first word, before the device answers itself; by default 3 |
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lamha.models.errors import ServerFailed
from lamha.models.llm.api import Model
from lamha.models.llm.beyond.remote import Patience


@contextmanager
def open_beyond(local: Model, path: Path, environ: Mapping[str, str]) -> Iterator[Model]:
    """`local`, whose GGUF is at `path`, or what stands in front of it; ServerFailed where that cannot be."""
    if not any(environ.get(name) for name in ("LAMHA_SERVER", "LAMHA_WORKERS")):
        yield local
        return
    with _workers(local, path, environ) as model:
        yield _server(model, environ)


@contextmanager
def _workers(local: Model, path: Path, environ: Mapping[str, str]) -> Iterator[Model]:
    if not (wanted := environ.get("LAMHA_WORKERS")):
        yield local
        return
    from lamha.models.llm.beyond import workers
    from lamha.models.llm.beyond.fallback import Beyond
    from lamha.models.llm.beyond.process import Workers
    from lamha.models.llm.library import library
    from lamha.models.store import Store

    endpoints = workers.endpoints(wanted)
    workers.ensure_supported(library())
    if name := environ.get("LAMHA_WORKERS_MODEL"):
        path = Store().path(name)
    remote = Workers(path, endpoints, _patience(environ))
    try:
        model = Beyond(local, remote)
        model.available()  # loading takes long: begin now
        yield model
    finally:
        remote.close()


def _server(local: Model, environ: Mapping[str, str]) -> Model:
    if not (url := environ.get("LAMHA_SERVER")):
        return local
    from lamha.models.llm.beyond.fallback import Beyond
    from lamha.models.llm.beyond.server import Server

    model, key = environ.get("LAMHA_SERVER_MODEL", ""), environ.get("LAMHA_SERVER_KEY", "")
    return Beyond(local, Server(url, model, key, _patience(environ)))


def _patience(environ: Mapping[str, str]) -> Patience:
    if not (wanted := environ.get("LAMHA_PATIENCE")):
        return Patience()
    if not wanted.isdecimal() or not int(wanted):
        raise ServerFailed(f"LAMHA_PATIENCE is {wanted}", "give a number of seconds, from 1 on")
    return Patience(first=int(wanted), next=int(wanted))
