"""What a node can be told, declared once: every environment variable with type, default and meaning.

``docs/node.md`` lists :data:`VARIABLES`; a test keeps the two equal.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

from mycelix_studio.errors import Known

Role = Literal["all", "api", "worker"]
T = TypeVar("T")

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class WrongConfiguration(Known):
    """A variable has a value the node cannot use."""

    def __init__(self, variable: str, message: str) -> None:
        super().__init__(f"{variable} is not usable", message, "Correct it and start the node again.")


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit: ``count`` requests in any window of ``seconds``."""

    count: int
    seconds: int


def _text(value: str) -> str:
    return value


def _words(value: str) -> tuple[str, ...]:
    return tuple(value.replace(",", " ").split())


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ValueError(f"must be a whole number from {low} to {high}")
        return int(value)

    return parse


def _seconds(value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0.05 <= seconds <= 3_600:
        raise ValueError("must be seconds from 0.05 to 3600")
    return seconds


def _rate(value: str) -> Rate:
    count, slash, seconds = value.partition("/")
    if not slash or not count.isdigit() or not seconds.isdigit() or not int(count) or not int(seconds):
        raise ValueError("must be COUNT/SECONDS, such as 100/900")
    return Rate(int(count), int(seconds))


def _path(value: str) -> Path | None:
    return Path(value).expanduser().absolute() if value else None


def _yes(value: str) -> bool:
    if value not in {"yes", "no"}:
        raise ValueError("must be yes or no")
    return value == "yes"


def _choice(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return parse


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: name, default as text, how to read it, what it means."""

    name: str
    default: str
    parse: Callable[[str], object]
    description: str


VARIABLES: Final[tuple[Variable, ...]] = (
    Variable("MYCELIX_DATA_DIR", "", _path, "Folder of the node: database, audio, uploads. Default: the user's data folder."),
    Variable("MYCELIX_DATABASE_URL", "", _text, "PostgreSQL 15 or newer. Empty: the node runs its own in the data folder."),
    Variable("MYCELIX_READ_DATABASE_URL", "", _text, "A streaming replica that answers reads. Empty: the main database does."),
    Variable("MYCELIX_POOL_SIZE", "12", _number(2, 200), "Connections a process keeps to each database."),
    Variable("MYCELIX_HOST", "127.0.0.1", _text, "Address to listen on. Put a proxy with TLS before a public node."),
    Variable("MYCELIX_PORT", "0", _number(0, 65_535), "Port to listen on; 0 takes a free one and writes it to the ready file."),
    Variable("MYCELIX_READY_FILE", "", _path, "File that receives JSON with url and pid once requests are answered."),
    Variable("MYCELIX_ROLE", "all", _choice("all", "api", "worker"), "all, api (requests only) or worker (indexer, settler, attestor)."),
    Variable("MYCELIX_DOMAIN", "", _text, "Domain that sign-in messages must name. Empty: host:port of each request's own address."),
    Variable("MYCELIX_TRUST_PROXY", "no", _yes, "yes: the client's address is the last one in X-Forwarded-For."),
    Variable("MYCELIX_RPC_URL", "", _words, "One or more chain servers, separated by a space. Empty: no indexer."),
    Variable("MYCELIX_DEPLOYMENT", "", _path, "JSON with the contracts' addresses. Default: the shipped one of MYCELIX_CHAIN_ID."),
    Variable("MYCELIX_CHAIN_ID", "0", _number(0, 2**53), "Chain; 0 takes the one of the deployment."),
    Variable("MYCELIX_CONFIRMATIONS", "", _text, "Blocks to wait before indexing. Empty: 0 on 31337, 2 on 10200, 5 elsewhere."),
    Variable("MYCELIX_INDEX_RANGE", "2000", _number(1, 100_000), "Blocks asked for at once; halved when a server refuses."),
    Variable("MYCELIX_POLL_SECONDS", "1.0", _seconds, "Seconds between looks at the chain's head."),
    Variable("MYCELIX_STORE", "folder", _choice("folder", "s3", "kubo"), "Where audio is kept: folder, s3 or kubo."),
    Variable("MYCELIX_S3_BUCKET", "", _text, "Bucket of the S3 store."),
    Variable("MYCELIX_S3_ENDPOINT", "", _text, "Address of the S3 server; empty is Amazon's. Keys come from the usual AWS variables."),
    Variable("MYCELIX_KUBO_URL", "http://127.0.0.1:5001", _text, "Address of the Kubo node's RPC."),
    Variable("MYCELIX_UPLOAD_MAX_BYTES", "2147483648", _number(1, 2**40), "Largest single upload."),
    Variable("MYCELIX_UPLOAD_HOURS", "24", _number(1, 8_760), "Hours after which an unfinished upload is removed."),
    Variable("MYCELIX_UPLOAD_SILENCE_SECONDS", "60", _seconds, "Seconds without a byte after which who uploads counts as gone."),
    Variable("MYCELIX_QUOTA_BYTES", "107374182400", _number(1, 2**50), "Bytes one artist may keep, unfinished uploads included."),
    Variable("MYCELIX_BODY_MAX_BYTES", "2097152", _number(1_024, 2**30), "Largest JSON body."),
    Variable("MYCELIX_TOKEN_HOURS", "12", _number(1, 720), "Hours a sign-in lasts."),
    Variable("MYCELIX_NONCE_MINUTES", "10", _number(1, 60), "Minutes a sign-in may take."),
    Variable("MYCELIX_RATE_ANONYMOUS", "100/900", _rate, "Requests per network address without sign-in."),
    Variable("MYCELIX_RATE_ACCOUNT", "1000/3600", _rate, "Requests per signed-in account."),
    Variable("MYCELIX_RATE_UPLOADS", "20000/3600", _rate, "Upload requests per account."),
    Variable("MYCELIX_RATE_SYNC", "20000/3600", _rate, "Sync requests per account."),
    Variable("MYCELIX_RATE_PLAYS", "100000/3600", _rate, "Requests that report plays, per account."),
    Variable("MYCELIX_OPERATORS", "", _words, "Accounts that may read the operator's pages and report plays for any listener."),
    Variable("MYCELIX_SETTLER_KEY_FILE", "", _path, "Keystore or hex key file of the account that settles vouchers. Empty: no settler."),
    Variable("MYCELIX_SETTLER_PASSWORD_FILE", "", _path, "File with the keystore's password. Empty: the key file holds the key itself."),
    Variable("MYCELIX_SETTLE_COUNT", "50", _number(1, 500), "Vouchers in one settling transaction, at most."),
    Variable("MYCELIX_SETTLE_SECONDS", "60", _seconds, "Seconds the oldest voucher waits for company."),
    Variable("MYCELIX_ATTESTOR_KEY_FILE", "", _path, "Keystore or hex key file of who counts listens of gift songs. Empty: nobody."),
    Variable("MYCELIX_ATTESTOR_PASSWORD_FILE", "", _path, "File with that keystore's password. Empty: the key file holds the key itself."),
    Variable("MYCELIX_LOG_LEVEL", "info", _choice("debug", "info", "warning", "error"), "Least severity that is logged."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of one process. Fields are the variables in lower case without ``MYCELIX_``."""

    data_dir: Path
    database_url: str = ""
    read_database_url: str = ""
    pool_size: int = 12
    host: str = "127.0.0.1"
    port: int = 0
    ready_file: Path | None = None
    role: Role = "all"
    domain: str = ""
    trust_proxy: bool = False
    rpc_url: tuple[str, ...] = ()
    deployment: Path | None = None
    chain_id: int = 0
    confirmations: str = ""
    index_range: int = 2_000
    poll_seconds: float = 1.0
    store: Literal["folder", "s3", "kubo"] = "folder"
    s3_bucket: str = ""
    s3_endpoint: str = ""
    kubo_url: str = "http://127.0.0.1:5001"
    upload_max_bytes: int = 2**31
    upload_hours: int = 24
    upload_silence_seconds: float = 60.0
    quota_bytes: int = 100 * 2**30
    body_max_bytes: int = 2 * 2**20
    token_hours: int = 12
    nonce_minutes: int = 10
    rate_anonymous: Rate = field(default=Rate(100, 900))
    rate_account: Rate = field(default=Rate(1_000, 3_600))
    rate_uploads: Rate = field(default=Rate(20_000, 3_600))
    rate_sync: Rate = field(default=Rate(20_000, 3_600))
    rate_plays: Rate = field(default=Rate(100_000, 3_600))
    operators: tuple[str, ...] = ()
    settler_key_file: Path | None = None
    settler_password_file: Path | None = None
    settle_count: int = 50
    settle_seconds: float = 60.0
    attestor_key_file: Path | None = None
    attestor_password_file: Path | None = None
    log_level: str = "info"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Return the configuration the environment describes.

        Raises:
            WrongConfiguration: A variable cannot be read; the message names it.
        """
        environment = os.environ if environment is None else environment
        known = {variable.name for variable in VARIABLES}
        for name in environment:
            # Other programs have variables of this prefix too, so only what looks like a slip of the pen is refused.
            meant = (
                difflib.get_close_matches(name, known, 1, 0.9)
                if name.startswith("MYCELIX_") and name not in known
                else []
            )
            if meant:
                raise WrongConfiguration(name, f"There is no such setting. Did you mean {meant[0]}?")
        values: dict[str, object] = {}
        for variable in VARIABLES:
            text = environment.get(variable.name, "").strip() or variable.default
            try:
                values[variable.name.removeprefix("MYCELIX_").lower()] = variable.parse(text)
            except ValueError as error:
                raise WrongConfiguration(variable.name, f"“{text}” {error}.") from error
        if values["data_dir"] is None:
            values["data_dir"] = _default_data_dir()
        config = cls(**values)  # type: ignore[arg-type]
        config.check()
        return config

    def check(self) -> None:
        """Refuse what cannot work together.

        Raises:
            WrongConfiguration: As named.
        """
        if self.confirmations and not self.confirmations.isdigit():
            raise WrongConfiguration("MYCELIX_CONFIRMATIONS", f"“{self.confirmations}” is not a whole number.")
        if self.store == "s3" and not self.s3_bucket:
            raise WrongConfiguration("MYCELIX_S3_BUCKET", "The S3 store needs a bucket.")
        if self.role == "worker" and not self.database_url:
            raise WrongConfiguration("MYCELIX_DATABASE_URL", "A worker of its own needs the database it shares.")
        for url in (*self.rpc_url, *([self.kubo_url] if self.store == "kubo" else [])):
            if urlsplit(url).scheme not in {"http", "https"}:
                raise WrongConfiguration("MYCELIX_RPC_URL", f"“{url}” is not an http address.")


def _default_data_dir() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("mycelix-node", appauthor=False))
