"""The client: one person, many identifiers; what she likes, allows, owns, and who looks after her.

Invariants: nothing is deleted by a merge and every merge can be undone; an identifier is asserted or attested
and may belong to several clients; consent is a log, the newest line of a purpose and channel counts; every
read of a file is an audit entry, and a protected file opens only with a reason.
"""
