"""The cluster: where it is, how it is spoken to, and its errors in our words.

Redirects are not followed and proxies of the environment not used; no secret and nothing of a record is in a message.
See https://docs.opensearch.org/docs/latest/clients/python-low-level/.
"""

from __future__ import annotations

import base64
import logging
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from records.errors import SettingsError, StoreBusyError, StoreDamagedError, StoreError, StoreFullError
from search.bodies import BodyDamagedError, clean

if TYPE_CHECKING:
    from opensearchpy import OpenSearch  # importing it takes 0.2 s: that waits until a cluster is spoken to

Json: TypeAlias = dict[str, Any]
Found = TypeVar("Found")

TRIES: Final = 6
"""How often a question is asked that met a node or an index that is just going away."""
LEFT_OUT_SECONDS: Final = 5.0
"""How long a node is not asked that could not be reached."""
WRITE_SECONDS: Final = 180.0
"""How long one request that writes may take: it waits a minute for a shard that has lost its node."""

REBUILD: Final = "Run `voltagraph rebuild`: it makes the index anew from what was harvested."

_UNAVAILABLE: Final = (502, 503, 504)
_NODE_LOST: Final = ("node_not_connected_exception", "node_disconnected_exception", "node_closed_exception")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the cluster is, and as whom it is spoken to.

    Args:
        urls: Addresses of its nodes; one that does not answer is left out for a while.
        name: Alias of the index; everything of ours in the cluster begins so.
        user: Name of the user (HTTP Basic); ``""``: none.
        password: Of the user.
        ca_file: Certificates that sign those of the nodes; ``None``: those that come with certifi.
        certificate_file: Our certificate, for a cluster that asks for one; ``None`` for none.
        key_file: The key of it; ``None`` where it is in the same file.
        seconds: How long a question may take.
        shards: Parts of a new index; one is enough for millions of records.
        replicas: Copies of each part on other nodes: so many nodes may be lost without losing anything.
    """

    urls: tuple[str, ...]
    name: str = "voltagraph"
    user: str = ""
    password: str = ""
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None
    seconds: float = 30.0
    shards: int = 1
    replicas: int = 1

    def __repr__(self) -> str:
        return f"Cluster({self.urls}, {self.name!r})"

    @property
    def place(self) -> str:
        """For messages: where it is."""
        return f"{self.name} on {', '.join(self.urls)}"


def connected(cluster: Cluster) -> OpenSearch:
    """A client, for use by many threads; nothing is sent yet.

    Raises:
        SettingsError: The client is not installed, or a certificate cannot be used.
    """
    try:
        from opensearchpy import OpenSearch
        from opensearchpy.serializer import JSONSerializer
    except ImportError as error:
        raise SettingsError(
            "An index on OpenSearch needs the client, which is not installed.",
            "Run in the checkout: pip install -e '.[opensearch]'",
        ) from error

    class Serializer(JSONSerializer):  # type: ignore[misc, unused-ignore]
        """JSON without what is no Unicode scalar value: a cluster refuses it."""

        def dumps(self, data: Any) -> Any:
            return clean(super().dumps(data))

    # Below that the client logs what it sends: questions and content.
    for logger in ("opensearch", "opensearchpy"):
        logging.getLogger(logger).setLevel(logging.WARNING)
    headers = {}
    if cluster.user:
        token = base64.b64encode(f"{cluster.user}:{cluster.password}".encode()).decode()
        headers["authorization"] = f"Basic {token}"
    return OpenSearch(
        hosts=list(cluster.urls),
        headers=headers,
        serializer=Serializer(),
        ssl_context=_ssl_context(cluster),
        timeout=cluster.seconds,
        max_retries=max(3, len(cluster.urls)),
        retry_on_timeout=False,
        retry_on_status=(),  # `patiently` asks again; the client would take each node that says so for lost
        dead_timeout=LEFT_OUT_SECONDS,
        timeout_cutoff=0,
        pool_maxsize=16,
    )


def _ssl_context(cluster: Cluster) -> ssl.SSLContext:
    """How TLS is spoken: the certificate of a node is always checked, and its name too."""
    import certifi  # comes with the client

    own = cluster.certificate_file
    try:
        context = ssl.create_default_context(cafile=cluster.ca_file or certifi.where())
    except OSError as error:  # as `ssl.SSLError` is
        message = f"{cluster.ca_file} holds no certificates that can be used: {error.strerror}."
        raise SettingsError(message, "Check search_store_ca_file: it is a file in the form PEM.") from None
    if own is not None:
        try:
            context.load_cert_chain(
                own, cluster.key_file, password=""
            )  # of an encrypted key: an error, and no question on a terminal
        except OSError as error:
            message = f"{own} and its key cannot be used: {error.strerror}."
            remedy = "Check search_store_certificate_file and search_store_key_file: files in the form PEM, the key not encrypted."
            raise SettingsError(message, remedy) from None
    return context


@contextmanager
def told(cluster: Cluster) -> Iterator[None]:
    """Turns what the client raises into the errors of `records.errors`, without answers of the cluster: they may hold content."""
    from opensearchpy import exceptions

    index = f"The search index {cluster.place}"
    try:
        yield
    except exceptions.ConnectionTimeout:
        message = f"{index} did not answer within its time."
        raise StoreError(message, "Look at the load of the cluster, or raise search_store_timeout_seconds.") from None
    except exceptions.SSLError as error:
        raise _not_secured(index, str(error)) from None
    except exceptions.ConnectionError:
        raise StoreError(f"{index} cannot be reached.", "Start the cluster, or check search_store_urls.") from None
    except exceptions.AuthenticationException:
        raise StoreError(f"{index} does not know us (401).", "Check search_store_user and search_store_password_file.") from None
    except exceptions.TransportError as error:
        raise _refused(index, cluster.name, error.status_code, str(error.error)) from None
    except exceptions.OpenSearchException as error:
        raise StoreError(f"{index} cannot be used: {type(error).__name__}.", "Look at the log of the cluster.") from None
    except BodyDamagedError:
        raise StoreDamagedError(f"{index} holds a record that cannot be read.", REBUILD) from None


def _not_secured(index: str, error: str) -> StoreError:
    """The error where TLS fails."""
    if "CERTIFICATE_VERIFY_FAILED" in error:
        message = f"{index} is not known to be who it says it is: its certificate is not trusted, or has another name."
        return StoreError(message, "Name the file of the certificates that sign it: search_store_ca_file.")
    if "WRONG_VERSION_NUMBER" in error or "RECORD_LAYER_FAILURE" in error:
        return StoreError(f"{index} does not speak TLS there.", "Check search_store_urls: the scheme, and the port.")
    message = f"{index} does not want to speak TLS with us."
    return StoreError(message, "If it asks for a certificate, name one: search_store_certificate_file and search_store_key_file.")


def _refused(index: str, name: str, status: int | str, kind: str) -> StoreError:
    """The error for an answer of the cluster: its status and kind alone."""
    said = f"{index} answered {status} ({kind})."
    if kind == "cluster_block_exception":
        return StoreFullError(f"{index} takes no writes: a disk of the cluster is nearly full.", "Free some space, then try again.")
    if status == 403:
        return StoreError(said, f"Let the user read, write, make and remove indices that begin with {name}.")
    if status == 429:
        return StoreBusyError(f"{index} has more to do than it can (429).", "Try again later, or give the cluster more memory.")
    if status in _UNAVAILABLE:
        remedy = "Start the nodes that are missing; where their data is lost, `voltagraph rebuild` makes the index anew."
        return StoreError(f"{index} lacks a part, or has no manager just now: it answered {status} ({kind}).", remedy)
    return StoreError(said, "Look at the log of the cluster; `voltagraph rebuild` makes the index anew.")


def patiently(ask: Callable[[], Found]) -> Found:
    """The answer to a question that can be asked again, when a node or an index was just going away."""
    from opensearchpy.exceptions import SSLError, TransportError

    answered: TransportError | None = None
    for attempt in range(TRIES):
        try:
            return ask()
        except TransportError as error:
            if isinstance(error.status_code, int):
                answered = error  # tells more than that another node cannot be reached
            passes = error.status_code in (404, *_UNAVAILABLE, "N/A") or error.error in _NODE_LOST
            if not passes or isinstance(error, SSLError) or attempt == TRIES - 1:
                raise answered or error from None
            time.sleep(0.05 * 2**attempt)
    raise AssertionError("unreachable")


def make_index(client: OpenSearch, name: str, body: Json) -> None:
    """Make an index, unless another process has just done so."""
    from opensearchpy.exceptions import RequestError

    if client.indices.exists(index=name):
        return
    try:
        client.indices.create(index=name, body=body)
    except RequestError as error:
        if error.error != "resource_already_exists_exception":
            raise
