"""Connections whose other end is known to be gone are broken from another thread, with TLS and without."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mycelix_studio.api.client import Client
from mycelix_studio.api.errors import ServerUnreachable
from mycelix_studio.api.sign_in import Session
from mycelix_studio.domain.clock import now


def _certificate(folder: Path) -> Path:
    """Write a key and a certificate of this computer's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - datetime.timedelta(days=1))
        .not_valid_after(now() + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "here.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_who_waits_for_an_answer_hears_that_the_line_broke_and_the_next_request_connects_anew(
    tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, ready = threading.Event(), threading.Event()
    held: list[socket.socket] = []
    listening = socket.create_server(("127.0.0.1", 0))
    certificate = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve() -> None:
        for answer in (b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"):
            line, _ = listening.accept()
            if tls:
                line = context.wrap_socket(line, server_side=True)
            held.append(line)
            line.recv(65_536)
            asked.set()
            if answer:
                line.sendall(answer)

    server = threading.Thread(target=serve)
    server.start()
    url = f"{'https' if tls else 'http'}://127.0.0.1:{listening.getsockname()[1]}"
    client = Client(lambda: url, Session(lambda: url, lambda: 31337))
    caught: list[Exception] = []

    def ask() -> None:
        try:
            client.request("POST", "/api/songs", content=b"{}")
        except ServerUnreachable as error:
            caught.append(error)
        ready.set()

    asking = threading.Thread(target=ask)
    asking.start()
    assert asked.wait(10)
    client.cut()
    assert ready.wait(10), "who waited was not woken"
    assert len(caught) == 1
    assert client.request("POST", "/api/songs", content=b"{}").content == b"hi"
    client.cut()
    client.close()
    asking.join()
    server.join()
    for each in (*held, listening):
        each.close()
