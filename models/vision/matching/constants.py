"""The numbers that reaches rest on, all of them, so that they are tuned in one place."""

CAP_SHARE = 0.2
"""Of the operator's rate, what one reference may claim at most, however few there are."""

COPY_CAP = 4e-4
"""Share of the cohort that a reference of its copies alone may claim at most.

Measured: of 200 real pictures as references 99 % of the changed copies are found, and 0.02 % of
other real pictures; more where a collection is of one subject and its own cohort is not there yet.
"""

COPY_FLOOR = 0.87
"""Lowest cosine from which on a picture is called a changed copy of a reference.

It holds where the cohort has no picture near the reference.
"""

KIND_COPY_FLOOR = 0.9
"""The same of the references of a kind that claims only copies.

They are many, and drawings of one style lie near each other: with 0.87, a third of all false
positives of strangers' uploads were cartoons taken for copies of cartoons.
"""

AMONG_REAL = 0.7
"""Cosine that more real pictures than a cap reach with a picture that lies among real ones itself.

Measured with the shipped version, at a cap of 0.1 %: its references that claim their kind are 0.66
at most; of real pictures 97 % are more than 0.7, and of placeholders that no training saw 10 %.
"""

SAME_PICTURE = 0.98
"""Cosine from which on a picture of the cohort is a copy of the reference itself.

It then says nothing about how near *other* pictures come, and no reach is higher: a reference
always claims its own picture, although embeddings are rounded when they are stored.
"""
