"""The index on a cluster that speaks TLS alone, to those it knows: the security plugin, with the role of docs/operating.md."""

from __future__ import annotations

import subprocess
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.bootstrap import build_services
from app.settings import Settings
from records.errors import SettingsError, StoreError
from records.rights import PUBLIC
from search.opensearch.cluster import Cluster
from search.opensearch.index import OpenSearchIndex
from search.query import TextPart
from tests.contract.search_index.examples import a_record, a_vector, asking, found, summary, summary_hash
from tests.servers import opensearch
from tests.servers.opensearch_security import BY_CERTIFICATE, PASSWORD, STRANGER, USER, Authority, secured

pytestmark = pytest.mark.xdist_group("opensearch")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made(tmp_path_factory.mktemp("authority") / "own")


@pytest.fixture(scope="module")
def secured_node(authority: Authority) -> Iterator[opensearch.Node]:
    with opensearch.cluster(security=secured(authority)) as nodes:
        yield nodes[0]


@pytest.fixture
def cluster(secured_node: opensearch.Node, authority: Authority, name: str) -> Cluster:
    """As one speaks to it who may."""
    return Cluster((secured_node.url,), f"voltagraph-{name}", USER, PASSWORD, authority.own.file, replicas=0)


def use(cluster: Cluster) -> list[str]:
    """Everything that is done with an index, and what is found in it."""
    index = OpenSearchIndex(cluster, summary=summary)
    records = [a_record(f"{n}", text="word") for n in range(3)]
    try:
        index.apply(records, ["bma/none"])
        for model in ("one", "other"):
            index.embed(model, {summary_hash(record): a_vector(1) for record in records})
        index.keep()
        with index.rebuilding() as new:
            index.apply([], ["bma/0"])
            new.apply(records)
        assert len(index.neighbours(a_vector(1), asking(), PUBLIC)) == 2
        return found(index, TextPart("word"))
    finally:
        index.close()


def refusal(cluster: Cluster) -> str:
    """What is told; no secret is in it."""
    index = OpenSearchIndex(cluster)
    with pytest.raises(StoreError) as raised:
        index.search(asking(), PUBLIC)
    index.close()
    told = "".join(traceback.format_exception(raised.value)) + repr(cluster)
    assert PASSWORD not in told
    assert "PRIVATE" not in told
    return str(raised.value)


def test_a_user_with_a_password_does_everything(cluster: Cluster) -> None:
    assert use(cluster) == ["bma/1", "bma/2"]


def test_a_certificate_does_instead_of_a_password(cluster: Cluster, authority: Authority) -> None:
    own = authority.signed(BY_CERTIFICATE)
    by_certificate = replace(cluster, user="", password="", certificate_file=own.file, key_file=own.key)
    assert use(by_certificate) == ["bma/1", "bma/2"]


def test_the_settings_lead_there(secured_node: opensearch.Node, authority: Authority, cluster: Cluster, tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text(f"{PASSWORD}\n")
    own = authority.signed(BY_CERTIFICATE)
    settings = Settings(
        home=tmp_path / "home",
        search_store_urls=(secured_node.url,),
        search_store_name=cluster.name,
        search_store_replicas=0,
        search_store_ca_file=authority.own.file,
    )
    ways = (
        {"search_store_user": USER, "search_store_password_file": password},
        {"search_store_certificate_file": own.file, "search_store_key_file": own.key},
    )
    for way in ways:
        services = build_services(settings.model_copy(update=way))
        services.index.apply([a_record("a", text="word")])
        assert services.index.ids() == {"bma/a"}
        services.index.close()
    with pytest.raises(StoreError, match="401"):
        build_services(settings).index.ids()


def test_an_unknown_password_and_a_user_who_may_not_are_told_apart(cluster: Cluster) -> None:
    assert "does not know us (401)" in refusal(replace(cluster, password="wrong"))
    assert "does not know us (401)" in refusal(replace(cluster, user="", password=""))
    assert f"indices that begin with {cluster.name}" in refusal(replace(cluster, user=STRANGER))
    assert "403" in refusal(replace(cluster, name="elsewhere"))


def test_a_cluster_that_is_not_known_to_be_the_right_one_is_sent_nothing(cluster: Cluster, tmp_path: Path) -> None:
    stranger = Authority.made(tmp_path / "stranger")
    for doubtful in (
        replace(cluster, ca_file=None),
        replace(cluster, ca_file=stranger.own.file),
        replace(cluster, urls=(cluster.urls[0].replace("127.0.0.1", "localhost"),)),
    ):
        assert "its certificate is not trusted, or has another name. Name the file" in refusal(doubtful)


def test_a_certificate_of_a_stranger_is_not_taken(cluster: Cluster, tmp_path: Path) -> None:
    forged = Authority.made(tmp_path / "stranger").signed(BY_CERTIFICATE)
    told = refusal(replace(cluster, user="", password="", certificate_file=forged.file, key_file=forged.key))
    assert "search_store_certificate_file" in told


def test_the_wrong_scheme_is_told(cluster: Cluster, node: opensearch.Node) -> None:
    assert "does not speak TLS there" in refusal(replace(cluster, urls=(node.url.replace("http:", "https:"),)))
    assert "cannot be reached" in refusal(replace(cluster, urls=(cluster.urls[0].replace("https:", "http:"),)))


def test_certificates_that_cannot_be_used_are_told_before_anything_is_sent(
    cluster: Cluster, authority: Authority, tmp_path: Path
) -> None:
    own, other = authority.signed("one"), authority.signed("two")
    no_certificate, encrypted = tmp_path / "none.pem", tmp_path / "encrypted.key"
    no_certificate.write_text("no certificate")
    hide = ["openssl", "rsa", "-aes256", "-passout", "pass:x", "-in", str(own.key), "-out", str(encrypted)]
    subprocess.run(hide, check=True, capture_output=True)
    with pytest.raises(SettingsError, match="search_store_ca_file"):
        OpenSearchIndex(replace(cluster, ca_file=no_certificate))
    for file, key in ((own.file, other.key), (own.file, encrypted), (own.file, None), (no_certificate, own.key)):
        with pytest.raises(SettingsError, match="search_store_certificate_file"):
            OpenSearchIndex(replace(cluster, certificate_file=file, key_file=key))
