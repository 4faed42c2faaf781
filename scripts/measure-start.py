#!/usr/bin/env python3
"""How soon a server answers, and how much memory it keeps when nobody asks.

  cargo build --release -p vacancy-server
  scripts/measure-start.py target/release/vacancy

Starts the binary with the demonstration's hotels in a folder of its own, once to fill it and then
again and again. A start ends with the first whole answer to a search of hotels.
"""

import http.client
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

STARTS = 11
IDLE_SECONDS = 60
PATIENCE_SECONDS = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(binary, folder):
    """The process, and the milliseconds to its first answer."""
    port = free_port()
    began = time.perf_counter()
    server = subprocess.Popen(
        [binary, "serve", "--demo", "--data", folder, "--listen", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
    )
    while time.perf_counter() - began < PATIENCE_SECONDS:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
            asked.request("GET", "/v1/hotels?locationId=lisbon-pt")
            answer = asked.getresponse()
            if answer.status == 200 and b"hotelId" in answer.read():
                return server, (time.perf_counter() - began) * 1000
            raise SystemExit(f"the server answers {answer.status}")
        except ConnectionRefusedError:
            time.sleep(0.001)
    raise SystemExit("the server does not answer")


def stop(server):
    server.send_signal(signal.SIGTERM)
    if server.wait(PATIENCE_SECONDS) != 0:
        raise SystemExit(f"the server ended with {server.returncode}")


def memory_mb(server, name):
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1024


def main(binary):
    with tempfile.TemporaryDirectory(prefix="vacancy-start-") as folder:
        server, first_ms = start(binary, folder)
        stop(server)
        times_ms = []
        for _ in range(STARTS):
            server, took_ms = start(binary, folder)
            times_ms.append(took_ms)
            stop(server)
        server, _ = start(binary, folder)
        time.sleep(IDLE_SECONDS)
        idle_mb, peak_mb = memory_mb(server, "VmRSS"), memory_mb(server, "VmHWM")
        stop(server)
    print(f"first start, on nothing: {first_ms:.0f} ms")
    print(f"second start to first answer, {STARTS} times: median {statistics.median(times_ms):.0f}"
          f" ms ({min(times_ms):.0f} to {max(times_ms):.0f})")
    print(f"resident after {IDLE_SECONDS} s idle: {idle_mb:.1f} MB (peak {peak_mb:.1f} MB)")


if len(sys.argv) != 2:
    raise SystemExit(__doc__)
main(sys.argv[1])
