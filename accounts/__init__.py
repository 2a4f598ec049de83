"""People, organisations, memberships, roles, notices and the audit trail. Knows no business object."""
