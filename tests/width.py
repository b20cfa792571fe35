# SPDX-License-Identifier: GPL-2.0
"""For width.sh: width.py COLUMNS COMMAND... prints what COMMAND prints to a terminal
that is so wide, and what it says to it; 0 is for one that does not tell."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios


def main():
    """The exit status is the command's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ,
                struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
    child = subprocess.Popen(sys.argv[2:], stdin=theirs, stdout=theirs,
                             stderr=theirs, start_new_session=True)
    os.close(theirs)
    said = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:  # nobody has it open any more
            break
        if not data:
            break
        said += data
    sys.stdout.buffer.write(said.replace(b"\r\n", b"\n"))
    sys.exit(child.wait())


main()
