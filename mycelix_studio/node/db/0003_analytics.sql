-- Analytics over incremental rollups. analytics_advance(now) folds in whatever was committed since the last time and moves the windows of 1, 7
-- and 30 days on; the six views (0004) read what it keeps. Everything below the oldest running transaction is final (see 0001), so a play is
-- found once by the transaction that wrote it first (`born`), and a changed song or payment by the queue its trigger fills.

ALTER TABLE plays ADD COLUMN born bigint NOT NULL DEFAULT current_xid();
COMMENT ON COLUMN plays.born IS 'transaction that wrote the row first; xid is the one that wrote it last';
CREATE INDEX plays_by_born ON plays USING brin (born) WITH (pages_per_range = 16, autosummarize = on);
CREATE INDEX plays_by_time ON plays (at);

CREATE TABLE roll_genre (
    genre integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    songs bigint NOT NULL DEFAULT 0,
    artists bigint NOT NULL DEFAULT 0,
    plays bigint NOT NULL DEFAULT 0,
    listeners bigint NOT NULL DEFAULT 0,
    earnings numeric(78, 0) NOT NULL DEFAULT 0,
    plays_7 bigint NOT NULL DEFAULT 0
);

-- What was folded in of each song: its place in the catalogue as last seen, and its figures.
CREATE TABLE roll_song (
    song bigint PRIMARY KEY,
    owner integer NOT NULL,
    genre integer NOT NULL,
    strategy smallint NOT NULL,
    visible boolean NOT NULL,
    created bigint NOT NULL,
    plays bigint NOT NULL DEFAULT 0,
    listeners bigint NOT NULL DEFAULT 0,
    seconds bigint NOT NULL DEFAULT 0,
    earnings numeric(78, 0) NOT NULL DEFAULT 0,
    first bigint,
    last bigint,
    plays_1 bigint NOT NULL DEFAULT 0,
    plays_7 bigint NOT NULL DEFAULT 0,
    plays_30 bigint NOT NULL DEFAULT 0,
    listeners_7 bigint NOT NULL DEFAULT 0,
    earnings_7 numeric(78, 0) NOT NULL DEFAULT 0,
    trending bigint GENERATED ALWAYS AS (10 * plays_1 + 5 * plays_7 + plays_30) STORED
) WITH (fillfactor = 70);
CREATE INDEX roll_song_by_trend ON roll_song (trending DESC, song) WHERE visible;
CREATE INDEX roll_song_by_plays ON roll_song (plays DESC, song) WHERE visible;
CREATE INDEX songs_by_age ON songs (created_at);

CREATE TABLE roll_artist (
    artist integer PRIMARY KEY,
    songs bigint NOT NULL DEFAULT 0,
    plays bigint NOT NULL DEFAULT 0,
    listeners bigint NOT NULL DEFAULT 0,
    earnings numeric(78, 0) NOT NULL DEFAULT 0,
    last bigint,
    plays_7 bigint NOT NULL DEFAULT 0,
    plays_30 bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 70);
CREATE INDEX roll_artist_by_plays ON roll_artist (plays DESC, artist);

CREATE TABLE roll_listener (
    listener integer PRIMARY KEY,
    plays bigint NOT NULL DEFAULT 0,
    songs bigint NOT NULL DEFAULT 0,
    artists bigint NOT NULL DEFAULT 0,
    spent numeric(78, 0) NOT NULL DEFAULT 0,
    first bigint,
    last bigint,
    plays_7 bigint NOT NULL DEFAULT 0,
    plays_30 bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 80);

