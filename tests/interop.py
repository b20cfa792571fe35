# SPDX-License-Identifier: GPL-2.0
"""interop.py FROM TO ADDRESS MEGABYTES TEXT: for interop.sh, send a file over
TCP from one namespace to another and compare the two."""

import hashlib
import os
import socket
import sys
import threading

import lab

PORT = 4754


def receive(listener, result):
    """Take all that comes in one connection."""
    digest, length = hashlib.sha256(), 0
    connection = listener.accept()[0]
    connection.settimeout(60)
    try:
        while data := connection.recv(1 << 20):
            digest.update(data)
            length += len(data)
    except OSError as error:
        result["error"] = error
    result["got"] = (length, digest.hexdigest())


def main(source, target, address, megabytes, text):
    """Send, and report."""
    block = os.urandom(1 << 20)
    digest = hashlib.sha256()
    for number in range(int(megabytes)):
        digest.update(number.to_bytes(4, "big") + block[4:])
    want = (int(megabytes) << 20, digest.hexdigest())

    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with lab.inside(target):
        listener = socket.create_server((address, PORT), family=family)
    result = {}
    receiver = threading.Thread(target=receive, args=(listener, result))
    receiver.start()
    with lab.inside(source):
        sender = socket.socket(family, socket.SOCK_STREAM)
    sender.settimeout(60)
    try:
        sender.connect((address, PORT))
        for number in range(int(megabytes)):
            sender.sendall(number.to_bytes(4, "big") + block[4:])
    except OSError as error:
        result["error"] = error
    sender.close()
    receiver.join(60)
    lab.report(result.get("got") == want, text, f"wanted {want}", f"got {result}")
    sys.stdout.flush()
    os._exit(0)


main(*sys.argv[1:])
