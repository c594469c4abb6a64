-- The one way in. `moment` is the Unix second at which the windows end; it never goes back by itself. Returns the plays folded in.
CREATE FUNCTION analytics_advance(moment bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    state roll_platform;
    upto bigint;
    folded bigint;
BEGIN
    PERFORM analytics_begin();
    SELECT * INTO state FROM roll_platform;
    upto := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    IF state.horizon > upto OR (moment < state.as_of - 3600 AND state.horizon > 0) THEN
        PERFORM analytics_reset();
        SELECT * INTO state FROM roll_platform;
    END IF;
    IF state.as_of = 0 THEN
        state.as_of := moment;
    END IF;
    PERFORM analytics_songs(upto, state.as_of);
    PERFORM analytics_payments(upto, state.as_of);
    folded := analytics_plays(state.horizon, upto, state.as_of);
    PERFORM analytics_leave(upto, state.as_of, greatest(moment, state.as_of));
    UPDATE roll_genre r SET rank = t.rank
        FROM (
            SELECT genre, CASE WHEN shown THEN rank() OVER (PARTITION BY shown ORDER BY plays DESC) ELSE 0 END AS rank
            FROM (SELECT genre, plays, name <> '' AND (songs > 0 OR plays > 0 OR earnings > 0) AS shown FROM roll_genre) g
        ) t WHERE t.genre = r.genre AND t.rank <> r.rank;
    UPDATE roll_platform SET horizon = upto, refreshed = clock_timestamp();
    RETURN folded;
END $$;

-- Begins anew: for a chain that was set back in time, for rows that came from another server by a dump (their transactions mean nothing
-- here), or after rows were changed by hand.
CREATE FUNCTION analytics_reset() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE plays SET born = 0 WHERE born > pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    LOCK TABLE songs, payments, paid_plays, queue_songs, queue_payments IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM queue_songs;
    DELETE FROM queue_payments;
    TRUNCATE roll_genre, roll_song, roll_artist, roll_listener, roll_genre_heard, roll_genre_artist, roll_song_day, roll_song_week, roll_platform, roll_day,
        roll_artist_day, roll_way_day, roll_listener_day, roll_gap;
    INSERT INTO roll_platform DEFAULT VALUES;
    INSERT INTO queue_songs (song) SELECT id FROM songs;
    INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, strategy)
        SELECT 1, artist, song, listener, block_time, gross, net, strategy FROM payments WHERE type <> 'reward';
    INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, part)
        SELECT 1, artist, song, listener, at, amount, net, true FROM paid_plays WHERE song IS NOT NULL;
    UPDATE queue_songs SET xid = 0;
    UPDATE queue_payments SET xid = 0;
END $$;

-- What was written before is counted, too.
SELECT analytics_reset();