-- Who heard what: a new row is a new listener. `last` tells whether the pair is still inside the week.
CREATE TABLE roll_song_listener (
    song bigint NOT NULL,
    listener integer NOT NULL,
    plays bigint NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (listener, song)
) WITH (fillfactor = 80);
CREATE INDEX roll_song_listener_by_song ON roll_song_listener (song);
CREATE TABLE roll_artist_listener (
    artist integer NOT NULL,
    listener integer NOT NULL,
    PRIMARY KEY (artist, listener)
);
CREATE TABLE roll_genre_listener (
    genre integer NOT NULL,
    listener integer NOT NULL,
    PRIMARY KEY (genre, listener)
);
CREATE TABLE roll_genre_artist (
    genre integer NOT NULL,
    artist integer NOT NULL,
    songs bigint NOT NULL,
    PRIMARY KEY (genre, artist)
);
CREATE TABLE roll_song_day (
    song bigint NOT NULL,
    day integer NOT NULL,
    plays bigint NOT NULL DEFAULT 0,
    seconds bigint NOT NULL DEFAULT 0,
    earnings numeric(78, 0) NOT NULL DEFAULT 0,
    PRIMARY KEY (song, day)
) WITH (fillfactor = 80);
COMMENT ON COLUMN roll_song_day.day IS 'days since 1970-01-01, UTC';

-- Earnings inside the week, to be taken out again when they leave it.
CREATE TABLE roll_song_week (
    at bigint NOT NULL,
    song bigint NOT NULL,
    net numeric(78, 0) NOT NULL,
    PRIMARY KEY (at, song)
);

CREATE TABLE roll_platform (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    horizon bigint NOT NULL DEFAULT 0,
    as_of bigint NOT NULL DEFAULT 0,
    refreshed timestamptz NOT NULL DEFAULT now(),
    artists bigint NOT NULL DEFAULT 0,
    songs bigint NOT NULL DEFAULT 0,
    plays bigint NOT NULL DEFAULT 0,
    listeners bigint NOT NULL DEFAULT 0,
    payments bigint NOT NULL DEFAULT 0,
    volume numeric(78, 0) NOT NULL DEFAULT 0,
    revenue numeric(78, 0) NOT NULL DEFAULT 0,
    songs_by_strategy bigint[] NOT NULL DEFAULT '{0,0,0,0}',
    plays_1 bigint NOT NULL DEFAULT 0,
    plays_7 bigint NOT NULL DEFAULT 0,
    plays_30 bigint NOT NULL DEFAULT 0,
    songs_7 bigint NOT NULL DEFAULT 0,
    songs_30 bigint NOT NULL DEFAULT 0
);
INSERT INTO roll_platform DEFAULT VALUES;
COMMENT ON COLUMN roll_platform.horizon IS 'transactions below it are folded in';
COMMENT ON COLUMN roll_platform.as_of IS 'Unix second at which the windows end';

CREATE TABLE queue_songs (song bigint NOT NULL, xid bigint NOT NULL DEFAULT current_xid());
CREATE TABLE queue_payments (
    sign smallint NOT NULL,
    artist integer NOT NULL,
    song bigint,
    listener integer NOT NULL,
    at bigint NOT NULL,
    gross numeric(78, 0) NOT NULL,
    net numeric(78, 0) NOT NULL,
    xid bigint NOT NULL DEFAULT current_xid()
);

CREATE FUNCTION queue_song() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO queue_songs (song) VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END);
    RETURN NULL;
END $$;
CREATE TRIGGER songs_made AFTER INSERT OR DELETE ON songs FOR EACH ROW EXECUTE FUNCTION queue_song();
CREATE TRIGGER songs_changed AFTER UPDATE ON songs FOR EACH ROW
    WHEN ((OLD.owner, OLD.genre, OLD.strategy, OLD.listed, OLD.deleted_at IS NULL) IS DISTINCT FROM
          (NEW.owner, NEW.genre, NEW.strategy, NEW.listed, NEW.deleted_at IS NULL))
    EXECUTE FUNCTION queue_song();

-- Rewards come out of the artist's own budget: neither earnings nor spending.
CREATE FUNCTION queue_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.type <> 'reward' THEN
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net)
        VALUES (-1, OLD.artist, OLD.song, OLD.listener, OLD.block_time, OLD.gross, OLD.net);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.type <> 'reward' THEN
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net)
        VALUES (1, NEW.artist, NEW.song, NEW.listener, NEW.block_time, NEW.gross, NEW.net);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payments_made AFTER INSERT OR DELETE ON payments FOR EACH ROW EXECUTE FUNCTION queue_payment();
