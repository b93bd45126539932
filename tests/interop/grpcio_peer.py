#!/usr/bin/env python3
"""An independent peer: Python's grpcio with code that it generates from proto/ itself, against a running `concord dev`.

Health, reflection (v1 and v1alpha), Determine of an example, the record's inclusion proof checked with hashlib alone, and a
rich error. CONCORD_BIN names the program; needs the packages of tests/requirements.txt.
"""

import base64
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AUDIT = "concord.audit.v1.AuditService"
DETERMINATION = "concord.determination.v1.DeterminationService"

with tempfile.TemporaryDirectory() as generated:
    # Before any import of generated code.
    import grpc_tools.protoc
    from grpc_tools import _proto  # noqa: F401  (the well-known types live beside it)

    protos = sorted(str(p) for p in (ROOT / "proto").rglob("*.proto"))
    arguments = ["protoc", f"-I{ROOT / 'proto'}", f"-I{Path(grpc_tools.__file__).parent / '_proto'}"]
    arguments += [f"--python_out={generated}", f"--grpc_python_out={generated}"]
    if grpc_tools.protoc.main(arguments + protos) != 0:
        sys.exit("protoc refuses the contract")
    sys.path.insert(0, generated)

    import grpc
    import yaml
    from google.rpc import error_details_pb2
    from grpc_health.v1 import health_pb2, health_pb2_grpc
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
    from grpc_status import rpc_status

    from concord.audit.v1 import audit_service_pb2 as audit
    from concord.audit.v1 import audit_service_pb2_grpc as audit_grpc
    from concord.determination.v1 import determination_service_pb2 as determination
    from concord.determination.v1 import determination_service_pb2_grpc as determination_grpc
    from concord.type.v1 import item_pb2, receipt_pb2, transaction_pb2

# grpcio has no generated code for reflection v1: the messages are those of v1alpha under another name.
REFLECTION = {
    version: f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo" for version in ("v1", "v1alpha")
}


def request_of(path: Path, request_id: str) -> determination.DetermineRequest:
    """The request that an example file stands for."""
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    item, route = document["item"], document["transaction"]
    request = determination.DetermineRequest(as_of=document["as_of"])
    request.context.request_id = request_id
    request.context.case_reference = document.get("case_reference", "")
    request.context.actor = "interop"
    request.transaction.origin = route["origin"]
    request.transaction.destination = route["destination"]
    request.transaction.activity = transaction_pb2.Activity.Value("ACTIVITY_" + route["activity"].upper())
    for party in route.get("parties", []):
        request.transaction.parties.add(**party)
    line = request.transaction.lines.add(line_id="1")
    line.item.name = item["name"]
    line.item.kind = item_pb2.ItemKind.Value("ITEM_KIND_" + item["kind"].upper())
    line.item.type = item.get("type", "")
    for name, quantity in item.get("parameters", {}).items():
        line.item.parameters[name].value = quantity["value"]
        line.item.parameters[name].unit = quantity["unit"]
    for name, value in item.get("flags", {}).items():
        line.item.flags[name] = value == "true"
    return request


