CREATE SCHEMA concord;
SET LOCAL search_path = concord;

CREATE TABLE schema_version (
    one     integer PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    version integer NOT NULL
);
INSERT INTO schema_version (version) VALUES (0);

CREATE TABLE log (
    one    integer PRIMARY KEY CHECK (one = 1),
    origin text NOT NULL,
    vkey   text NOT NULL
);

-- The keys that the log has signed with, each from a size on: rotation with overlap.
CREATE TABLE log_keys (
    n     bigint GENERATED ALWAYS AS IDENTITY,
    vkey  text PRIMARY KEY,
    since bigint NOT NULL
);

-- Who sequences. Whoever takes over raises the epoch; every write of the sequencer asks for its own.
CREATE TABLE sequencer (
    one    integer PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    epoch  bigint NOT NULL DEFAULT 0,
    holder text NOT NULL DEFAULT '',
    -- Why nothing more may be signed, whoever sequences.
    halted text
);
INSERT INTO sequencer DEFAULT VALUES;

-- What callers gave, durable from its commit on; never changed. The idempotency key stays as long
-- as the log. The columns from `kek` to `body` can be destroyed: without them the leaf says nothing.
CREATE TABLE intake (
    seq            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id             uuid NOT NULL UNIQUE,
    kind           smallint NOT NULL,
    caller         text NOT NULL,
    request_id     text NOT NULL,
    request_mark   bytea NOT NULL CHECK (octet_length(request_mark) = 32),
    about          uuid REFERENCES intake (id),
    -- The leaf before its time is known.
    draft          bytea NOT NULL,
    kek            bytea CHECK (octet_length(kek) = 8),
    key            bytea,
    head           bytea,
    body           bytea,
    -- The marks that it is found by, until it is placed and they are in the index.
    terms          bigint[] NOT NULL,
    UNIQUE (caller, request_id)
);
-- What is encrypted does not compress: nothing is gained by trying.
ALTER TABLE intake ALTER COLUMN head SET STORAGE EXTERNAL;
ALTER TABLE intake ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX intake_by_kind ON intake (kind, seq) WHERE kind <> 1;
CREATE INDEX intake_by_about ON intake (about) WHERE about IS NOT NULL;

-- What waits for the sequencer, which takes a row away when it places the record.
CREATE TABLE pending (
    seq bigint PRIMARY KEY
);
-- It is nearly always small and always changing.
ALTER TABLE pending SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

-- The log itself: written once, by the sequencer.
CREATE TABLE leaves (
    idx  bigint PRIMARY KEY CHECK (idx >= 0),
    seq  bigint NOT NULL UNIQUE,
    time bigint NOT NULL,
    leaf bytea NOT NULL
);
CREATE INDEX leaves_by_time ON leaves (time);

-- The blind index: keyed marks of what a record can be searched by.
CREATE TABLE terms (
    term bigint NOT NULL,
    idx  bigint NOT NULL,
    PRIMARY KEY (term, idx)
);

-- The hash of every complete subtree.
CREATE TABLE nodes (
    level smallint NOT NULL,
    idx   bigint NOT NULL,
    hash  bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, idx)
);

CREATE TABLE checkpoints (
    size bigint PRIMARY KEY,
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL
);

-- Checkpoints with the cosignatures that the policy asks for.
CREATE TABLE witnessed (
    size bigint PRIMARY KEY,
    note text NOT NULL,
    seen bigint NOT NULL
);

CREATE TABLE counterparts (
    agency text PRIMARY KEY,
    size   bigint NOT NULL,
    root   bytea NOT NULL,
    note   text NOT NULL,
    seen   bigint NOT NULL
);

CREATE TABLE evidence (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agency     text NOT NULL,
    remembered text NOT NULL,
    offered    text NOT NULL,
    proof      bytea NOT NULL,
    why        text NOT NULL,
    seen       bigint NOT NULL
);
CREATE UNIQUE INDEX evidence_once ON evidence (agency, md5(remembered), md5(offered));

-- Whom the settings named when the log was last started, for the commands that work without them.
CREATE TABLE trust (
    role text NOT NULL,
    name text NOT NULL,
    vkey text NOT NULL,
    PRIMARY KEY (role, name, vkey)
);

-- What the next start must know, for example that the log comes out of a backup.
CREATE TABLE marks (
    name  text PRIMARY KEY,
    value text NOT NULL
);

-- What was signed is not changed, not even by the owner of the tables.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the table % of the log is only added to', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON leaves
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON nodes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
