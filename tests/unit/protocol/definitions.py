"""Kafka's definitions of its wire format: the JSON files in common/message/ of the kafka-clients jar.

Independent of exporter/protocol/ on purpose: layout_test.py compares the two, capture.py uses it for requests to brokers.
"""

import json
import re
import struct
import zipfile

FIXED = {"bool": "?", "int8": "b", "int16": "h", "uint16": "H", "int32": "i", "int64": "q", "float64": "d"}


def in_versions(version, spec):
    """Parses "3", "3+", "3-5" or "none"."""
    if spec == "none":
        return False
    first, _, last = spec.partition("-")
    if first.endswith("+"):
        return version >= int(first[:-1])
    return int(first) <= version <= int(last or first)


class Definitions:
    def __init__(self, jar):
        self.jar = zipfile.ZipFile(jar)

    def message(self, name):
        """`name`: "MetadataRequest", "ConsumerProtocolAssignment", ..."""
        text = self.jar.read(f"common/message/{name}.json").decode()
        return Message(json.loads(re.sub(r"(?m)^\s*//.*$", "", text)))


class Message:
    def __init__(self, definition):
        self.key = definition.get("apiKey")
        self.valid_versions = definition["validVersions"]
        self.flexible_versions = definition["flexibleVersions"]
        self.fields = definition["fields"]
        self.structs = {s["name"]: s["fields"] for s in definition.get("commonStructs", [])}

    def flexible(self, version):
        return in_versions(version, self.flexible_versions)

    def fields_of(self, version, fields=None):
        """Returns the fields of this version without tagged ones."""
        return [
            f
            for f in (self.fields if fields is None else fields)
            if in_versions(version, f["versions"]) and not in_versions(version, f.get("taggedVersions", "none"))
        ]

    def tagged_fields(self, version, fields):
        return [f for f in fields if in_versions(version, f.get("taggedVersions", "none"))]

    def fields_inside(self, field, type_name):
        return field.get("fields") or self.structs[type_name]

    def encode(self, version, value, tags=None):
        """`tags`: called at the end of each struct; returns its tagged fields, [(number, bytes)]."""
        return Encoder(self, version, tags or (list)).struct(self.fields, value)

    def decode(self, version, data):
        """Returns the value and the remaining bytes."""
        decoder = Decoder(self, version, data)
        return decoder.struct(self.fields), decoder.data


def varint(number):
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def nullable(field, version):
    return in_versions(version, field.get("nullableVersions", "none"))


class Encoder:
    def __init__(self, message, version, tags):
        self.message, self.version, self.tags = message, version, tags
        self.flexible = message.flexible(version)

    def struct(self, fields, value):
        out = b""
        for field in self.message.fields_of(self.version, fields):
            out += self.field(field, value.get(field["name"], self.default(field)))
        if self.flexible:
            tags = self.tags()
            for field in self.message.tagged_fields(self.version, fields):
                if field["name"] in value:
                    tags = sorted([*tags, (field["tag"], self.field(field, value[field["name"]]))])
            out += varint(len(tags)) + b"".join(varint(n) + varint(len(data)) + data for n, data in tags)
        return out

    def default(self, field):
        given = field.get("default")
        kind = field["type"]
        if given == "null":
            return None
        if kind in FIXED:
            return given in ("true", True) if kind == "bool" else int(str(given or 0), 0)
        if kind == "string":
            return given or ""
        if kind.startswith("[]"):
            return []
        return {"bytes": b"", "records": b"", "uuid": bytes(16)}.get(kind, {})

    def field(self, field, value):
        kind = field["type"]
        if value is None and not nullable(field, self.version):
            raise ValueError(f"{field['name']} cannot be null")
        if kind.startswith("[]"):
            elements = b"" if value is None else b"".join(self.one(field, kind[2:], v) for v in value)
            return self.length(None if value is None else len(value), "i") + elements
        if value is None and kind not in ("string", "bytes", "records"):
            return b"\xff"
        marker = b"\x01" if nullable(field, self.version) and kind not in ("string", "bytes", "records") else b""
        return marker + self.one(field, kind, value)

    def one(self, field, kind, value):
        if kind in FIXED:
            return struct.pack(">" + FIXED[kind], value)
        if kind == "uuid":
            return value
        if kind == "string":
            data = None if value is None else value.encode()
            return self.length(None if data is None else len(data), "h") + (data or b"")
        if kind in ("bytes", "records"):
            return self.length(None if value is None else len(value), "i") + (value or b"")
        return self.struct(self.message.fields_inside(field, kind), value)

    def length(self, length, plain):
        if self.flexible:
            return varint(0 if length is None else length + 1)
        return struct.pack(">" + plain, -1 if length is None else length)


class Decoder:
    def __init__(self, message, version, data):
        self.message, self.version, self.data = message, version, data
        self.flexible = message.flexible(version)

    def take(self, length):
        if length > len(self.data):
            raise ValueError("too short")
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def varint(self):
        number = shift = 0
        while True:
            (byte,) = self.take(1)
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def struct(self, fields):
        value = {f["name"]: self.field(f) for f in self.message.fields_of(self.version, fields)}
        if self.flexible:
            for _ in range(self.varint()):
                self.varint()
                self.take(self.varint())
        return value

    def field(self, field):
        kind = field["type"]
        if kind.startswith("[]"):
            length = self.length("i")
            return None if length is None else [self.one(field, kind[2:]) for _ in range(length)]
        if nullable(field, self.version) and kind not in ("string", "bytes", "records") and self.take(1) == b"\xff":
            return None
        return self.one(field, kind)

    def one(self, field, kind):
        if kind in FIXED:
            return struct.unpack(">" + FIXED[kind], self.take(struct.calcsize(FIXED[kind])))[0]
        if kind == "uuid":
            return self.take(16)
        if kind in ("string", "bytes", "records"):
            length = self.length("h" if kind == "string" else "i")
            data = None if length is None else self.take(length)
            return data.decode() if data is not None and kind == "string" else data
        return self.struct(self.message.fields_inside(field, kind))

    def length(self, plain):
        if self.flexible:
            return self.varint() - 1 if self.data[:1] != b"\0" else self.take(1) and None
        length = struct.unpack(">" + plain, self.take(struct.calcsize(plain)))[0]
        return None if length < 0 else length
