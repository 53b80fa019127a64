"""Kernels that start warm: a provisioner of `jupyter_client` that forks the server (`server`).

Papermill drives these kernels like any other. Each is a real ipykernel in a process of its own,
forked for one report: nothing a notebook does reaches the next.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Type

from baaplib.batch import server

# Seconds after which a kernel that does not listen, or does not answer, is given up or asked again.
STARTS, ANSWERS = 60, 0.05


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the warm server, not as a new Python."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel and wait until it listens where its connection file says.

        Raises
        ------
        RuntimeError
            If it ends, or does not listen in time.
        """
        listens, told = multiprocessing.Pipe(duplex=False)
        file = str(getattr(self.parent, "connection_file", ""))
        arguments = (file, kwargs.get("cwd"), dict(kwargs["env"]), told)
        # A kernel may start processes of its own, as one of a daemon could not.
        process = server.context().Process(target=_kernel, args=arguments, daemon=False)
        with server.main_unseen():
            process.start()
        told.close()
        forked = _Forked(process)
        self.process = forked  # type: ignore[assignment]  # all it is asked for, it answers
        self.pid = self.pgid = process.pid
        ready = await asyncio.to_thread(_told, listens)
        if not ready:
            forked.kill()
            raise RuntimeError("the kernel did not start; was there enough memory?")
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """End the kernel; it is gone when this returns, and nobody need look for it again."""
        await super().kill(restart)
        if self.process:
            await asyncio.to_thread(self.process.wait)


class WarmClient(AsyncKernelClient):
    """A client that goes on as soon as the kernel is heard, on both of its channels."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ask until an answer comes and the kernel's messages are heard.

        Raises
        ------
        RuntimeError
            If the kernel has ended, or does not answer in time.
        """
        latest = time.monotonic() + (timeout or STARTS)
        answered = heard = False
        while not (answered and heard):
            asked = self.kernel_info()
            answered = await self._hears(self.get_shell_msg, asked)
            # What the kernel says before we are subscribed is lost: its last words must be there.
            heard = answered and await self._hears(self.get_iopub_msg, asked, "idle")
            if not answered and not await self._async_is_alive():
                raise RuntimeError("the kernel ended before it answered")
            if time.monotonic() > latest:
                raise RuntimeError(f"the kernel did not answer in {timeout or STARTS:g} seconds")

    async def _hears(self, get: Any, asked: str, state: str = "") -> bool:
        """Read the messages of a channel up to the one that answers; False if it does not come."""
        with suppress(Empty):
            while True:
                message = await get(timeout=STARTS if not state else ANSWERS)
                mine = message["parent_header"].get("msg_id") == asked
                if mine and (not state or message["content"].get("execution_state") == state):
                    return True
        return False


class WarmManager(AsyncKernelManager):
    """A manager of kernels that, like its clients, does not wait longer than it must."""

    client_factory = Type(klass=AsyncKernelClient, default_value=WarmClient)
    # jupyter_client waits a hundredth of a second in each, so that its tests see it under way.
    start_kernel = KernelManager._async_start_kernel.__wrapped__  # type: ignore[attr-defined]
    shutdown_kernel = KernelManager._async_shutdown_kernel.__wrapped__  # type: ignore[attr-defined]


class _Forked:
    """A process of `multiprocessing`, as provisioners want it: like one of `subprocess`."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        return None if self._process.is_alive() else int(self._process.exitcode)

    def wait(self) -> int:
        self._process.join()
        return int(self._process.exitcode)

    def send_signal(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _told(listens: Any) -> bool:
    try:
        return bool(listens.poll(STARTS) and listens.recv())
    except EOFError:
        return False


def _kernel(file: str, folder: str | None, env: Mapping[str, str], told: Any) -> None:
    """Be a kernel; the first lines undo what a fork has of the server."""
    import random
    import resource

    import numpy as np
    from ipykernel import ipkernel
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    os.setsid()  # the kernel and what it starts are one group, to be signalled together
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    server.end_with_it()
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder or os.sep)
    if limit := os.environ.get("BAAP_MEMORY_LIMIT"):
        most = int(limit) * 1_000_000
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    # A new Python would have a random state of its own.
    random.seed()
    np.random.seed()
    sys.argv = ["ipykernel_launcher"]
    own = Config(HistoryManager={"enabled": False})
    # What it would read is said above, its log need not look nice: a seventh of its start.
    for step in ("parse_command_line", "load_config_file", "_configure_logging"):
        setattr(IPKernelApp, step, lambda *_, **__: None)
    # ipykernel leads this handler to the terminal; without one, what is said is output of a cell.
    logging.getLogger(IPKernelApp.__name__).addHandler(logging.StreamHandler())
    app: Any = IPKernelApp.instance(connection_file=file, config=own)
    app.parent_handle = os.getppid()  # a kernel of somebody says nothing on the terminal
    if not Path(file).exists():  # nobody waits for it any more
        os._exit(1)
    # A list of all modules, made for a debugger that is not there: another quarter.
    vars(ipkernel)["sys"] = _NoModules()
    app.initialize([])
    vars(ipkernel)["sys"] = sys
    told.send(True)
    told.close()
    app.start()


class _NoModules:
    """What `sys` is to a module that is to find nothing imported."""

    modules: Mapping[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os.killpg(0, signal.SIGKILL)
