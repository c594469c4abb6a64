-- Digests of each MiB of an object, 32 bytes each: what its CID is made of. Playback compares the bytes it reads with them. Empty for what an
-- older node kept, until it is played for the first time.
ALTER TABLE objects ADD COLUMN leaves bytea NOT NULL DEFAULT '';
