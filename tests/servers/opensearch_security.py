"""A cluster with the security plugin: TLS with certificates of our own, users with a password or a certificate, and a role.

See https://docs.opensearch.org/docs/latest/security/configuration/.
"""

from __future__ import annotations

import base64
import json
import shutil
import ssl
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.servers.opensearch import Security

USER, STRANGER, BY_CERTIFICATE, ADMINISTRATOR = "voltagraph", "stranger", "voltagraph-server", "administrator"
PASSWORD = "Secret-of-tests-1"
_BCRYPT = "$2y$12$gAoIL/gmqappSm44RuvPl.PKAqB03yxFqxg21rwwdm.RNAsy4jYZG"  # of the password

# What docs/operating.md says that the user must be allowed to do.
ROLE = {
    "cluster_permissions": ["cluster_composite_ops"],
    "index_permissions": [{"index_patterns": ["voltagraph*"], "allowed_actions": ["indices_all"]}],
}
_AUTHENTICATION = {
    "basic": {
        "order": 1,
        "http_enabled": True,
        "http_authenticator": {"type": "basic", "challenge": False},
        "authentication_backend": {"type": "intern"},
    },
    "certificate": {
        "order": 0,
        "http_enabled": True,
        "http_authenticator": {"type": "clientcert", "config": {"username_attribute": "cn"}, "challenge": False},
        "authentication_backend": {"type": "noop"},
    },
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its key, as files."""

    file: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs certificates.

    Args:
        folder: Where it keeps them.
        own: Its own certificate.
    """

    folder: Path
    own: Certificate

    @classmethod
    def made(cls, folder: Path) -> Authority:
        """A new one, that nobody knows yet."""
        if shutil.which("openssl") is None:
            pytest.skip("tests of TLS need openssl: install the package openssl")
        folder.mkdir(parents=True)
        own = Certificate(folder / "authority.pem", folder / "authority.key")
        _openssl("req", "-x509", *_new(own), "-subj", "/CN=authority of tests", "-days", "2")
        return cls(folder, own)

    def signed(self, name: str, days: int = 2) -> Certificate:
        """A certificate for this machine with this name."""
        made = Certificate(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
        _openssl("req", *_new(Certificate(request, made.key)), "-subj", f"/CN={name}")
        signers = ["-CA", str(self.own.file), "-CAkey", str(self.own.key), "-CAcreateserial"]
        written = ["-extfile", str(extensions), "-days", str(days), "-out", str(made.file)]
        _openssl("x509", "-req", "-in", str(request), *signers, *written)
        return made


def _new(made: Certificate) -> list[str]:
    return ["-newkey", "rsa:2048", "-nodes", "-keyout", str(made.key), "-out", str(made.file)]


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL)


def secured(authority: Authority) -> Security:
    """A cluster with certificates of this authority that knows the users above."""
    node = authority.signed("node")
    files = {"authority.pem": authority.own.file, "node.pem": node.file, "node.key": node.key}
    settings: dict[str, object] = {
        "plugins.security.allow_default_init_securityindex": True,
        "plugins.security.nodes_dn": ["CN=node"],
        "plugins.security.ssl.transport.enforce_hostname_verification": False,
        "plugins.security.ssl.http.enabled": True,
        "plugins.security.ssl.http.clientauth_mode": "OPTIONAL",
    }
    for layer in ("transport", "http"):
        for setting, file in (("pemcert", "node.pem"), ("pemkey", "node.key"), ("pemtrustedcas", "authority.pem")):
            settings[f"plugins.security.ssl.{layer}.{setting}_filepath"] = file

    def prepare(config: Path) -> None:
        for name, file in files.items():
            shutil.copy(file, config / name)
        (config / "opensearch-security").mkdir()
        for name, (kind, content) in _configuration().items():
            told = {"_meta": {"type": kind, "config_version": 2}, **content}
            (config / "opensearch-security" / f"{name}.yml").write_text(json.dumps(told))

    token = base64.b64encode(f"{ADMINISTRATOR}:{PASSWORD}".encode()).decode()
    return Security(settings, prepare, ssl.create_default_context(cafile=authority.own.file), f"Basic {token}")


def _configuration() -> Mapping[str, tuple[str, Mapping[str, object]]]:
    """The files of the plugin: their kind and content."""
    return {
        "config": ("config", {"config": {"dynamic": {"authc": _AUTHENTICATION}}}),
        "internal_users": ("internalusers", {name: {"hash": _BCRYPT} for name in (USER, STRANGER, ADMINISTRATOR)}),
        "roles": ("roles", {"voltagraph": ROLE}),
        "roles_mapping": (
            "rolesmapping",
            {"voltagraph": {"users": [USER, BY_CERTIFICATE]}, "all_access": {"users": [ADMINISTRATOR]}},
        ),
        **{name: (kind, {}) for name, kind in (("action_groups", "actiongroups"), ("tenants", "tenants"), ("nodes_dn", "nodesdn"))},
        "allowlist": ("allowlist", {"config": {"enabled": False, "requests": {}}}),
        "audit": ("audit", {"config": {"enabled": False, "audit": {}, "compliance": {"enabled": False}}}),
    }
