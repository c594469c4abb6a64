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
