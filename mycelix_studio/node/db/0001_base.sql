-- The base. Distribution keys (artist, song, listener) are part of every primary and unique key of a large table, so that the schema also
-- runs distributed. `xid` is the transaction that wrote a row last: the feed reads rows in that order below the oldest transaction still
-- running, which is what makes it free of gaps.

-- A plain integer, since xid8 has no block range index.
CREATE FUNCTION current_xid() RETURNS bigint LANGUAGE sql STABLE PARALLEL RESTRICTED AS $$ SELECT pg_current_xact_id()::text::bigint $$;

CREATE TABLE node_state (
    name text PRIMARY KEY,
    value jsonb NOT NULL
);
-- Cursors of another database are refused: their transaction numbers mean nothing here.
INSERT INTO node_state VALUES ('epoch', to_jsonb(gen_random_uuid()::text));

CREATE TABLE accounts (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address text NOT NULL UNIQUE CHECK (address ~ '^0x[0-9a-fA-F]{40}$'),
    first_seen timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE artists (
    artist integer PRIMARY KEY,
    name text NOT NULL DEFAULT '',
    bio text NOT NULL DEFAULT '',
    links jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE nonces (
    nonce text PRIMARY KEY,
    address text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX nonces_expiry ON nonces (expires_at);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    account integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE UNLOGGED TABLE rate_windows (
    subject text NOT NULL,
    bucket bigint NOT NULL,
    used bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (subject, bucket)
);

CREATE SEQUENCE song_keys;
CREATE TABLE songs (
    artist integer NOT NULL,
    id bigint NOT NULL DEFAULT nextval('song_keys'),
    song_id text NOT NULL CHECK (song_id ~ '^0x[0-9a-f]{64}$'),
    owner integer NOT NULL,
    title text NOT NULL DEFAULT '',
    artist_name text NOT NULL DEFAULT '',
    genre text NOT NULL DEFAULT '',
    duration integer,
    cid text NOT NULL DEFAULT '',
    content_hash text NOT NULL,
    strategy smallint NOT NULL DEFAULT 1,
    strategies smallint NOT NULL DEFAULT 1,
    price numeric(78, 0) NOT NULL DEFAULT 0 CHECK (price >= 0),
    payee bigint,
    splits jsonb NOT NULL DEFAULT '[]',
    metadata jsonb NOT NULL DEFAULT '{}',
    listed boolean NOT NULL DEFAULT false,
    registered boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    xid bigint NOT NULL DEFAULT current_xid(),
    handed boolean NOT NULL DEFAULT false,
    PRIMARY KEY (artist, id),
    UNIQUE (artist, song_id)
);
COMMENT ON COLUMN songs.artist IS 'who the id was made from; never changes';
COMMENT ON COLUMN songs.owner IS 'who owns it now, as transferred on chain';
COMMENT ON COLUMN songs.handed IS 'whether it had another owner before';
CREATE INDEX songs_by_id ON songs (song_id);
CREATE INDEX songs_by_key ON songs (id);
CREATE INDEX songs_feed ON songs (owner, xid, id);
CREATE INDEX songs_by_payee ON songs (payee) WHERE payee IS NOT NULL;
CREATE INDEX songs_by_age ON songs (created_at);
CREATE INDEX songs_newest ON songs (created_at DESC, id DESC) WHERE listed AND deleted_at IS NULL;
CREATE INDEX songs_words ON songs
    USING gin (to_tsvector('simple', title || ' ' || artist_name || ' ' || genre)) WHERE listed AND deleted_at IS NULL;

CREATE FUNCTION song_handed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.handed := true;
    RETURN NEW;
END $$;
CREATE TRIGGER songs_handed BEFORE UPDATE OF owner ON songs FOR EACH ROW WHEN (OLD.owner <> NEW.owner) EXECUTE FUNCTION song_handed();

CREATE SEQUENCE play_keys CACHE 1000;
CREATE TABLE plays (
    artist integer NOT NULL,
    key bigint NOT NULL DEFAULT nextval('play_keys'),
    song bigint NOT NULL,
    listener integer NOT NULL,
    play_id uuid NOT NULL,
    at bigint NOT NULL,
    seconds integer NOT NULL CHECK (seconds >= 0),
    paid smallint NOT NULL DEFAULT 0,
    xid bigint NOT NULL DEFAULT current_xid(),
    born bigint NOT NULL DEFAULT current_xid(),
    PRIMARY KEY (artist, song, key)
)
-- Looks into its index alone need to know which pages nobody changed since they were cleaned; by itself that is told only once a fifth is new.
WITH (autovacuum_vacuum_insert_scale_factor = 0.01, autovacuum_vacuum_insert_threshold = 10000);
COMMENT ON COLUMN plays.born IS 'transaction that wrote the row first; xid is the one that wrote it last';
CREATE UNIQUE INDEX plays_once ON plays (artist, play_id);
CREATE INDEX plays_feed ON plays (artist, xid, key);
CREATE INDEX plays_by_xid ON plays USING brin (xid) WITH (pages_per_range = 32, autosummarize = on);
-- What a listener heard stands side by side, and is told without a look at the table where nothing changed since it was cleaned. `born` before
-- `at`: plays that nobody folded in yet stand behind the others of their song and are not met.
CREATE INDEX plays_by_listener ON plays (listener, artist, song, born, at);
-- Equal numbers stand together in it. Where a better index is at hand, `born + 0` keeps this one out: nearly all plays are below the horizon.
CREATE INDEX plays_by_born ON plays (born);
CREATE INDEX plays_by_time ON plays (at);

CREATE SEQUENCE payment_keys;
CREATE TABLE payments (
    artist integer NOT NULL,
    key bigint NOT NULL DEFAULT nextval('payment_keys'),
    chain_id bigint NOT NULL,
    block bigint NOT NULL,
    block_time bigint NOT NULL,
    tx text NOT NULL,
    log_index integer NOT NULL,
    item integer NOT NULL,
    listener integer NOT NULL,
    payee bigint NOT NULL,
    song bigint,
    strategy smallint NOT NULL DEFAULT 0,
    type text NOT NULL,
    count bigint NOT NULL,
    gross numeric(78, 0) NOT NULL,
    fee numeric(78, 0) NOT NULL,
    net numeric(78, 0) NOT NULL CHECK (net = gross - fee),
    xid bigint NOT NULL DEFAULT current_xid(),
    PRIMARY KEY (artist, key),
    UNIQUE (artist, chain_id, block, log_index, item)
);
CREATE INDEX payments_feed ON payments (artist, xid, key);
CREATE INDEX payments_by_block ON payments (chain_id, block);
CREATE INDEX payments_by_song ON payments (song, listener);
CREATE INDEX payments_by_xid ON payments (xid);
CREATE INDEX payments_by_listener ON payments (listener, artist);

CREATE SEQUENCE payout_keys;
CREATE TABLE payouts (
    artist integer NOT NULL,
    key bigint NOT NULL DEFAULT nextval('payout_keys'),
    chain_id bigint NOT NULL,
    block bigint NOT NULL,
    block_time bigint NOT NULL,
    tx text NOT NULL,
    log_index integer NOT NULL,
    item integer NOT NULL,
    payee bigint NOT NULL,
    recipient integer NOT NULL,
    amount numeric(78, 0) NOT NULL,
    deferred boolean NOT NULL,
    xid bigint NOT NULL DEFAULT current_xid(),
    PRIMARY KEY (artist, key),
    UNIQUE (artist, chain_id, block, log_index, item)
);
CREATE INDEX payouts_feed ON payouts (artist, xid, key);
CREATE INDEX payouts_by_block ON payouts (chain_id, block);

CREATE SEQUENCE split_keys;
CREATE TABLE splits (
    artist integer NOT NULL,
    key bigint NOT NULL DEFAULT nextval('split_keys'),
    chain_id bigint NOT NULL,
    block bigint NOT NULL,
    block_time bigint NOT NULL,
    tx text NOT NULL,
    log_index integer NOT NULL,
    payee bigint NOT NULL,
    split_hash text NOT NULL,
    fee_bps integer NOT NULL,
    locked boolean NOT NULL DEFAULT false,
    shares jsonb NOT NULL,
    xid bigint NOT NULL DEFAULT current_xid(),
    PRIMARY KEY (artist, key),
    UNIQUE (artist, chain_id, payee, split_hash)
);
CREATE INDEX splits_feed ON splits (artist, xid, key);

CREATE SEQUENCE subscription_keys;
CREATE TABLE subscriptions (
    artist integer NOT NULL,
    key bigint NOT NULL DEFAULT nextval('subscription_keys'),
    chain_id bigint NOT NULL,
    block bigint NOT NULL,
    block_time bigint NOT NULL,
    tx text NOT NULL,
    log_index integer NOT NULL,
    song bigint NOT NULL,
    patron integer NOT NULL,
    started_at bigint NOT NULL,
    paid_through bigint NOT NULL,
    price numeric(78, 0) NOT NULL,
    periods integer NOT NULL,
    auto_renew boolean NOT NULL,
    state text NOT NULL,
    reason text NOT NULL DEFAULT '',
    xid bigint NOT NULL DEFAULT current_xid(),
    PRIMARY KEY (artist, key),
    UNIQUE (artist, chain_id, song, patron)
);
CREATE INDEX subscriptions_feed ON subscriptions (artist, xid, key);

CREATE SEQUENCE auction_keys;
CREATE TABLE auctions (
    artist integer NOT NULL,
    key bigint NOT NULL DEFAULT nextval('auction_keys'),
    chain_id bigint NOT NULL,
    block bigint NOT NULL,
    block_time bigint NOT NULL,
    tx text NOT NULL,
    log_index integer NOT NULL,
    auction bigint NOT NULL,
    song bigint NOT NULL,
    start_price numeric(78, 0) NOT NULL,
    end_price numeric(78, 0) NOT NULL,
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    supply bigint NOT NULL,
    sold bigint NOT NULL,
    per_wallet bigint NOT NULL,
    closed boolean NOT NULL,
    xid bigint NOT NULL DEFAULT current_xid(),
    PRIMARY KEY (artist, key),
    UNIQUE (artist, chain_id, auction)
);
CREATE INDEX auctions_feed ON auctions (artist, xid, key);

CREATE SEQUENCE retraction_keys;
CREATE TABLE retractions (
    artist integer NOT NULL,
    key bigint NOT NULL DEFAULT nextval('retraction_keys'),
    of_kind text NOT NULL,
    keys bigint[] NOT NULL,
    xid bigint NOT NULL DEFAULT current_xid(),
    PRIMARY KEY (artist, key)
);
CREATE INDEX retractions_feed ON retractions (artist, xid, key);

CREATE TABLE uploads (
    artist integer NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    received bigint NOT NULL DEFAULT 0,
    metadata text NOT NULL DEFAULT '',
    cid text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (artist, id)
);
CREATE INDEX uploads_expiry ON uploads (expires_at);

-- `leaves`: digests of each MiB, 32 bytes each, what the CID is made of. Playback compares the bytes it reads with them.
CREATE TABLE objects (
    artist integer NOT NULL,
    cid text NOT NULL,
    content_hash text NOT NULL,
    size bigint NOT NULL,
    container text NOT NULL,
    codec text NOT NULL,
    duration_ms bigint NOT NULL,
    sample_rate integer NOT NULL,
    channels integer NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    leaves bytea NOT NULL DEFAULT '',
    PRIMARY KEY (artist, cid)
);
CREATE INDEX objects_by_cid ON objects (cid);

CREATE TABLE client_events (
    account integer,
    event text NOT NULL,
    properties jsonb NOT NULL,
    at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX client_events_by_time ON client_events (received_at);

-- What worker processes count, for the API to show: they answer no requests themselves.
CREATE UNLOGGED TABLE process_metrics (
    process text PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    body text NOT NULL
);
