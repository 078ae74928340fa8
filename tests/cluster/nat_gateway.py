"""A NAT gateway between this machine and itself that silently drops idle connections. Needs root for a TUN device."""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time

import processes

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
_SYN = 0x02


class NatGateway:
    """Packets sent to `address` come back as if from there: address:port connects to a local listener. Packets of
    connections that were idle for `idle_seconds` are dropped without a RST; TCP keepalive probes count as traffic. A
    context manager.
    """

    address = "198.18.77.2"  # From the network for benchmarks (RFC 2544).

    def __init__(self, idle_seconds: float) -> None:
        self.idle_seconds = idle_seconds
        self.dropped = 0
        self._last: dict[frozenset[bytes], float] = {}

    def __enter__(self) -> NatGateway:
        assert os.geteuid() == 0, "needs root, for a TUN device"
        self._tun = os.open("/dev/net/tun", os.O_RDWR)
        name = f"nat{os.getpid()}"
        fcntl.ioctl(self._tun, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
        processes.run(["ip", "addr", "add", "198.18.77.1", "peer", self.address, "dev", name])
        processes.run(["ip", "link", "set", name, "up"])
        threading.Thread(target=self._forward, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        os.close(self._tun)  # Removes the device.

    def _forward(self) -> None:
        while True:
            try:
                packet = os.read(self._tun, 65536)
                if packet[0] >> 4 == 4 and packet[9] == 6 and self._passes(packet):
                    # Swapping the addresses does not change the checksums.
                    os.write(self._tun, packet[:12] + packet[16:20] + packet[12:16] + packet[20:])
            except OSError:  # Closed.
                return

    def _passes(self, packet: bytes) -> bool:
        tcp = packet[(packet[0] & 15) * 4 :]
        connection, now = frozenset((tcp[0:2], tcp[2:4])), time.monotonic()
        is_new = bool(tcp[13] & _SYN)
        if not is_new and now - self._last.get(connection, 0) > self.idle_seconds:
            self._last.pop(connection, None)
            self.dropped += 1
            return False
        self._last[connection] = now
        return True
