-- Vouchers and what they pay, and the settler's transactions.

-- Why a charge failed is said until it is tried again; `items` is the packed list as it was signed.
ALTER TABLE vouchers ADD COLUMN items bytea NOT NULL DEFAULT '';
ALTER TABLE vouchers ADD COLUMN signer text NOT NULL DEFAULT '';
ALTER TABLE vouchers ADD COLUMN batch bigint;
ALTER TABLE vouchers ADD COLUMN tried_at timestamptz;
CREATE INDEX vouchers_by_batch ON vouchers (batch) WHERE batch IS NOT NULL;

-- What a settled voucher pays of its listener's plays: song by song where the node holds the list, else an account's songs together.
CREATE TABLE paid_plays (
    listener integer NOT NULL,
    nonce numeric(20, 0) NOT NULL,
    position integer NOT NULL,
    artist integer NOT NULL,
    payee bigint NOT NULL,
    song bigint,
    count bigint NOT NULL,
    amount numeric(78, 0) NOT NULL,
    PRIMARY KEY (listener, nonce, position)
);
CREATE INDEX paid_plays_by_song ON paid_plays (song, listener) WHERE song IS NOT NULL;
CREATE INDEX paid_plays_by_payee ON paid_plays (payee, listener) WHERE song IS NULL;

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
