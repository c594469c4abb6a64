-- What the contracts said, what listeners signed, and what the node signs itself.

-- The indexer: blocks it stood on, the events themselves, and the state of each thing after every event that changed it.
CREATE TABLE chain_blocks (
    chain_id bigint NOT NULL,
    number bigint NOT NULL,
    hash text NOT NULL,
    at bigint NOT NULL,
    PRIMARY KEY (chain_id, number)
);

CREATE TABLE chain_events (
    chain_id bigint NOT NULL,
    block bigint NOT NULL,
    log_index integer NOT NULL,
    block_time bigint NOT NULL,
    tx text NOT NULL,
    contract text NOT NULL,
    name text NOT NULL,
    arguments jsonb NOT NULL,
    PRIMARY KEY (chain_id, block, log_index)
);
CREATE INDEX chain_events_by_name ON chain_events (chain_id, name, block);

CREATE TABLE chain_states (
    chain_id bigint NOT NULL,
    entity text NOT NULL,
    block bigint NOT NULL,
    log_index integer NOT NULL,
    state jsonb NOT NULL,
    PRIMARY KEY (chain_id, entity, block, log_index)
);
CREATE INDEX chain_states_by_block ON chain_states (chain_id, block);

CREATE TABLE chain_heads (
    chain_id bigint PRIMARY KEY,
    indexed bigint NOT NULL,
    indexed_at bigint NOT NULL,
    head bigint NOT NULL,
    head_at bigint NOT NULL,
    ledger text NOT NULL,
    reorganisations bigint NOT NULL DEFAULT 0,
    deepest bigint NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Why a charge failed is said until it is tried again; `items` is the packed list as it was signed.
CREATE TABLE vouchers (
    listener integer NOT NULL,
    nonce numeric(78, 0) NOT NULL,
    chain_id bigint NOT NULL,
    digest text NOT NULL,
    payload jsonb NOT NULL,
    signature text NOT NULL,
    total numeric(78, 0) NOT NULL,
    plays_hash text NOT NULL,
    expires_at bigint NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    reason text NOT NULL DEFAULT '',
    tx text,
    block bigint,
    received_at timestamptz NOT NULL DEFAULT now(),
    items bytea NOT NULL DEFAULT '',
    signer text NOT NULL DEFAULT '',
    batch bigint,
    tried_at timestamptz,
    PRIMARY KEY (listener, nonce)
);
CREATE INDEX vouchers_waiting ON vouchers (chain_id, received_at) WHERE state IN ('pending', 'submitted');
CREATE INDEX vouchers_by_batch ON vouchers (batch) WHERE batch IS NOT NULL;

-- What a settled voucher pays of its listener's plays: song by song where the node holds the list, else an account's songs together.
-- A voucher pays accounts; the song-by-song list behind it says for which songs. `net` is a line's amount less its part of the fee of the
-- account's item: the fee is rounded down once an item and divided among its songs, ids ascending, by cumulative rounding.
CREATE TABLE paid_plays (
    listener integer NOT NULL,
    nonce numeric(20, 0) NOT NULL,
    position integer NOT NULL,
    artist integer NOT NULL,
    payee bigint NOT NULL,
    song bigint,
    count bigint NOT NULL,
    amount numeric(78, 0) NOT NULL,
    at bigint NOT NULL,
    net numeric(78, 0) NOT NULL,
    PRIMARY KEY (listener, nonce, position)
);
COMMENT ON COLUMN paid_plays.at IS 'Unix second of the block that charged it';
CREATE INDEX paid_plays_by_song ON paid_plays (song, listener) WHERE song IS NOT NULL;
CREATE INDEX paid_plays_by_payee ON paid_plays (payee, listener) WHERE song IS NULL;

-- The same for the feed: which songs a payment of type `voucher` was for, where the node holds the list behind it. The payment stands in the
-- same place on the chain; both come and go together, so the feed reads the rest there.
CREATE SEQUENCE voucher_song_keys;
CREATE TABLE voucher_songs (
    artist integer NOT NULL,
    key bigint NOT NULL DEFAULT nextval('voucher_song_keys'),
    chain_id bigint NOT NULL,
    block bigint NOT NULL,
    log_index integer NOT NULL,
    item integer NOT NULL,
    song bigint NOT NULL,
    count bigint NOT NULL,
    gross numeric(78, 0) NOT NULL,
    net numeric(78, 0) NOT NULL,
    xid bigint NOT NULL DEFAULT current_xid(),
    PRIMARY KEY (artist, key),
    UNIQUE (artist, chain_id, block, log_index, item, song)
);
COMMENT ON COLUMN voucher_songs.artist IS 'whose payment it is part of, which need not be who owns the song now';
CREATE INDEX voucher_songs_feed ON voucher_songs (artist, xid, key);
CREATE INDEX voucher_songs_by_block ON voucher_songs (chain_id, block);

-- One settling transaction by its place in the settler's line. Written with its signed bytes before it is sent, so that a restart sends
-- the same one again and never another.
CREATE TABLE settle_batches (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain_id bigint NOT NULL,
    sender text NOT NULL,
    nonce bigint NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'mined', 'final', 'lost')),
    vouchers integer NOT NULL,
    block bigint,
    tx text,
    made_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX settle_batches_in_line ON settle_batches (chain_id, sender, nonce) WHERE state <> 'lost';

-- The signed forms of a batch: the first, and those with a higher fee.
CREATE TABLE settle_sends (
    batch bigint NOT NULL,
    attempt integer NOT NULL,
    tx text NOT NULL,
    raw bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (batch, attempt)
);
CREATE INDEX settle_sends_by_tx ON settle_sends (tx);

-- Listens of gift songs, as the attestor signed them last. A row is asked for by whoever listened, and answered by the one worker that has
-- the key: `signed_at` before `asked_at` is a question that waits.
CREATE TABLE attestations (
    song bigint NOT NULL,
    listener integer NOT NULL,
    chain_id bigint NOT NULL,
    asked_at timestamptz NOT NULL,
    signed_at timestamptz,
    listens bigint NOT NULL DEFAULT 0,
    deadline bigint NOT NULL DEFAULT 0,
    signature text NOT NULL DEFAULT '',
    PRIMARY KEY (song, listener, chain_id)
);
CREATE INDEX attestations_waiting ON attestations (chain_id, asked_at) WHERE signed_at IS NULL OR signed_at < asked_at;

-- Who counts listens of a song, since when it is a gift, and whose it was.
CREATE INDEX chain_events_of_songs ON chain_events (chain_id, (arguments ->> 'song_id'), name, block, log_index)
    WHERE name IN ('GiftConfigured', 'SongTransferred');
