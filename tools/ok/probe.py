#!/usr/bin/env python3
"""Measures what the shell cannot: durable writes, loopback sockets, the clock.

Prints one word and a value per line; ./ok doctor knows what each means. The clock counts as free
when the kernel says so (adjtimex(2) answers TIME_ERROR).
"""
import ctypes
import os
import pathlib
import socket
import statistics
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TIME_ERROR = 5
WRITES = 20


def fsync_ms(folder):
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(WRITES):
            start = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def probe_disk():
    try:
        print(f"fsync_ms {fsync_ms(ROOT):.1f}")
    except OSError as why:
        print(f"fsync_error {why.strerror}")


def probe_loopback():
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=2).close()
    except OSError as why:
        print(f"loopback_error {why.strerror or why}")


def probe_clock():
    newest = max(path.stat().st_mtime for path in [ROOT, *ROOT.glob("*")])
    if time.time() < newest - 60:
        print(f"clock_behind {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}")
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.adjtimex(ctypes.create_string_buffer(512)) == TIME_ERROR:
        print("clock_free")


if __name__ == "__main__":
    probe_disk()
    probe_loopback()
    probe_clock()
