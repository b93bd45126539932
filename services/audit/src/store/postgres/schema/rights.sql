-- What the service's role may do: read everything, add to the log, change only what is no log.
REVOKE ALL ON ALL TABLES IN SCHEMA concord FROM PUBLIC, :service;
REVOKE ALL ON SCHEMA concord FROM PUBLIC, :service;
GRANT USAGE ON SCHEMA concord TO :service;
GRANT SELECT ON ALL TABLES IN SCHEMA concord TO :service;
GRANT INSERT ON concord.log, concord.log_keys, concord.intake, concord.pending, concord.leaves,
    concord.nodes, concord.checkpoints, concord.witnessed, concord.counterparts, concord.evidence,
    concord.trust, concord.marks, concord.terms TO :service;
GRANT DELETE ON concord.pending, concord.trust, concord.marks TO :service;
-- A key that wraps a record's key is replaced when the agency changes its own.
GRANT UPDATE (kek, key) ON concord.intake TO :service;
GRANT UPDATE (vkey) ON concord.log TO :service;
GRANT UPDATE (epoch, holder, halted) ON concord.sequencer TO :service;
GRANT UPDATE ON concord.counterparts, concord.witnessed TO :service;
