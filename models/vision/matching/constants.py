"""The numbers that reaches rest on, all of them, so that they are tuned in one place."""

CAP = 5e-4
"""Share of the cohort that one reference may claim at most, whatever the rate of the whole set.

Without it the reference that lies nearest to real pictures would spend the rate of all others.
"""

COPY_FLOOR = 0.85
"""Lowest cosine from which on a picture is called a changed copy of a reference.

It holds where the cohort has no picture near the reference.
"""

COPY_MARGIN = 0.02
"""Cosine by which a copy must be nearer to its reference than every real picture of the cohort."""

SAME_PICTURE = 0.98
"""Cosine from which on a picture of the cohort is a copy of the reference itself.

It then says nothing about how near *other* pictures come, and no reach is higher: a reference
always claims its own picture, although embeddings are rounded when they are stored.
"""