def root_of(leaf: bytes, index: int, size: int, path: list) -> bytes:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2)."""
    node, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if node & 1 or node == last:
            found = hashlib.sha256(b"\x01" + sibling + found).digest()
            while not node & 1:
                node, last = node >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + sibling).digest()
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ValueError("the proof is too short")
    return found


class Peer(unittest.TestCase):
    """One `concord dev` for all tests."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.certs = Path(cls.folder.name) / "certs"
        command = [os.environ["CONCORD_BIN"], "--json", "dev", "--data-dir", cls.folder.name + "/data"]
        command += ["--write-certs", str(cls.certs)]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CONCORD")}
        cls.dev = subprocess.Popen(command, stdout=subprocess.PIPE, env=clean, text=True)
        line = cls.dev.stdout.readline()
        if not line:
            raise RuntimeError(f"concord dev ended with {cls.dev.wait()} and named no addresses")
        us = next(d for d in json.loads(line)["deployments"] if d["jurisdiction"] == "US")
        cls.addresses = us["grpc"]
        # Records are read by those who may read the log: here with the identity of the determination service.
        inner = Path(cls.folder.name) / "data/us/certs/us.concord.example-bis-determination"
        client = cls.certs / "us-client"
        cls.channels = [
            cls.channel("determination", client),
            cls.channel("audit", inner),
        ]
        cls.client, cls.inner = cls.channels

    @classmethod
    def channel(cls, service: str, cert: Path) -> grpc.Channel:
        """A channel with that client certificate."""
        credentials = grpc.ssl_channel_credentials(
            (cls.certs / "us-ca.pem").read_bytes(),
            cert.with_name(cert.name + ".key").read_bytes(),
            cert.with_name(cert.name + ".pem").read_bytes(),
        )
        return grpc.secure_channel(cls.addresses[service], credentials)

    def test_health(self):
        for channel, service in [(self.client, DETERMINATION), (self.inner, AUDIT)]:
            health = health_pb2_grpc.HealthStub(channel)
            for name in ["", service]:
                answer = health.Check(health_pb2.HealthCheckRequest(service=name), timeout=10)
                self.assertEqual(answer.status, health_pb2.HealthCheckResponse.SERVING, name)
            with self.assertRaises(grpc.RpcError) as refused:
                health.Check(health_pb2.HealthCheckRequest(service="nothing"), timeout=10)
            self.assertEqual(refused.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_reflection(self):
        for version, method in REFLECTION.items():
            call = self.client.stream_stream(
                method,
                request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
                response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
            )
            asked = [
                reflection_pb2.ServerReflectionRequest(list_services=""),
                reflection_pb2.ServerReflectionRequest(file_containing_symbol=DETERMINATION),
            ]
            listed, file = call(iter(asked), timeout=10)
            names = [service.name for service in listed.list_services_response.service]
            self.assertIn(DETERMINATION, names, version)
            self.assertIn("grpc.health.v1.Health", names, version)
            self.assertTrue(file.file_descriptor_response.file_descriptor_proto, version)

    def test_determination_and_its_proof(self):
        stub = determination_grpc.DeterminationServiceStub(self.client)
        request = request_of(ROOT / "examples/h100-us-to-kr.yaml", "interop-1")
        answer = stub.Determine(request, timeout=30)
        own = answer.determination.own
        self.assertEqual((own.jurisdiction, own.outcome, own.literal_outcome), ("US", "no_list_licence", "licence_required"))
        self.assertEqual([c.jurisdiction for c in answer.determination.counterparts], ["KR"])
        self.assertEqual(stub.Determine(request, timeout=30), answer, "the stored answer")

        log = audit_grpc.AuditServiceStub(self.inner)
        record = log.GetRecord(audit.GetRecordRequest(record_id=answer.receipt.record_id), timeout=10).record
        self.assertEqual(record.kind, receipt_pb2.RECORD_KIND_DETERMINATION)
        leaf = hashlib.sha256(b"\x00" + record.leaf).digest()
        self.assertEqual(leaf, answer.receipt.leaf_hash)
        # More records, so that the proof has something in it.
        for number in range(2, 6):
            stub.Determine(request_of(ROOT / "examples/h100-us-to-kr.yaml", f"interop-{number}"), timeout=30)
        proof = log.GetInclusionProof(audit.GetInclusionProofRequest(index=answer.receipt.index), timeout=10)
        self.assertGreater(len(proof.hashes), 0)
        origin, size, root = proof.checkpoint.split("\n")[:3]
        self.assertEqual((origin, int(size)), (answer.receipt.log_origin, proof.tree_size))
        found = root_of(leaf, proof.index, proof.tree_size, list(proof.hashes))
        self.assertEqual(found, base64.b64decode(root, validate=True))
        with self.assertRaises(ValueError):
            root_of(leaf, proof.index, proof.tree_size, list(proof.hashes) + [leaf])
        flipped = bytes([leaf[0] ^ 1]) + leaf[1:]
        self.assertNotEqual(root_of(flipped, proof.index, proof.tree_size, list(proof.hashes)), found)

    def test_rich_error(self):
        stub = determination_grpc.DeterminationServiceStub(self.client)
        request = request_of(ROOT / "examples/h100-us-to-kr.yaml", "interop-wrong")
        request.transaction.lines[0].item.parameters["tppp"].value = "1"
        with self.assertRaises(grpc.RpcError) as refused:
            stub.Determine(request, timeout=30)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        details = {}
        for packed in rpc_status.from_call(refused.exception).details:
            for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest):
                if packed.Is(kind.DESCRIPTOR):
                    details[kind] = kind.FromString(packed.value)
        info = details[error_details_pb2.ErrorInfo]
        self.assertEqual((info.domain, info.reason), ("concord", "UNKNOWN_NAME"))
        [violation] = details[error_details_pb2.BadRequest].field_violations
        self.assertIn("lines[0].item.parameters", violation.field)
        self.assertIn("tppp", violation.field + violation.description)

    def test_denied(self):
        """An agency system reads checkpoints and proofs of its deployment's log; it neither writes nor searches."""
        log = audit_grpc.AuditServiceStub(self.channel("audit", self.certs / "us-client"))
        self.assertTrue(log.GetCheckpoint(audit.GetCheckpointRequest(), timeout=10).checkpoint)
        for call, request in [(log.Append, audit.AppendRequest()), (log.SearchRecords, audit.SearchRecordsRequest())]:
            with self.assertRaises(grpc.RpcError) as refused:
                call(request, timeout=10)
            self.assertEqual(refused.exception.code(), grpc.StatusCode.PERMISSION_DENIED)

    @classmethod
    def tearDownClass(cls):
        for channel in cls.channels:
            channel.close()
        cls.dev.send_signal(signal.SIGTERM)
        status = cls.dev.wait(timeout=30)
        cls.dev.stdout.close()
        cls.folder.cleanup()
        assert status == 0, f"concord dev ended with {status}"


if __name__ == "__main__":
    if "CONCORD_BIN" not in os.environ:
        sys.exit("CONCORD_BIN must name the program")
    unittest.main(verbosity=1)
