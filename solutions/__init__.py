"""The supply side: research outputs and institution profiles; indicators and units, which needs share."""
