"""How well the engine ranks, measured on needs and outputs that people judged. Pure: no Django, no database.

Protocol: each need ranks only its own judged outputs; needs with fewer than MIN_JUDGED of them, or with fewer than one
of grade RELEVANT or better, are left out. Gain is 2^grade − 1 and ties count against the system. Recall looks into the
whole collection instead. Tokens, statistics, index and scores are those of a matching run. docs/evaluation.md tells the
rest.

collection.py  reading a folder              baselines.py    plain methods the engine must beat
figures.py     nDCG and its intervals        ablation.py     the engine without each of its parts
pairs.py       the judged pairs as arrays    learned.py      points learnt from other needs
engine.py      the engine on a collection    diagnosis.py    why the worst needs are so bad
report.py      all of it, in order           ceiling.py      how well people agree with people
                                             reliability.py  whether probabilities hold
                                             place_for_another_field.py  what it costs
"""
