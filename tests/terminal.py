#!/usr/bin/env python3
"""Runs a command on a terminal of some columns and tells lines that do not fit.

    terminal.py COLUMNS COMMAND…     prints what the terminal got; exit code 1 where a
                                     line is wider, and the line on standard error

Full-width characters take two columns (Unicode, East Asian Width), combining ones none.
"""

import fcntl
import os
import pty
import re
import struct
import sys
import termios
import unicodedata


def width(line):
    wide = {"W": 2, "F": 2}
    # Ambiguous ones take one column where the locale is not East Asian, as here.
    return sum(0 if unicodedata.combining(c) else wide.get(unicodedata.east_asian_width(c), 1) for c in line)


def main():
    columns, command = int(sys.argv[1]), sys.argv[2:]
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.environ.pop("COLUMNS", None)
        os.execvp(command[0], command)
    got = b""
    while True:
        try:
            more = os.read(terminal, 65536)
        except OSError:
            break
        if not more:
            break
        got += more
    os.waitpid(pid, 0)
    text = got.decode("utf-8").replace("\r\n", "\n")
    sys.stdout.write(text)
    # What is behind a carriage return was drawn over.
    bare = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    lines = [l.split("\r")[-1] for l in bare.split("\n")]
    over = [l for l in lines if width(l) > columns]
    for l in over:
        print(f"{width(l)} columns: {l}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
