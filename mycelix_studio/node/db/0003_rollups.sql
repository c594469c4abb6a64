-- Analytics over incremental rollups. analytics_advance(now) folds in whatever was committed since the last time and moves the windows of 1, 7
-- and 30 days on; the six views (0004) read what it keeps. Everything below the oldest running transaction is final (see 0001), so a play is
-- found once by the transaction that wrote it first (`born`), and a changed song or payment by the queue its trigger fills.

CREATE FUNCTION strategy_place(strategy smallint) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE strategy WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 4 THEN 3 WHEN 8 THEN 4 END $$;

CREATE FUNCTION strategy_name(strategy smallint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT (ARRAY['pay-per-stream', 'gift-economy', 'patronage', 'auction'])[strategy_place(strategy)] $$;

-- Steps of a quarter of the logarithm: an index on them moves with few plays. It never falls where its argument rises, so that ordering by it
-- first changes no order.
CREATE FUNCTION size_step(figure bigint) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(4 * ln(1.0::float8 + figure))::smallint $$;

CREATE TABLE roll_genre (
    genre integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,
    songs bigint NOT NULL DEFAULT 0,
    artists bigint NOT NULL DEFAULT 0,
    plays bigint NOT NULL DEFAULT 0,
    listeners bigint NOT NULL DEFAULT 0,
    earnings numeric(78, 0) NOT NULL DEFAULT 0,
    plays_7 bigint NOT NULL DEFAULT 0,
    rank bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN roll_genre.rank IS 'by plays, among the genres that have a name and anything to tell; 0 for others';

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
    trending bigint GENERATED ALWAYS AS (10 * plays_1 + 5 * plays_7 + plays_30) STORED,
    handed boolean NOT NULL DEFAULT false,
    plays_step smallint GENERATED ALWAYS AS (size_step(plays)) STORED,
    trend_step smallint GENERATED ALWAYS AS (size_step(10 * plays_1 + 5 * plays_7 + plays_30)) STORED
) WITH (fillfactor = 70);
CREATE INDEX roll_song_by_trend ON roll_song (trend_step DESC) WHERE visible;
CREATE INDEX roll_song_by_plays ON roll_song (plays_step DESC) WHERE visible;

CREATE TABLE roll_artist (
    artist integer PRIMARY KEY,
    songs bigint NOT NULL DEFAULT 0,
    plays bigint NOT NULL DEFAULT 0,
    listeners bigint NOT NULL DEFAULT 0,
    earnings numeric(78, 0) NOT NULL DEFAULT 0,
    last bigint,
    plays_7 bigint NOT NULL DEFAULT 0,
    plays_30 bigint NOT NULL DEFAULT 0,
    plays_step smallint GENERATED ALWAYS AS (size_step(plays)) STORED
) WITH (fillfactor = 70);
CREATE INDEX roll_artist_by_plays ON roll_artist (plays_step DESC);

CREATE TABLE roll_listener (
    listener integer PRIMARY KEY,
    spent numeric(78, 0) NOT NULL DEFAULT 0
) WITH (fillfactor = 80);
COMMENT ON TABLE roll_listener IS 'who paid';

-- Who heard a genre; genre 0 is anything at all. A bit for each of 512 accounts of successive numbers: as rows it was a hundred times as much, of
-- which a fold looks at any part. Which songs a listener heard, and of whom, the index of the plays tells.
CREATE TABLE roll_genre_heard (
    genre integer NOT NULL,
    block integer NOT NULL,
    heard bit(512) NOT NULL,
    PRIMARY KEY (genre, block)
) WITH (fillfactor = 50);
COMMENT ON COLUMN roll_genre_heard.block IS 'numbers of its accounts, divided by 512';

CREATE FUNCTION heard_bit(listener integer) RETURNS bit LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT set_bit(0::bit(512), listener & 511, 1) $$;

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
    tips numeric(78, 0) NOT NULL DEFAULT 0,
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

CREATE TABLE roll_day (
    day integer PRIMARY KEY,
    plays bigint NOT NULL DEFAULT 0,
    seconds bigint NOT NULL DEFAULT 0,
    payments bigint NOT NULL DEFAULT 0,
    gross numeric(78, 0) NOT NULL DEFAULT 0,
    net numeric(78, 0) NOT NULL DEFAULT 0
);
CREATE TABLE roll_artist_day (
    day integer NOT NULL,
    artist integer NOT NULL,
    net numeric(78, 0) NOT NULL,
    PRIMARY KEY (day, artist)
);
-- Tips stand under the main way to earn of their song as it is now, under gifts where they name none.
CREATE TABLE roll_way_day (
    day integer NOT NULL,
    strategy smallint NOT NULL,
    net numeric(78, 0) NOT NULL,
    PRIMARY KEY (day, strategy)
);

-- Who was there on which day, and how many came on a day after which other day, 0 for never: a listener counts once in a range of days, on
-- the first of them, which is the one whose `prev` lies before the range.
CREATE TABLE roll_listener_day (
    listener integer NOT NULL,
    day integer NOT NULL,
    PRIMARY KEY (listener, day)
);
CREATE TABLE roll_gap (
    day integer NOT NULL,
    prev integer NOT NULL,
    listeners bigint NOT NULL,
    PRIMARY KEY (day, prev)
) WITH (fillfactor = 70);

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
    songs_30 bigint NOT NULL DEFAULT 0,
    days_horizon bigint NOT NULL DEFAULT 0,
    days_as_of bigint NOT NULL DEFAULT 0
);
COMMENT ON COLUMN roll_platform.horizon IS 'transactions below it are folded in';
COMMENT ON COLUMN roll_platform.as_of IS 'Unix second at which the windows end';
COMMENT ON COLUMN roll_platform.days_horizon IS 'plays of transactions below it are in roll_day, roll_song_day, roll_listener_day and roll_gap';

