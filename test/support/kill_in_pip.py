# Loaded into pip by a .pth file of the virtualenv: kills the daemon (SIGKILL) at the Nth file that an installation
# makes, moves or removes. The product knows nothing of this.
import os
import signal
import sys

points = 0
kill_at = int(os.environ.get("KILL_IN_PIP_AT", "0"))
count_file = os.environ.get("KILL_IN_PIP_COUNT_FILE")
changes = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.chmod"}


def writes(event, args):
    if event == "open":
        return isinstance(args[1], str) and args[1][:1] in "wxa"
    return event in changes


def is_own(args):
    return any(isinstance(arg, str) and sys.prefix in arg for arg in args)


def count(event, args):
    global points
    if not (writes(event, args) and is_own(args)):
        return
    points += 1
    if points == kill_at:
        os.kill(os.getppid(), signal.SIGKILL)
        while True:
            signal.pause()


def write_down():
    with open(count_file, "w") as file:
        file.write(str(points))


if count_file and "install" in sys.orig_argv and "--dry-run" not in sys.orig_argv:
    import atexit

    atexit.register(write_down)
    sys.addaudithook(count)
