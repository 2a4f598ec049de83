"""Criteria and weights are fixed once a challenge is handed in: the database itself refuses a change."""

from django.db import migrations

CREATE = """
CREATE FUNCTION challenges_criteria_are_fixed() RETURNS trigger AS $$
DECLARE
    challenge_state text;
BEGIN
    SELECT state INTO challenge_state FROM challenges_challenge
    WHERE id = CASE WHEN TG_OP = 'DELETE' THEN OLD.challenge_id ELSE NEW.challenge_id END;
    IF challenge_state IS NOT NULL AND challenge_state NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'criteria of a challenge are fixed once it is handed in'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'criterion_fixed_once_handed_in';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END;
$$ LANGUAGE plpgsql;
CREATE TRIGGER criterion_fixed_once_handed_in BEFORE INSERT OR UPDATE OR DELETE ON challenges_criterion
FOR EACH ROW EXECUTE FUNCTION challenges_criteria_are_fixed();
"""
DROP = """
DROP TRIGGER criterion_fixed_once_handed_in ON challenges_criterion;
DROP FUNCTION challenges_criteria_are_fixed();
"""


class Migration(migrations.Migration):
    dependencies = [("challenges", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
