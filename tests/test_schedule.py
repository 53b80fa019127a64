"""The files that call `baap scheduled`: checked by what reads them, and by a real systemd."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
SCHEDULE = ROOT / "schedule"
WORKFLOW = ROOT / ".github" / "workflows" / "schedule.yml"
COMMAND = ".venv/bin/baap scheduled --monthly regional-brief"
DAILY = {"systemd": "*-*-* 05:17", "cron": "17 5 * * *"}
MANAGER = "/usr/lib/systemd/systemd"
# What a systemd of ours needs to come up, and nothing else: the machine's own units stay out.
TARGETS = ("basic", "default", "timers", "shutdown", "sysinit", "network-online")
# A systemd for our units alone, where it sees no other and nothing outlives it. What it keeps lies
# in a file system of its own: the service has its own /tmp, and could not see it there.
INSIDE = """\
mount --make-rshared /
mount -t tmpfs none /run
mkdir -p /run/systemd/system $XDG_RUNTIME_DIR $HOME/.local/share/systemd/timers
touch -d @{slot} $HOME/.local/share/systemd/timers/stamp-baap.timer
umount -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup
# Not as the first process, which would be one that starts a machine.
{manager} --user --log-target=console &
wait
"""


def command_of(text, start):
    """Return what follows a word on its line."""
    return re.search(rf"^{re.escape(start)}\s*(.*)$", text, re.MULTILINE)[1]


@pytest.fixture
def units(tmp_path):
    """The units as they are installed, but where this checkout is, and a file of addresses."""
    folder, notify = tmp_path / "units", tmp_path / "notify"
    folder.mkdir()
    notify.write_text("# nobody\n")
    for name in ("baap.service", "baap.timer"):
        text = (SCHEDULE / name).read_text()
        assert "/opt/baap" in text
        text = text.replace("/opt/baap/.venv/bin", str(Path(sys.executable).parent))
        text = text.replace("/opt/baap", str(ROOT)).replace("/etc/baap/notify", str(notify))
        (folder / name).write_text(text)
    return folder


def test_all_three_call_the_same_command_at_the_same_time():
    service, timer = ((SCHEDULE / f"baap.{kind}").read_text() for kind in ("service", "timer"))
    crontab, workflow = (SCHEDULE / "crontab").read_text(), yaml.safe_load(WORKFLOW.read_text())
    assert command_of(service, "ExecStart=") == f"/opt/baap/{COMMAND}"
    assert command_of(timer, "OnCalendar=") == DAILY["systemd"]
    assert command_of(timer, "Persistent=") == "true"
    line = f"cd /opt/baap && {COMMAND} >/dev/null"
    assert command_of(crontab, DAILY["cron"]) == command_of(crontab, "@reboot") == line
    steps = workflow["jobs"]["briefs"]["steps"]
    assert [step["run"] for step in steps if "run" in step][-1] == COMMAND
    # YAML reads `on` as true.
    assert workflow[True]["schedule"] == [{"cron": DAILY["cron"]}]


def test_the_command_is_one_that_the_project_has():
    words = COMMAND.split()[1:]
    done = subprocess.run(
        [Path(sys.executable).parent / "baap", *words, "--help"], capture_output=True, check=False
    )
    assert done.returncode == 0
    assert "regional-brief:" in (ROOT / "notebooks" / "batch.yml").read_text()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
def test_systemd_accepts_the_units(units):
    done = verified(units)
    assert (done.returncode, done.stderr) == (0, "")
    (units / "baap.timer").write_text(
        (units / "baap.timer").read_text().replace("OnCalendar", "OnCalender")
    )
    assert "OnCalender" in verified(units).stderr


def verified(units):
    return subprocess.run(
        ["systemd-analyze", "verify", units / "baap.service", units / "baap.timer"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def linted(*command):
    path = Path(sys.executable).with_name(command[0])
    return subprocess.run([path, *command[1:]], capture_output=True, text=True, check=False)


def test_the_workflow_is_one(tmp_path):
    """Against GitHub's own description of a workflow, as the checker brings it along."""
    checker = ("check-jsonschema", "--builtin-schema", "vendor.github-workflows")
    assert linted(*checker, str(WORKFLOW)).returncode == 0
    wrong = tmp_path / "schedule.yml"
    wrong.write_text(WORKFLOW.read_text().replace("runs-on:", "run-on:"))
    assert "run-on" in linted(*checker, str(wrong)).stdout