CREATE TRIGGER payments_changed AFTER UPDATE OF artist, song, listener, block_time, gross, net, type ON payments
    FOR EACH ROW EXECUTE FUNCTION queue_payment();

INSERT INTO queue_songs (song) SELECT id FROM songs;
INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net)
    SELECT 1, artist, song, listener, block_time, gross, net FROM payments WHERE type <> 'reward';

CREATE FUNCTION strategy_place(strategy smallint) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE strategy WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 4 THEN 3 WHEN 8 THEN 4 END $$;

CREATE FUNCTION strategy_name(strategy smallint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['pay-per-stream', 'gift-economy', 'patronage', 'auction'])[strategy_place(strategy)] $$;

-- Songs that came, went, changed hands, genre or strategy since the last time. `made` is the old end of the windows.
CREATE FUNCTION analytics_songs(upto bigint, made bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    changed bigint[];
    moved bigint[];
    origin integer[];
BEGIN
    WITH gone AS (DELETE FROM queue_songs WHERE xid < upto RETURNING song) SELECT array_agg(DISTINCT song) INTO changed FROM gone;
    IF changed IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO roll_genre (name) SELECT DISTINCT genre FROM songs WHERE id = ANY (changed) ON CONFLICT DO NOTHING;
    SELECT array_agg(r.song), array_agg(r.genre) INTO moved, origin
        FROM roll_song r JOIN songs s ON s.id = r.song JOIN roll_genre g ON g.name = s.genre
        WHERE r.song = ANY (changed) AND g.genre <> r.genre;
    WITH diff AS MATERIALIZED (
        SELECT c.song, r.owner AS old_owner, r.genre AS old_genre, r.strategy AS old_strategy, coalesce(r.visible, false) AS old_visible,
               coalesce(s.owner, r.owner) AS owner, coalesce(g.genre, r.genre) AS genre, coalesce(s.strategy, r.strategy) AS strategy,
               coalesce(s.listed AND s.deleted_at IS NULL, false) AS visible,
               coalesce(floor(extract(epoch FROM s.created_at))::bigint, r.created) AS created,
               r.plays, r.earnings, r.plays_7
        FROM unnest(changed) AS c (song)
        LEFT JOIN roll_song r ON r.song = c.song LEFT JOIN songs s ON s.id = c.song LEFT JOIN roll_genre g ON g.name = s.genre
        WHERE r.song IS NOT NULL OR s.id IS NOT NULL
    ), steps AS MATERIALIZED (
        SELECT old_owner AS artist, old_genre AS genre, old_strategy AS strategy, created, -1 AS step FROM diff WHERE old_visible
        UNION ALL SELECT owner, genre, strategy, created, 1 FROM diff WHERE visible
    ), keep AS (
        INSERT INTO roll_song AS r (song, owner, genre, strategy, visible, created)
        SELECT song, owner, genre, strategy, visible, created FROM diff
        ON CONFLICT (song) DO UPDATE SET owner = excluded.owner, genre = excluded.genre, strategy = excluded.strategy,
            visible = excluded.visible, created = excluded.created
    ), artist AS MATERIALIZED (
        SELECT t.artist, t.step, coalesce(r.songs, 0) AS before
        FROM (SELECT artist, sum(step) AS step FROM steps GROUP BY artist) t LEFT JOIN roll_artist r USING (artist)
    ), keep_artist AS (
        INSERT INTO roll_artist AS r (artist, songs) SELECT artist, step FROM artist
        ON CONFLICT (artist) DO UPDATE SET songs = r.songs + excluded.songs
    ), pair AS MATERIALIZED (
        SELECT t.genre, t.artist, t.step, coalesce(r.songs, 0) AS before
        FROM (SELECT genre, artist, sum(step) AS step FROM steps GROUP BY genre, artist) t
        LEFT JOIN roll_genre_artist r USING (genre, artist)
    ), keep_pair AS (
        INSERT INTO roll_genre_artist AS r (genre, artist, songs) SELECT genre, artist, step FROM pair
        ON CONFLICT (genre, artist) DO UPDATE SET songs = r.songs + excluded.songs
    ), genre AS (
        SELECT genre, sum(songs) AS songs, sum(artists) AS artists, sum(plays) AS plays, sum(earnings) AS earnings, sum(plays_7) AS plays_7
        FROM (
            SELECT genre, step AS songs, (before + step > 0)::int - (before > 0)::int AS artists, 0 AS plays, 0 AS earnings, 0 AS plays_7
            FROM pair
            UNION ALL SELECT old_genre, 0, 0, -plays, -earnings, -plays_7 FROM diff WHERE old_genre <> genre
            UNION ALL SELECT genre, 0, 0, plays, earnings, plays_7 FROM diff WHERE old_genre <> genre
        ) t GROUP BY genre
    ), keep_genre AS (
        UPDATE roll_genre r SET songs = r.songs + t.songs, artists = r.artists + t.artists, plays = r.plays + t.plays,
            earnings = r.earnings + t.earnings, plays_7 = r.plays_7 + t.plays_7
        FROM genre t WHERE t.genre = r.genre
    ), strategy AS (
        SELECT array_agg(before + step ORDER BY place) AS counts FROM (
            SELECT p.place, p.before,
                   coalesce((SELECT sum(step) FROM steps WHERE strategy_place(strategy) = p.place), 0)::bigint AS step
            FROM roll_platform, unnest(songs_by_strategy) WITH ORDINALITY AS p (before, place)
        ) t
    )
    UPDATE roll_platform SET
        songs = songs + (SELECT coalesce(sum(step), 0) FROM steps),
        artists = artists + (SELECT coalesce(sum((before + step > 0)::int - (before > 0)::int), 0) FROM artist),
        songs_7 = songs_7 + (SELECT coalesce(sum(step), 0) FROM steps WHERE created > made - 7 * 86400),
        songs_30 = songs_30 + (SELECT coalesce(sum(step), 0) FROM steps WHERE created > made - 30 * 86400),
        songs_by_strategy = (SELECT counts FROM strategy);
    IF moved IS NULL THEN
        RETURN;
    END IF;
    WITH came AS (
        INSERT INTO roll_genre_listener (genre, listener)
        SELECT r.genre, l.listener FROM roll_song r JOIN roll_song_listener l USING (song) WHERE r.song = ANY (moved)
        ON CONFLICT DO NOTHING RETURNING genre
    )
    UPDATE roll_genre r SET listeners = r.listeners + t.count
        FROM (SELECT genre, count(*) FROM came GROUP BY genre) t WHERE t.genre = r.genre;
    WITH left_ AS (
        DELETE FROM roll_genre_listener g
        USING unnest(moved, origin) AS m (song, genre), roll_song_listener l
        WHERE l.song = m.song AND g.genre = m.genre AND g.listener = l.listener AND NOT EXISTS (
            SELECT 1 FROM roll_song_listener o JOIN roll_song r ON r.song = o.song WHERE o.listener = l.listener AND r.genre = m.genre
        ) RETURNING g.genre
    )
    UPDATE roll_genre r SET listeners = r.listeners - t.count
        FROM (SELECT genre, count(*) FROM left_ GROUP BY genre) t WHERE t.genre = r.genre;
END $$;

-- Payments that came or, by a reorganisation, went.
CREATE FUNCTION analytics_payments(upto bigint, made bigint) RETURNS void LANGUAGE sql AS $$
    WITH gone AS (
        DELETE FROM queue_payments WHERE xid < upto RETURNING sign, artist, song, listener, at, gross, net
    ), keep_artist AS (
        INSERT INTO roll_artist AS r (artist, earnings) SELECT artist, sum(sign * net) FROM gone GROUP BY artist
        ON CONFLICT (artist) DO UPDATE SET earnings = r.earnings + excluded.earnings
    ), keep_listener AS (
        INSERT INTO roll_listener AS r (listener, spent) SELECT listener, sum(sign * gross) FROM gone GROUP BY listener
        ON CONFLICT (listener) DO UPDATE SET spent = r.spent + excluded.spent
    ), keep_song AS (
        UPDATE roll_song r SET earnings = r.earnings + t.net, earnings_7 = r.earnings_7 + t.week
        FROM (
            SELECT song, sum(sign * net) AS net, coalesce(sum(sign * net) FILTER (WHERE at > made - 7 * 86400), 0) AS week
            FROM gone WHERE song IS NOT NULL GROUP BY song
        ) t WHERE t.song = r.song
    ), keep_genre AS (
        UPDATE roll_genre r SET earnings = r.earnings + t.net
        FROM (SELECT s.genre, sum(q.sign * q.net) AS net FROM gone q JOIN roll_song s USING (song) GROUP BY s.genre) t
        WHERE t.genre = r.genre
    ), keep_day AS (
        INSERT INTO roll_song_day AS r (song, day, earnings)
        SELECT song, at / 86400, sum(sign * net) FROM gone WHERE song IS NOT NULL GROUP BY 1, 2
        ON CONFLICT (song, day) DO UPDATE SET earnings = r.earnings + excluded.earnings
    ), keep_week AS (
        INSERT INTO roll_song_week AS r (at, song, net)
        SELECT at, song, sum(sign * net) FROM gone WHERE song IS NOT NULL AND at > made - 7 * 86400 GROUP BY 1, 2
        ON CONFLICT (at, song) DO UPDATE SET net = r.net + excluded.net
    )
    UPDATE roll_platform SET payments = payments + t.count, volume = volume + t.gross, revenue = revenue + t.net
        FROM (SELECT sum(sign) AS count, sum(sign * gross) AS gross, sum(sign * net) AS net FROM gone) t WHERE t.count IS NOT NULL;
$$;

-- Plays first written by transactions from `since` to below `upto`, whatever moment they are of. Nobody else writes these tables, so what is
-- there and what is new is known before: plain inserts in the order of the keys cost half of ON CONFLICT.
CREATE FUNCTION analytics_plays(since bigint, upto bigint, made bigint) RETURNS bigint LANGUAGE sql AS $$
    WITH fresh AS MATERIALIZED (
        SELECT p.artist, p.song, p.listener, p.at, p.seconds, s.genre,
               (p.at > made - 86400)::int AS d1, (p.at > made - 7 * 86400)::int AS d7, (p.at > made - 30 * 86400)::int AS d30
        FROM plays p JOIN roll_song s ON s.song = p.song WHERE p.born >= since AND p.born < upto
    ), pair AS MATERIALIZED (
        SELECT t.song, t.listener, t.genre, t.count, t.last, o.last AS before
        FROM (SELECT song, listener, genre, count(*), max(at) AS last FROM fresh GROUP BY song, listener, genre ORDER BY listener, song) t
        LEFT JOIN roll_song_listener o ON o.song = t.song AND o.listener = t.listener
    ), new_pair AS (
        INSERT INTO roll_song_listener (song, listener, plays, last)
        SELECT song, listener, count, last FROM pair WHERE before IS NULL ORDER BY listener, song
    ), old_pair AS (
        UPDATE roll_song_listener r SET plays = r.plays + t.count, last = greatest(r.last, t.last)
        FROM pair t WHERE t.before IS NOT NULL AND r.song = t.song AND r.listener = t.listener
    ), artist_pair AS (
        INSERT INTO roll_artist_listener (artist, listener)
        SELECT artist, listener FROM (SELECT DISTINCT artist, listener FROM fresh ORDER BY artist, listener) t
        WHERE NOT EXISTS (SELECT 1 FROM roll_artist_listener o WHERE o.artist = t.artist AND o.listener = t.listener)
        ORDER BY artist, listener RETURNING artist, listener
    ), genre_pair AS (
        -- Whoever heard the song before heard its genre.
        INSERT INTO roll_genre_listener (genre, listener)
        SELECT genre, listener FROM (SELECT DISTINCT genre, listener FROM pair WHERE before IS NULL ORDER BY genre, listener) t
        WHERE NOT EXISTS (SELECT 1 FROM roll_genre_listener o WHERE o.genre = t.genre AND o.listener = t.listener)
        ORDER BY genre, listener RETURNING genre
    ), keep_song AS (
        UPDATE roll_song r SET plays = r.plays + t.count, seconds = r.seconds + t.seconds, first = least(r.first, t.first),
            last = greatest(r.last, t.last), plays_1 = r.plays_1 + t.d1, plays_7 = r.plays_7 + t.d7, plays_30 = r.plays_30 + t.d30,
            listeners = r.listeners + t.fresh, listeners_7 = r.listeners_7 + t.week
        FROM (
            SELECT song, sum(count) AS count, sum(seconds) AS seconds, min(first) AS first, max(last) AS last, sum(d1) AS d1, sum(d7) AS d7,
                   sum(d30) AS d30, sum(fresh) AS fresh, sum(week) AS week
            FROM (
                SELECT song, 1 AS count, seconds, at AS first, at AS last, d1, d7, d30, 0 AS fresh, 0 AS week FROM fresh
                UNION ALL SELECT song, 0, 0, NULL, NULL, 0, 0, 0, (before IS NULL)::int,
                                 (last > made - 7 * 86400 AND coalesce(before <= made - 7 * 86400, true))::int FROM pair
            ) x GROUP BY song
        ) t WHERE t.song = r.song
    ), keep_artist AS (
        INSERT INTO roll_artist AS r (artist, plays, listeners, last, plays_7, plays_30)
        SELECT artist, sum(count), sum(listeners), max(last), sum(d7), sum(d30)
        FROM (
            SELECT artist, 1 AS count, 0 AS listeners, at AS last, d7, d30 FROM fresh
            UNION ALL SELECT artist, 0, 1, NULL, 0, 0 FROM artist_pair
        ) t GROUP BY artist
        ON CONFLICT (artist) DO UPDATE SET plays = r.plays + excluded.plays, listeners = r.listeners + excluded.listeners,
            last = greatest(r.last, excluded.last), plays_7 = r.plays_7 + excluded.plays_7, plays_30 = r.plays_30 + excluded.plays_30
    ), keep_genre AS (
        UPDATE roll_genre r SET plays = r.plays + t.count, plays_7 = r.plays_7 + t.d7, listeners = r.listeners + t.listeners
        FROM (
            SELECT genre, sum(count) AS count, sum(d7) AS d7, sum(listeners) AS listeners
            FROM (SELECT genre, 1 AS count, d7, 0 AS listeners FROM fresh UNION ALL SELECT genre, 0, 0, 1 FROM genre_pair) x GROUP BY genre
        ) t WHERE t.genre = r.genre
    ), listener AS MATERIALIZED (
        SELECT t.*, o.plays AS before
        FROM (
            SELECT listener, sum(count) AS count, sum(songs) AS songs, sum(artists) AS artists, min(first) AS first, max(last) AS last,
                   sum(d7) AS d7, sum(d30) AS d30
            FROM (
                SELECT listener, 1 AS count, 0 AS songs, 0 AS artists, at AS first, at AS last, d7, d30 FROM fresh
                UNION ALL SELECT listener, 0, 1, 0, NULL, NULL, 0, 0 FROM pair WHERE before IS NULL
                UNION ALL SELECT listener, 0, 0, 1, NULL, NULL, 0, 0 FROM artist_pair
            ) x GROUP BY listener ORDER BY listener
        ) t LEFT JOIN roll_listener o ON o.listener = t.listener
    ), new_listener AS (
        INSERT INTO roll_listener (listener, plays, songs, artists, first, last, plays_7, plays_30)
        SELECT listener, count, songs, artists, first, last, d7, d30 FROM listener WHERE before IS NULL
    ), old_listener AS (
        UPDATE roll_listener r SET plays = r.plays + t.count, songs = r.songs + t.songs, artists = r.artists + t.artists,
            first = least(r.first, t.first), last = greatest(r.last, t.last), plays_7 = r.plays_7 + t.d7, plays_30 = r.plays_30 + t.d30
        FROM listener t WHERE t.before IS NOT NULL AND r.listener = t.listener
    ), day AS MATERIALIZED (
        SELECT t.song, t.day, t.count, t.seconds, o.plays AS before
        FROM (SELECT song, (at / 86400)::int AS day, count(*), sum(seconds) AS seconds FROM fresh GROUP BY 1, 2 ORDER BY 1, 2) t
        LEFT JOIN roll_song_day o ON o.song = t.song AND o.day = t.day
    ), new_day AS (
        INSERT INTO roll_song_day (song, day, plays, seconds)
        SELECT song, day, count, seconds FROM day WHERE before IS NULL ORDER BY song, day
    ), old_day AS (
        UPDATE roll_song_day r SET plays = r.plays + t.count, seconds = r.seconds + t.seconds
        FROM day t WHERE t.before IS NOT NULL AND r.song = t.song AND r.day = t.day
    ), keep_platform AS (
        UPDATE roll_platform SET plays = plays + t.count, plays_1 = plays_1 + t.d1, plays_7 = plays_7 + t.d7, plays_30 = plays_30 + t.d30,
            listeners = listeners + (SELECT count(*) FROM listener WHERE coalesce(before, 0) = 0)
        FROM (SELECT count(*), sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30 FROM fresh) t WHERE t.count > 0
    )
    SELECT count(*) FROM fresh;
$$;

-- Visible songs made in whole seconds after `since` up to `upto`.
CREATE FUNCTION songs_made(since bigint, upto bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM songs s JOIN roll_song r ON r.song = s.id
    WHERE r.visible AND s.created_at >= to_timestamp(since + 1) AND s.created_at < to_timestamp(upto + 1)
$$;

-- Moves the end of the windows from `made` to `made_now` and takes out what leaves them. Plays from `upto` on were never put in.
CREATE FUNCTION analytics_leave(upto bigint, made bigint, made_now bigint) RETURNS void LANGUAGE sql AS $$
    WITH leaving AS MATERIALIZED (
        SELECT p.artist, p.song, p.listener, 1 AS d1, 0 AS d7, 0 AS d30 FROM plays p
        WHERE p.at > made - 86400 AND p.at <= made_now - 86400 AND p.born < upto
        UNION ALL SELECT p.artist, p.song, p.listener, 0, 1, 0 FROM plays p
        WHERE p.at > made - 7 * 86400 AND p.at <= made_now - 7 * 86400 AND p.born < upto
        UNION ALL SELECT p.artist, p.song, p.listener, 0, 0, 1 FROM plays p
        WHERE p.at > made - 30 * 86400 AND p.at <= made_now - 30 * 86400 AND p.born < upto
    ), week AS (
        DELETE FROM roll_song_week WHERE at <= made_now - 7 * 86400 RETURNING song, net
    ), song AS MATERIALIZED (
        SELECT song, sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30, sum(listeners) AS listeners, sum(net) AS net FROM (
            SELECT song, sum(d1) AS d1, sum(d7) AS d7, sum(d30) AS d30, 0 AS listeners, 0 AS net FROM leaving GROUP BY song
            UNION ALL SELECT p.song, 0, 0, 0, count(*), 0
            FROM (SELECT DISTINCT song, listener FROM leaving WHERE d7 = 1) p JOIN roll_song_listener l USING (song, listener)
            WHERE l.last <= made_now - 7 * 86400 GROUP BY p.song
            UNION ALL SELECT song, 0, 0, 0, 0, sum(net) FROM week GROUP BY song
        ) t GROUP BY song
    ), keep_song AS (
        UPDATE roll_song r SET plays_1 = r.plays_1 - t.d1, plays_7 = r.plays_7 - t.d7, plays_30 = r.plays_30 - t.d30,
            listeners_7 = r.listeners_7 - t.listeners, earnings_7 = r.earnings_7 - t.net
        FROM song t WHERE t.song = r.song
    ), keep_artist AS (
        UPDATE roll_artist r SET plays_7 = r.plays_7 - t.d7, plays_30 = r.plays_30 - t.d30
        FROM (SELECT artist, sum(d7) AS d7, sum(d30) AS d30 FROM leaving GROUP BY artist) t WHERE t.artist = r.artist
    ), keep_listener AS (
        UPDATE roll_listener r SET plays_7 = r.plays_7 - t.d7, plays_30 = r.plays_30 - t.d30
        FROM (SELECT listener, sum(d7) AS d7, sum(d30) AS d30 FROM leaving GROUP BY listener) t WHERE t.listener = r.listener
    ), keep_genre AS (
        UPDATE roll_genre r SET plays_7 = r.plays_7 - t.d7
        FROM (SELECT s.genre, sum(p.d7) AS d7 FROM song p JOIN roll_song s USING (song) GROUP BY s.genre) t WHERE t.genre = r.genre
    )
    UPDATE roll_platform SET
        plays_1 = plays_1 - t.d1, plays_7 = plays_7 - t.d7, plays_30 = plays_30 - t.d30,
        songs_7 = songs_7 - songs_made(made - 7 * 86400, made_now - 7 * 86400),
        songs_30 = songs_30 - songs_made(made - 30 * 86400, made_now - 30 * 86400),
        as_of = made_now
    FROM (SELECT coalesce(sum(d1), 0) AS d1, coalesce(sum(d7), 0) AS d7, coalesce(sum(d30), 0) AS d30 FROM leaving) t;
$$;

-- Begins anew: for a chain that was set back in time, for rows that came from another server by a dump (their transactions mean nothing
-- here), or after rows were changed by hand.
CREATE FUNCTION analytics_reset() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE plays SET born = 0 WHERE born > pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
    LOCK TABLE songs, payments, queue_songs, queue_payments IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM queue_songs;
    DELETE FROM queue_payments;
    TRUNCATE roll_genre, roll_song, roll_artist, roll_listener, roll_song_listener, roll_artist_listener, roll_genre_listener,
        roll_genre_artist, roll_song_day, roll_song_week, roll_platform;
    INSERT INTO roll_platform DEFAULT VALUES;
    INSERT INTO queue_songs (song) SELECT id FROM songs;
    INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net)
        SELECT 1, artist, song, listener, block_time, gross, net FROM payments WHERE type <> 'reward';
    UPDATE queue_songs SET xid = 0;
    UPDATE queue_payments SET xid = 0;
END $$;

-- The one way in. `moment` is the Unix second at which the windows end; it never goes back by itself. Returns the plays folded in.
CREATE FUNCTION analytics_advance(moment bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    state roll_platform;
    upto bigint;
    folded bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(28025, 11);
    -- What is lost with the machine is folded in again: the horizon is written with the figures.
    PERFORM set_config('synchronous_commit', 'off', true);
    -- Every join here is from few rows into a large table by its key. Statistics of tables that were just filled would say otherwise.
    PERFORM set_config('enable_seqscan', 'off', true);
    PERFORM set_config('enable_hashjoin', 'off', true);
    PERFORM set_config('enable_mergejoin', 'off', true);
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
    UPDATE roll_platform SET horizon = upto, refreshed = clock_timestamp();
    RETURN folded;
END $$;
