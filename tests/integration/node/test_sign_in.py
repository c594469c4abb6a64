"""Signing in to a running node: once per nonce, for this place only, revocable."""

from __future__ import annotations

from tests.fixtures.node import NodeProcess, Person


def _kind(answer: object) -> str:
    return str(answer.json()["type"]).rsplit(":", 1)[1]  # type: ignore[attr-defined]


def test_a_token_works_until_it_is_revoked(node: NodeProcess) -> None:
    person = Person.new()
    with person.sign_in(node.url) as client:
        assert client.get("/api/sync/changes").status_code == 200
        assert client.post("/api/auth/logout").status_code == 204
        answer = client.get("/api/sync/changes")
        assert (answer.status_code, _kind(answer)) == (401, "bad-token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_nonce_signs_in_once(node: NodeProcess) -> None:
    person = Person.new()
    with node.client() as client:
        nonce = client.post("/api/auth/nonce", json={"address": person.address}).json()["nonce"]
        message = person.message(node.url.removeprefix("http://"), nonce)
        body = {"message": message, "signature": person.sign(message)}
        assert client.post("/api/auth/verify", json=body).status_code == 200
        again = client.post("/api/auth/verify", json=body)
        assert (again.status_code, _kind(again)) == (401, "bad-nonce")


def test_anothers_nonce_and_an_invented_one_do_not_sign_in(node: NodeProcess) -> None:
    person, other = Person.new(), Person.new()
    with node.client() as client:
        nonce = client.post("/api/auth/nonce", json={"address": other.address}).json()["nonce"]
        for used in (nonce, "a1b2c3d4e5f60718"):
            message = person.message(node.url.removeprefix("http://"), used)
            answer = client.post("/api/auth/verify", json={"message": message, "signature": person.sign(message)})
            assert (answer.status_code, _kind(answer)) == (401, "bad-nonce")


def test_messages_for_another_place_chain_or_time_and_foreign_signatures_are_refused(node: NodeProcess) -> None:
    person, other = Person.new(), Person.new()
    here = node.url.removeprefix("http://")
    with node.client() as client:
        nonce = client.post("/api/auth/nonce", json={"address": person.address}).json()["nonce"]
        good = person.message(here, nonce)
        cases = [
            (person.message("evil.example", nonce), None, "wrong-domain"),
            (person.message(here, nonce, uri="http://evil.example/"), None, "wrong-domain"),
            (person.message(here, nonce, chain_id=1), None, "wrong-chain"),
            (person.message(here, nonce, issued="2020-01-01T00:00:00Z"), None, "expired"),
            (good + "\nExpiration Time: 2020-01-01T00:00:00Z", None, "expired"),
            (good, other.sign(good), "bad-signature"),
            (good.replace("Version: 1", "Version: 2"), None, "bad-sign-in"),
        ]
        for message, signature, kind in cases:
            body = {"message": message, "signature": signature or person.sign(message)}
            answer = client.post("/api/auth/verify", json=body, headers={"Host": "evil.example"})
            assert (answer.status_code, _kind(answer)) == (401, kind), answer.text
        # None of the failures used the nonce up.
        assert (
            client.post("/api/auth/verify", json={"message": good, "signature": person.sign(good)}).status_code == 200
        )


def test_neither_tokens_nor_signatures_reach_the_log(node: NodeProcess) -> None:
    person = Person.new()
    with person.sign_in(node.url) as client:
        token = client.headers["Authorization"].split()[1]
        client.get("/api/sync/changes")
    text = node.log.read_text()
    assert person.address in text
    assert token not in text
    assert '"signature": "0x' not in text
