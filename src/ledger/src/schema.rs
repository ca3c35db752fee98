//! The tables. `docs/ledger-format.md` describes them for other readers.

/// `PRAGMA application_id`: "shsk".
pub(crate) const APPLICATION: i64 = 0x7368_736b;
/// `PRAGMA user_version` of a ledger that has a back-fill.
pub(crate) const VERSION: i64 = 2;
/// That of one that has none: programs that know no back-fill read it too.
pub(crate) const FIRST: i64 = 1;
/// Name of the file in the ledger's folder.
pub(crate) const FILE: &str = "ledger.sqlite";

pub(crate) const TABLES: &str = "
CREATE TABLE entry (
  seq INTEGER PRIMARY KEY,
  head BLOB NOT NULL,
  run_sha256 BLOB NOT NULL UNIQUE,
  started INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE TABLE text (
  id INTEGER PRIMARY KEY,
  value TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE value (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  packed INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE TABLE scope (
  id INTEGER PRIMARY KEY,
  rule INTEGER NOT NULL REFERENCES text,
  account INTEGER NOT NULL REFERENCES text,
  region INTEGER NOT NULL REFERENCES text,
  UNIQUE (account, rule, region)
) STRICT;
CREATE TABLE covered (
  seq INTEGER NOT NULL REFERENCES entry,
  account INTEGER NOT NULL REFERENCES text,
  coverage INTEGER REFERENCES value,
  PRIMARY KEY (seq, account)
) STRICT, WITHOUT ROWID;
CREATE TABLE resource (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  type INTEGER NOT NULL REFERENCES text,
  account INTEGER NOT NULL REFERENCES text,
  region INTEGER NOT NULL REFERENCES text,
  ident TEXT NOT NULL,
  name TEXT NOT NULL
) STRICT;
CREATE TABLE state (
  id INTEGER PRIMARY KEY,
  key BLOB NOT NULL UNIQUE,
  verdict TEXT NOT NULL,
  severity TEXT NOT NULL,
  observed INTEGER NOT NULL REFERENCES value,
  excepted INTEGER REFERENCES value
) STRICT;
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  finding BLOB NOT NULL,
  scope INTEGER NOT NULL REFERENCES scope,
  resource INTEGER NOT NULL REFERENCES resource,
  now INTEGER REFERENCES state
) STRICT;
CREATE INDEX series_scope ON series (scope);
CREATE TABLE change (
  seq INTEGER NOT NULL REFERENCES entry,
  series INTEGER NOT NULL REFERENCES series,
  state INTEGER REFERENCES state,
  PRIMARY KEY (seq, series)
) STRICT, WITHOUT ROWID;
CREATE TABLE control (
  id INTEGER PRIMARY KEY,
  track INTEGER NOT NULL REFERENCES text,
  control TEXT NOT NULL,
  now INTEGER REFERENCES value,
  UNIQUE (track, control)
) STRICT;
CREATE TABLE control_change (
  seq INTEGER NOT NULL REFERENCES entry,
  control INTEGER NOT NULL REFERENCES control,
  state INTEGER REFERENCES value,
  PRIMARY KEY (seq, control)
) STRICT, WITHOUT ROWID;
CREATE TABLE pack_file (
  pack INTEGER NOT NULL REFERENCES text,
  path INTEGER NOT NULL REFERENCES text,
  sha256 BLOB NOT NULL,
  PRIMARY KEY (pack, path)
) STRICT, WITHOUT ROWID;
";

/// What the first back-fill adds.
pub(crate) const BACKFILL_TABLES: &str = "
CREATE TABLE past (
  seq INTEGER NOT NULL REFERENCES entry,
  series INTEGER NOT NULL REFERENCES series,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  captured INTEGER NOT NULL,
  status TEXT NOT NULL,
  state INTEGER REFERENCES state,
  PRIMARY KEY (seq, series, since)
) STRICT, WITHOUT ROWID;
CREATE TABLE past_gap (
  id INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL REFERENCES entry,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  type TEXT NOT NULL,
  resource TEXT,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  cause TEXT NOT NULL
) STRICT;
";
