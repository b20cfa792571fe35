# SPDX-License-Identifier: GPL-2.0
"""interop.py FROM TO ADDRESS FILE: for interop.sh, send FILE over TCP from one
namespace to an ADDRESS of another, and print the SHA-256 of what arrived there."""

import hashlib
import socket
import sys
import threading

import lab

# Seconds without progress.
STALLED = 60


def main(source, target, address, path):
    """Both ends are here; each socket stays in the namespace it was made in."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with lab.inside(target):
        server = socket.create_server((address, 0), family=family)
    with lab.inside(source):
        client = socket.socket(family, socket.SOCK_STREAM)
    server.settimeout(STALLED)
    client.settimeout(STALLED)

    def send():
        with client, open(path, "rb") as file:
            client.connect(server.getsockname())
            client.sendfile(file)

    sender = threading.Thread(target=send, daemon=True)
    sender.start()
    connection = server.accept()[0]
    connection.settimeout(STALLED)
    digest, buffer = hashlib.sha256(), bytearray(1 << 20)
    while count := connection.recv_into(buffer):
        digest.update(memoryview(buffer)[:count])
    sender.join()
    print(digest.hexdigest())


main(*sys.argv[1:])
