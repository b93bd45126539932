#!/usr/bin/env python3
"""Runs the pods of the overlay `us` with the static binary in empty roots.

usage: chroot.py BINARY   (root only)

Every service gets a root of its own that holds the binary and what its pod mounts, nothing else: no
libc, no passwd, no certificates of the system. Arguments, variables, settings and mounts are those
that the overlay renders to. All of it runs in a network of its own with a name server of ours and
the deployed Redis settings. Passed when every service becomes ready, names are looked up the way
they are in a cluster, one transaction is decided over mutual TLS, and SIGTERM ends everything cleanly.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import check
import yaml

OVERLAY = "us"
TRUST_DOMAIN = "us.concord.example"
AGENCY = "bis"
USER = 65532
SEARCH = "concord.svc.cluster.local"
# Every pod has an address of its own, as in a cluster.
ADDRESSES = {
    "classification": "127.0.0.11",
    "screening": "127.0.0.12",
    "audit": "127.0.0.13",
    "determination": "127.0.0.14",
    "redis": "127.0.0.15",
}
CHROOT = shutil.which("chroot", path="/usr/sbin:/sbin:/usr/bin:/bin") or "chroot"
PASSWORD = "not a secret: this Redis lives for one test"


def run(*command: str | Path, **options) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [str(c) for c in command], capture_output=True, text=True, check=False, **options
    )
    if done.returncode != 0:
        sys.exit(f"`{' '.join(map(str, command))}` ended with {done.returncode}:\n{done.stderr}")
    return done


# --- names --------------------------------------------------------------------------------------


class NameServer(threading.Thread):
    """Answers A queries for the pods' full names, and remembers who was asked for."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.asked: set[str] = set()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))

    def run(self) -> None:
        while True:
            query, sender = self.socket.recvfrom(512)
            self.socket.sendto(self.answer(query), sender)

    def answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while length := query[at]:
            labels.append(query[at + 1 : at + 1 + length].decode("ascii").lower())
            at += 1 + length
        question = query[12 : at + 5]
        kind = int.from_bytes(query[at + 1 : at + 3], "big")
        name = ".".join(labels)
        address = ADDRESSES.get(name.removesuffix(f".{SEARCH}")) if name.endswith(SEARCH) else None
        if address is None:  # no such name
            return query[:2] + b"\x85\x83\x00\x01" + bytes(6) + question
        if kind != 1:  # the name has no such record
            return query[:2] + b"\x85\x80\x00\x01" + bytes(6) + question
        self.asked.add(name.removesuffix(f".{SEARCH}"))
        record = b"\xc0\x0c\x00\x01\x00\x01" + (5).to_bytes(4, "big") + b"\x00\x04"
        return (
            query[:2] + b"\x85\x80\x00\x01\x00\x01" + bytes(4) + question
            + record + socket.inet_aton(address)
        )  # fmt: skip


# --- certificates -------------------------------------------------------------------------------


