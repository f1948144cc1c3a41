-- Claims that offices took while they were cut off: the signed files byte for byte, what became of each of their claims,
-- and when each came in. Append-only.

CREATE TABLE electoral_claim_file (
  file BIGINT PRIMARY KEY,
  document_id BLOB NOT NULL UNIQUE,
  office TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  document BLOB NOT NULL,
  staff TEXT NOT NULL,
  at BIGINT NOT NULL
);

CREATE TABLE electoral_claim_arrival (
  file BIGINT NOT NULL,
  number BIGINT NOT NULL,
  claim TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('TAKEN', 'KNOWN', 'DIFFERS', 'FUTURE', 'ORDER', 'UNREADABLE')),
  taken_at BIGINT NOT NULL,
  PRIMARY KEY (file, number)
);
CREATE INDEX electoral_claim_arrival_claim ON electoral_claim_arrival (claim, file)
