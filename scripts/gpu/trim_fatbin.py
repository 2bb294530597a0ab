"""Zeroes the GPU kernels of other architectures in a CUDA library, so that it packs small.

    trim_fatbin.py SOURCE TARGET ARCHITECTURE      such as 90 for sm_90

A container ("fatbin") keeps its machine code for the architecture; where it has none, its PTX. Containers are found
anywhere in the file: TensorFlow has many outside of the section for them.
"""
import struct
import sys

MAGIC = b"\x50\xed\x55\xba"
PTX, CUBIN = 1, 2


def entries(data, start, end):
    """(kind, architecture, begin, end) of what a container holds."""
    at = start
    while at + 32 <= end:
        kind, _, header, size = struct.unpack_from("<HHIQ", data, at)
        if kind not in (PTX, CUBIN) or header < 32 or at + header + size > end:
            return
        yield kind, struct.unpack_from("<I", data, at + 28)[0], at + header, at + header + size
        at += header + size


def main(source, target, keep):
    data = bytearray(open(source, "rb").read())
    zeroed = containers = 0
    at = data.find(MAGIC)
    while at >= 0:
        _, header, size = struct.unpack_from("<HHQ", data, at + 4)
        end = at + header + size
        if header == 16 and end <= len(data):
            found = list(entries(data, at + header, end))
            has_code = any(kind == CUBIN and arch == keep for kind, arch, _, _ in found)
            for kind, arch, begin, stop in found:
                kept = arch == keep if kind == CUBIN else not has_code
                if not kept:
                    data[begin:stop] = bytes(stop - begin)
                    zeroed += stop - begin
            containers += bool(found)
        at = data.find(MAGIC, at + 4)
    open(target, "wb").write(data)
    print(f"{source}: zeroed {zeroed} of {len(data)} bytes in {containers} containers")


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