def test_the_workflow_gives_nothing_away(tmp_path):
    """Actions are pinned, the token may only read, no secret gets where it can be read."""
    auditor = ("zizmor", "--offline", "--no-progress", "--persona", "pedantic")
    done = linted(*auditor, str(WORKFLOW))
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "schedule.yml"
    wrong.write_text(re.sub(r"@[0-9a-f]{40}", "@main", WORKFLOW.read_text()))
    assert "unpinned-uses" in linted(*auditor, str(wrong)).stdout


def isolated():
    """Tell why there can be no systemd of our own; nothing if there can."""
    if not Path(MANAGER).exists() or not shutil.which("unshare"):
        return "there is no systemd or no unshare"
    test = ["unshare", "--fork", "--pid", "--mount", "--cgroup", "mount", "-t", "cgroup2", "none"]
    done = subprocess.run([*test, "/mnt"], capture_output=True, text=True, check=False)
    return done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "persistent", "runs"), [(1.5, "true", 1), (0, "true", 0), (1.5, "false", 0)]
)
def test_a_missed_slot_is_caught_up(units, tmp_path, days, persistent, runs):
    """A systemd that comes up after a slot has passed starts the command at once, and only then.

    It is a real one, with our timer and service as they are, protection and all; only its user is
    left out and what one systemd below another cannot do, and what it calls only says so.
    """
    if why := isolated():
        pytest.skip(f"no systemd of our own can be started here: {why}")
    called = tmp_path / "called"
    timer, service = units / "baap.timer", units / "baap.service"
    timer.write_text(timer.read_text().replace("Persistent=true", f"Persistent={persistent}"))
    # Not up to a minute late, for which nobody here can wait.
    (units / "baap.timer.d").mkdir()
    (units / "baap.timer.d" / "soon.conf").write_text("[Timer]\nAccuracySec=100ms\n")
    text = re.sub(
        r"^(User|ProtectKernelTunables)=.*\n", "", service.read_text(), flags=re.MULTILINE
    )
    # It can read its addresses, and write nothing but what it is allowed to.
    told = f"cat $BAAP_NOTIFY_FILE; touch {ROOT}/x 2>/dev/null && echo TOUCHED; echo $0 $@"
    text = text.replace(
        "ExecStart=", f"StandardOutput=append:{called}\nExecStart=/bin/sh -c '{told}' "
    )
    service.write_text(text)
    for target in TARGETS:
        (units / f"{target}.target").write_text("[Unit]\nDefaultDependencies=no\n")
    (units / "default.target").write_text("[Unit]\nWants=timers.target\n")
    (units / "timers.target.wants").mkdir()
    (units / "timers.target.wants" / "baap.timer").symlink_to(timer)
    said = systemd(units, tmp_path, called, time.time() - days * 24 * 3600)
    if runs:
        assert said[0] == "# nobody"
        assert said[1].split()[1:] == COMMAND.split()[1:]
    assert len(said) == 2 * runs


def systemd(units, folder, called, slot):
    """Start a systemd with only our units, and return what the command said.

    `slot` is when it was last called, in seconds of the clock.
    """
    env = {
        "PATH": os.environ["PATH"], "HOME": "/run/home", "XDG_RUNTIME_DIR": "/run/user/0",
        "SYSTEMD_UNIT_PATH": str(units),
    }  # fmt: skip
    inside = ["unshare", "--fork", "--kill-child", "--pid", "--mount", "--mount-proc", "--cgroup"]
    with (folder / "systemd.log").open("w") as log:
        process = subprocess.Popen(
            [*inside, "sh", "-ec", INSIDE.format(manager=MANAGER, slot=int(slot))],
            env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        end = time.monotonic() + 6
        while time.monotonic() < end and not (
            called.exists() and COMMAND[-9:] in called.read_text()
        ):
            time.sleep(0.2)
        assert process.poll() is None, (folder / "systemd.log").read_text()
        process.kill()
        process.wait()
    return called.read_text().splitlines() if called.exists() else []
