"""What the exit codes of the command mean; README and docs/schedule.md list them."""

# All is well; something failed; the request is wrong and nothing was run; people could not be told
# (`baap scheduled`); another run is at work, try again later; ended by a signal.
OK, FAILED, WRONG, UNTOLD, BUSY, INTERRUPTED = 0, 1, 2, 3, 75, 130