CREATE TABLE queue_songs (song bigint NOT NULL, xid bigint NOT NULL DEFAULT current_xid());
-- `part`: money that its payment's row counts already, here for one of the songs.
CREATE TABLE queue_payments (
    sign smallint NOT NULL,
    artist integer NOT NULL,
    song bigint,
    listener integer NOT NULL,
    at bigint NOT NULL,
    gross numeric(78, 0) NOT NULL,
    net numeric(78, 0) NOT NULL,
    xid bigint NOT NULL DEFAULT current_xid(),
    strategy smallint NOT NULL DEFAULT 0,
    part boolean NOT NULL DEFAULT false
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
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, strategy)
        VALUES (-1, OLD.artist, OLD.song, OLD.listener, OLD.block_time, OLD.gross, OLD.net, OLD.strategy);
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.type <> 'reward' THEN
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, strategy)
        VALUES (1, NEW.artist, NEW.song, NEW.listener, NEW.block_time, NEW.gross, NEW.net, NEW.strategy);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payments_made AFTER INSERT OR DELETE ON payments FOR EACH ROW EXECUTE FUNCTION queue_payment();
CREATE TRIGGER payments_changed AFTER UPDATE OF artist, song, listener, block_time, gross, net, type, strategy ON payments
    FOR EACH ROW EXECUTE FUNCTION queue_payment();

CREATE FUNCTION queue_paid_play() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, part)
        VALUES (-1, OLD.artist, OLD.song, OLD.listener, OLD.at, OLD.amount, OLD.net, true);
    ELSE
        INSERT INTO queue_payments (sign, artist, song, listener, at, gross, net, part)
        VALUES (1, NEW.artist, NEW.song, NEW.listener, NEW.at, NEW.amount, NEW.net, true);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER paid_plays_made AFTER INSERT ON paid_plays FOR EACH ROW WHEN (NEW.song IS NOT NULL) EXECUTE FUNCTION queue_paid_play();
CREATE TRIGGER paid_plays_gone AFTER DELETE ON paid_plays FOR EACH ROW WHEN (OLD.song IS NOT NULL) EXECUTE FUNCTION queue_paid_play();
