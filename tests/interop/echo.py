#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""echo.py serve PORT sends back what it gets by TCP, until echo.py stop ADDRESS PORT;
echo.py send ADDRESS PORT BYTES sends so many and looks at what comes back."""

import os
import socket
import sys
import threading

STOP = b"stop"


def echo(connection, server):
    """One connection."""
    with connection:
        first = connection.recv(65536)
        if first == STOP:
            server.shutdown(socket.SHUT_RDWR)
            return
        while first:
            connection.sendall(first)
            first = connection.recv(65536)


def serve(port):
    """Until told to stop."""
    with socket.create_server(("", int(port)), family=socket.AF_INET6,
                              dualstack_ipv6=True, backlog=64) as server:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=echo, args=(connection, server)).start()


def send(address, port, size):
    """Random bytes, there and back."""
    data = os.urandom(int(size))
    with socket.create_connection((address, int(port)), 10) as connection:
        connection.settimeout(60)

        def push():
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)

        sender = threading.Thread(target=push)
        sender.start()
        got = b""
        while part := connection.recv(65536):
            got += part
        sender.join()
    if got != data:
        sys.exit(f"{len(data)} bytes were sent, and {len(got)} came back")


def stop(address, port):
    """The server ends."""
    with socket.create_connection((address, int(port)), 10) as connection:
        connection.sendall(STOP)
        connection.recv(1)


{"serve": serve, "send": send, "stop": stop}[sys.argv[1]](*sys.argv[2:])
