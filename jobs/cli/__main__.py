"""`python -m nophoto.jobs.cli`, for where the console script is not on the path."""

from nophoto.jobs.cli import main

main()