class Authority:
    """A certificate authority that lives for one test."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        self.bundle = folder / "ca.crt"
        # fmt: off
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", folder / "ca.key",
            "-out", self.bundle, "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        # fmt: on

    def issue(self, folder: Path, name: str) -> None:
        """Writes tls.crt and tls.key with one subject alternative name."""
        folder.mkdir(parents=True, exist_ok=True)
        extensions = folder / "extensions"
        extensions.write_text(
            f"subjectAltName={name}\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
            "extendedKeyUsage=serverAuth,clientAuth\n"
        )
        # fmt: off
        run("openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-subj", "/CN=test", "-keyout", folder / "tls.key", "-out", folder / "csr")
        run("openssl", "x509", "-req", "-in", folder / "csr", "-CA", self.bundle,
            "-CAkey", self.folder / "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", extensions, "-out", folder / "tls.crt")
        # fmt: on
        extensions.unlink()
        (folder / "csr").unlink()


def secrets(folder: Path) -> None:
    """One folder per Secret that the pods mount."""
    own = Authority(folder / "ca-own", TRUST_DOMAIN)
    other = Authority(folder / "ca-counterpart", "kr.concord.example")
    of_redis = Authority(folder / "ca-redis", "redis")
    for service in check.SERVICES:
        name = f"URI:spiffe://{TRUST_DOMAIN}/agency/{AGENCY}/{service}"
        own.issue(folder / f"{service}-tls", name)
    own.issue(folder / "client", f"URI:spiffe://{TRUST_DOMAIN}/agency/{AGENCY}/client")
    bundles = folder / "trust-bundles"
    bundles.mkdir()
    shutil.copy(own.bundle, bundles / f"{TRUST_DOMAIN}.pem")
    shutil.copy(other.bundle, bundles / "kr.concord.example.pem")
    of_redis.issue(folder / "redis-tls", "DNS:redis")
    shutil.copy(of_redis.bundle, folder / "redis-tls" / "ca.crt")
    log_key = folder / "audit-log-key"
    log_key.mkdir()
    run("openssl", "genpkey", "-algorithm", "ed25519", "-out", log_key / "log.pem")
    key = base64.b64encode(os.urandom(32)).decode()
    (log_key / "kek.key").write_text(f"concord.kek/v1 {key}\n")
    client = folder / "redis-client"
    client.mkdir()
    (client / "password").write_text(PASSWORD)
    (client / "mac.key").write_bytes(os.urandom(32))
    shutil.copy(of_redis.bundle, client / "ca.crt")


# --- pods ---------------------------------------------------------------------------------------


class Pod:
    """One service in its own root."""

    def __init__(self, folder: Path, name: str, objects: dict, binary: Path) -> None:
        self.name = name
        self.root = folder / name
        kind = "StatefulSet" if name == "audit" else "Deployment"
        spec = objects[kind, name]["spec"]["template"]["spec"]
        container = spec["containers"][0]
        merged, self.variables, _ = check.settings(objects, spec)
        volumes = {v["name"]: v for v in spec["volumes"]}
        for mount in container["volumeMounts"]:
            inside = self.root / mount["mountPath"].lstrip("/")
            volume = volumes.get(mount["name"], {})
            if "configMap" in volume:
                inside.mkdir(parents=True)
                for file, text in objects["ConfigMap", volume["configMap"]["name"]]["data"].items():
                    (inside / file).write_text(text)
            elif "secret" in volume:
                shutil.copytree(folder / "secrets" / volume["secret"]["secretName"], inside)
            else:
                inside.mkdir(parents=True)
        for path in [self.root, *self.root.rglob("*")]:
            os.chown(path, USER, USER)
        shutil.copy(binary, self.root / "concord")
        # What the kubelet adds to every pod.
        etc = self.root / "etc"
        (etc / "resolv.conf").write_text(
            f"search {SEARCH} svc.cluster.local cluster.local\nnameserver 127.0.0.1\noptions ndots:5\n"
        )
        address = ADDRESSES[name]
        for key in ("listen", "admin_listen"):
            port = check.port_of(merged["server"][key])
            self.variables[f"CONCORD__SERVER__{key.upper()}"] = f"{address}:{port}"
        self.command = ["/concord", *container["args"]]
        self.process: subprocess.Popen | None = None

    def chroot(self, *command: str) -> list[str]:
        return [CHROOT, f"--userspec={USER}:{USER}", str(self.root), *command]

    def start(self) -> None:
        self.log = open(self.root.with_suffix(".log"), "w+")
        self.process = subprocess.Popen(
            self.chroot(*self.command), env=self.variables, stdout=self.log, stderr=self.log
        )

    def fail(self, what: str) -> None:
        self.log.seek(0)
        sys.exit(f"{self.name}: {what}; its log:\n{self.log.read()[-6000:]}")

    def wait_ready(self, until: float) -> None:
        url = f"http://{ADDRESSES[self.name]}:{check.ADMIN_PORT}/readyz"
        answer = "no answer"
        while time.monotonic() < until:
            if (code := self.process.poll()) is not None:
                self.fail(f"ended with {code}")
            try:
                with urllib.request.urlopen(url, timeout=2) as response:
                    if response.status == 200:
                        return
            except urllib.error.HTTPError as error:
                answer = f"{error.code} {error.read().decode().strip()}"
            except OSError as error:
                answer = str(error)
            time.sleep(0.1)
        self.fail(f"not ready: {answer}")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait_end(self) -> None:
        try:
            code = self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.fail("does not end on SIGTERM")
        if code != 0:
            self.fail(f"ended with {code} on SIGTERM")


def start_redis(folder: Path, objects: dict) -> subprocess.Popen:
    """Redis with the settings of the ConfigMap and the ACL that deploy/README.md describes."""
    (text,) = [
        "".join(o["data"].values())
        for (kind, name), o in objects.items()
        if kind == "ConfigMap" and name.startswith("redis-config")
    ]
    tls = folder / "secrets" / "redis-tls"
    acl = folder / "users.acl"
    readme = (check.ROOT / "deploy" / "README.md").read_text()
    rules = readme.split("`user concord on #<sha256 of the password> ", 1)[1].split("`", 1)[0]
    digest = run("sha256sum", input=PASSWORD).stdout.split()[0]
    acl.write_text(f"user default off\nuser concord on #{digest} {rules}\n")
    text = text.replace("/run/redis/tls", str(tls)).replace("/run/redis/acl/users.acl", str(acl))
    config = folder / "redis.conf"
    config.write_text(text + f"\nbind {ADDRESSES['redis']}\n")
    process = subprocess.Popen(["redis-server", config], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 10
    # fmt: off
    ping = ["redis-cli", "-h", ADDRESSES["redis"], "--tls", "--cacert", str(tls / "ca.crt"),
            "--sni", "redis", "--user", "concord", "--no-auth-warning", "-a", PASSWORD, "ping"]
    # fmt: on
    while subprocess.run(ping, capture_output=True, text=True, check=False).stdout != "PONG\n":
        if process.poll() is not None or time.monotonic() > until:
            sys.exit("redis-server does not answer with the deployed settings")
        time.sleep(0.05)
    return process


# --- the test -----------------------------------------------------------------------------------


def decide(pod: Pod) -> dict:
    """One transaction through the deployment, by the program itself from another empty root."""
    client = pod.root / "client"
    shutil.copytree(pod.root.parent / "secrets" / "client", client)
    shutil.copy(
        pod.root.parent / "secrets" / "trust-bundles" / f"{TRUST_DOMAIN}.pem", client / "ca.pem"
    )
    example = check.ROOT / "examples" / "h100-us-to-kr.yaml"
    shutil.copy(example, client / "transaction.yaml")
    for path in [client, *client.rglob("*")]:
        os.chown(path, USER, USER)
    # fmt: off
    command = pod.chroot("/concord", "determine", "/client/transaction.yaml", "--json",
                         "--server", "https://determination:7104", "--cert", "/client/tls.crt",
                         "--key", "/client/tls.key", "--ca", "/client/ca.pem")
    # fmt: on
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={}, timeout=60)
    if done.returncode != 0:
        print(done.stdout, done.stderr, file=sys.stderr)
        pod.fail(f"determine ended with {done.returncode}")
    answer = json.loads(done.stdout)["determination"]
    # The deployment stands alone here: it decides under its own law, and says who did not answer.
    if answer["own"]["jurisdiction"] != "US" or not answer["own"]["outcome"]:
        sys.exit(f"no decision under the deployment's own law: {done.stdout}")
    states = [c["status"] for c in answer["counterparts"]]
    if states != ["COUNTERPART_STATUS_UNAVAILABLE"]:
        sys.exit(f"the counterpart cannot be reached, and the answer says {states}")
    return answer


def inside(binary: Path) -> None:
    run("ip", "link", "set", "lo", "up")
    names = NameServer()
    names.start()
    rendered = check.render("kubectl", check.OVERLAYS / OVERLAY)
    objects = {(o["kind"], o["metadata"]["name"]): o for o in yaml.safe_load_all(rendered)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        secrets(folder / "secrets")
        redis = start_redis(folder, objects)
        pods = {s: Pod(folder, s, objects, binary) for s in check.SERVICES}
        for pod in pods.values():
            pod.start()
        until = time.monotonic() + 60
        for pod in pods.values():
            pod.wait_ready(until)
        print("ready: " + ", ".join(pods))
        answer = decide(pods["determination"])
        print(f"decided: {answer['own']['outcome']}, literally {answer['own']['literal_outcome']}")
        for service in check.SERVICES:
            if service not in names.asked:
                sys.exit(f"nobody looked up `{service}`; asked: {sorted(names.asked)}")
        print("looked up: " + ", ".join(sorted(names.asked)))
        for pod in pods.values():
            pod.stop()
        for pod in pods.values():
            pod.wait_end()
        print("ended cleanly")
        redis.terminate()
        redis.wait(timeout=10)


def main() -> None:
    binary = Path(sys.argv[-1]).resolve()
    if os.geteuid() != 0:
        sys.exit("an empty root and a network of its own need root")
    if sys.argv[1] == "--inside":
        inside(binary)
        return
    # A network without anything but loopback, and an end for everything that is started.
    command = ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    os.execvp("unshare", [*command, sys.executable, __file__, "--inside", str(binary)])


if __name__ == "__main__":
    main()
