"""The first that the server imports: from then on it does not hear Ctrl-C.

It reaches the whole group, but is for the process that started the server to handle, which has it
held back until here (`server`).
"""

import signal

# Anybody else who imports this goes on to hear it.
if signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
