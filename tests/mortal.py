"""Kill the server again and again, and start it anew the moment one of its forks is seen to end."""

import multiprocessing
import os
import signal
import socket
import sys
import time
from multiprocessing import connection, forkserver
from pathlib import Path

from baaplib.batch import server


def live(told):
    """Be a fork of the server that ends with it."""
    server.end_with_it()
    told.send(True)
    time.sleep(60)


def pass_by():
    """Be a fork that has nothing to do."""


def main(times):
    server.WARM = "json"  # it need not be warm here
    refused = 0
    for _ in range(times):
        server.start(os.environ["BAAP_DATA"])
        listens, told = multiprocessing.Pipe(duplex=False)
        with server.main_unseen():
            fork = server.context().Process(target=live, args=(told,))
            fork.start()
        listens.recv()
        os.kill(server.pid(), signal.SIGKILL)
        connection.wait([fork.sentinel])
        with server.main_unseen():
            try:  # it may be there still, but multiprocessing starts none by itself
                server.context().Process(target=pass_by).start()
            except (EOFError, ConnectionError):
                refused += 1
        server.start()
        with server.main_unseen():
            server.context().Process(target=pass_by).start()
        assert b"PYTHONHASHSEED=0" in Path(f"/proc/{server.pid()}/environ").read_bytes()
        # It ends by one that asks and is killed before it has said what; not at once.
        with socket.socket(socket.AF_UNIX) as killed:
            killed.connect(forkserver._forkserver._forkserver_address)
        assert server.call("os:getpid") not in (os.getpid(), server.pid())
    assert refused == times, refused
    print(f"killed {times} times")


if __name__ == "__main__":
    import mortal

    mortal.main(int(sys.argv[1]))
