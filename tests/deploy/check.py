#!/usr/bin/env python3
"""Checks what the overlays render to.

usage: check.py [--kubectl KUBECTL] [--concord BINARY]

Every overlay is rendered with `kubectl kustomize`, checked against the published schemas with
`kubernetes-validate --strict`, and then against what we promise: every pod hardened and probed,
every path in the settings mounted, and the network edges exactly those that the settings use.
With --concord the settings of every pod are also read by the program itself (`check-config`).
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import yaml

try:
    import tomllib
except ModuleNotFoundError:  # Python before 3.11
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]
OVERLAYS = ROOT / "deploy" / "kubernetes" / "overlays"
SERVICES = ("classification", "screening", "audit", "determination")
ADMIN_PORT = 7190
AGENCY = "namespaces with concord.example/agency-client=true"
COLLECTOR = "telemetry/collector"
DNS = "kube-system/kube-dns"
MONITORING = "monitoring"
POSTGRES = "database/postgres"


class Checks:
    """Counts what was checked and says what failed, all of it."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def that(self, holds: bool, what: str) -> None:
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED  {what}", file=sys.stderr)


def render(kubectl: str, overlay: Path) -> str:
    done = subprocess.run(
        [kubectl, "kustomize", str(overlay)], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"`{kubectl} kustomize {overlay}` failed:\n{done.stderr}")
    return done.stdout


def validate(checks: Checks, name: str, text: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(text)
        file.flush()
        done = subprocess.run(
            ["kubernetes-validate", "--strict", "--quiet", file.name],
            capture_output=True,
            text=True,
            check=False,
        )
    checks.that(done.returncode == 0, f"{name}: kubernetes-validate\n{done.stdout}{done.stderr}")


# --- pods ---------------------------------------------------------------------------------------


def hardening(checks: Checks, where: str, pod: dict) -> None:
    """PodSecurity `restricted`, and a little more."""
    context = pod.get("securityContext", {})
    checks.that(context.get("runAsNonRoot") is True, f"{where}: runAsNonRoot")
    checks.that(context.get("runAsUser", 0) > 0, f"{where}: a numeric user other than root")
    checks.that(
        context.get("seccompProfile", {}).get("type") == "RuntimeDefault", f"{where}: seccomp"
    )
    checks.that(
        pod.get("automountServiceAccountToken") is False, f"{where}: no service account token"
    )
    checks.that(pod.get("serviceAccountName") is not None, f"{where}: its own service account")
    checks.that(pod.get("enableServiceLinks") is False, f"{where}: no injected service variables")
    checks.that(
        not any(pod.get(k) for k in ("hostNetwork", "hostPID", "hostIPC")), f"{where}: no host"
    )
    for container in pod["containers"] + pod.get("initContainers", []):
        inner = container.get("securityContext", {})
        name = f"{where}/{container['name']}"
        checks.that(inner.get("allowPrivilegeEscalation") is False, f"{name}: no escalation")
        checks.that(inner.get("readOnlyRootFilesystem") is True, f"{name}: read-only root")
        checks.that(inner.get("capabilities", {}).get("drop") == ["ALL"], f"{name}: drop ALL")
        checks.that("add" not in inner.get("capabilities", {}), f"{name}: adds no capability")
        resources = container.get("resources", {})
        for kind in ("requests", "limits"):
            for what in ("cpu", "memory"):
                checks.that(what in resources.get(kind, {}), f"{name}: {kind}.{what}")


def probes(checks: Checks, where: str, container: dict) -> None:
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for probe, path in (
        ("startupProbe", "/livez"),
        ("livenessProbe", "/livez"),
        ("readinessProbe", "/readyz"),
    ):
        get = container.get(probe, {}).get("httpGet", {})
        checks.that(get.get("path") == path, f"{where}: {probe} asks {path}")
        checks.that(ports.get(get.get("port")) == ADMIN_PORT, f"{where}: {probe} on the admin port")


# --- settings -----------------------------------------------------------------------------------


def merge(into: dict, path: list[str], value: object) -> None:
    """Adds one `CONCORD__…` variable to the settings, as the program does."""
    for segment in path[:-1]:
        into = into.setdefault(segment, {})
    last = path[-1]
    if isinstance(value, dict) and isinstance(into.get(last), dict):
        into[last].update(value)
    else:
        into[last] = value


def settings(objects: dict, pod: dict) -> tuple[dict, dict[str, str], str]:
    """What one service reads: file and environment merged, the variables alone, the file's text."""
    container = pod["containers"][0]
    config = next(v["configMap"]["name"] for v in pod["volumes"] if v["name"] == "config")
    (text,) = objects["ConfigMap", config]["data"].values()
    variables: dict[str, str] = {}
    for source in container.get("envFrom", []):
        variables |= objects["ConfigMap", source["configMapRef"]["name"]]["data"]
    variables |= {e["name"]: e["value"] for e in container.get("env", []) if "value" in e}
    merged = tomllib.loads(text)
    for name, value in variables.items():
        if not name.startswith("CONCORD__"):
            continue
        if value.lstrip().startswith(("[", "{")):
            value = tomllib.loads(f"v = {value}")["v"]
        merge(merged, name.removeprefix("CONCORD__").lower().split("__"), value)
    return merged, variables, text


def leaves(value: object, path: str = "") -> list[tuple[str, object]]:
    if isinstance(value, dict):
        return [leaf for k, v in value.items() for leaf in leaves(v, f"{path}.{k}" if path else k)]
    if isinstance(value, list):
        return [leaf for i, v in enumerate(value) for leaf in leaves(v, f"{path}[{i}]")]
    return [(path, value)]


def mounts(checks: Checks, where: str, pod: dict, merged: dict) -> None:
    """Every file that the settings name lies in something that is mounted."""
    mounted = [m["mountPath"] for m in pod["containers"][0]["volumeMounts"]]
    volumes = {v["name"] for v in pod["volumes"]}
    for path, value in leaves(merged):
        if isinstance(value, str) and value.startswith("/"):
            inside = any(value == m or value.startswith(m + "/") for m in mounted)
            checks.that(inside, f"{where}: {path} = {value} is not in a mounted volume")
    templates = {"data"}  # the StatefulSet's claim
    for mount in pod["containers"][0]["volumeMounts"]:
        checks.that(mount["name"] in volumes | templates, f"{where}: volume {mount['name']}")


def trust(checks: Checks, where: str, merged: dict) -> None:
    """Every door and every channel trusts one domain, and names identities of that domain only."""
    for path, value in leaves(merged):
        if not isinstance(value, str) or not value.startswith("spiffe://"):
            continue
        section = re.split(r"\.(?:allow|server_identity)\b", path)[0]
        holder: object = merged
        for segment in section.split("."):
            holder = holder[segment]
        domain = value.removeprefix("spiffe://").split("/", 1)[0]
        bundles = list(holder["tls"]["bundles"])
        checks.that(bundles == [domain], f"{where}: {path} is of {domain}, trusted: {bundles}")


def port_of(address: str) -> int:
    return int(address.rsplit(":", 1)[1])


def used_edges(service: str, merged: dict, counterpart: str, nodes: str) -> set[tuple]:
    """Edges (direction, service, peer, port) that these settings need."""
    edges: set[tuple] = set()
    for path, value in leaves(merged):
        if not isinstance(value, str):
            continue
        key = path.rsplit(".", 1)[-1]
        if key in ("uri", "url", "otlp_endpoint"):
            parts = urlsplit(value)
            host = parts.hostname or ""
            if key == "otlp_endpoint":
                peer = COLLECTOR
            elif path == "postgres.url":
                peer = POSTGRES
            elif "." not in host:
                peer = host
                edges.add(("ingress", host, service, parts.port))
            else:
                peer = counterpart
            edges.add(("egress", service, peer, parts.port))
            edges.add(("egress", service, DNS, 53))
        elif key == "admin_listen":
            edges.add(("ingress", service, MONITORING, port_of(value)))
            edges.add(("ingress", service, nodes, port_of(value)))
        elif key == "listen" and path == "server.listen" and service in ("determination", "audit"):
            edges.add(("ingress", service, AGENCY, port_of(value)))
        elif key == "listen" and "federation" in path:
            edges.add(("ingress", service, counterpart, port_of(value)))
    return edges


# --- network policies ---------------------------------------------------------------------------


def names_of(selector: dict) -> list[str]:
    """The services that a pod selector picks."""
    if name := selector.get("matchLabels", {}).get("app.kubernetes.io/name"):
        return [name]
    for term in selector.get("matchExpressions", []):
        if term["key"] == "app.kubernetes.io/name" and term["operator"] == "In":
            return term["values"]
    return []


def peers_of(peer: dict) -> list[str]:
    if block := peer.get("ipBlock"):
        return [block["cidr"]]
    if spaces := peer.get("namespaceSelector"):
        labels = spaces.get("matchLabels", {})
        if "concord.example/agency-client" in labels:
            return [AGENCY]
        space = labels["kubernetes.io/metadata.name"]
        inner = peer.get("podSelector", {}).get("matchLabels", {})
        return [f"{space}/{next(iter(inner.values()))}" if inner else space]
    return names_of(peer["podSelector"])


def allowed_edges(objects: dict) -> set[tuple]:
    """Edges that the policies open; a rule without peers or ports opens everything and is shown."""
    edges: set[tuple] = set()
    for (kind, name), policy in objects.items():
        if kind != "NetworkPolicy":
            continue
        spec = policy["spec"]
        for direction, far in (("ingress", "from"), ("egress", "to")):
            for rule in spec.get(direction, []):
                peers = [p for peer in rule.get(far, []) for p in peers_of(peer)]
                ports = [port["port"] for port in rule.get("ports", [])]
                for service in names_of(spec["podSelector"]) or [f"every pod ({name})"]:
                    for peer in peers or ["anyone"]:
                        for port in ports or ["any port"]:
                            edges.add((direction, service, peer, port))
    return edges


def network(checks: Checks, overlay: str, objects: dict, all_settings: dict) -> None:
    deny = objects["NetworkPolicy", "default-deny"]["spec"]
    checks.that(deny["podSelector"] == {}, f"{overlay}: default-deny is for every pod")
    checks.that(
        sorted(deny["policyTypes"]) == ["Egress", "Ingress"], f"{overlay}: default-deny both ways"
    )
    checks.that(
        not deny.get("ingress") and not deny.get("egress"), f"{overlay}: default-deny opens nothing"
    )
    block = objects["NetworkPolicy", "federation"]["spec"]["ingress"][0]["from"][0]["ipBlock"]
    counterpart = block["cidr"]
    probe = objects["NetworkPolicy", "probes"]["spec"]["ingress"][0]["from"][0]["ipBlock"]
    nodes = probe["cidr"]
    ranges = objects["Service", "federation"]["spec"]["loadBalancerSourceRanges"]
    checks.that(ranges == [counterpart], f"{overlay}: the balancer admits the counterpart alone")
    used = {("ingress", "redis", nodes, 6379)}  # its own probe
    for service, merged in all_settings.items():
        used |= used_edges(service, merged, counterpart, nodes)
    allowed = allowed_edges(objects)
    for edge in sorted(allowed - used, key=str):
        checks.that(False, f"{overlay}: open and not used by any setting: {edge}")
    for edge in sorted(used - allowed, key=str):
        checks.that(False, f"{overlay}: used by a setting and not open: {edge}")
    checks.passed += len(used & allowed)


# --- alerts -------------------------------------------------------------------------------------


def alerts(checks: Checks) -> None:
    """Every metric in an alert is one that the code records."""
    recorded: set[str] = set()
    for source in [*ROOT.glob("crates/*/src/**/*.rs"), *ROOT.glob("services/*/src/**/*.rs")]:
        for name in re.findall(r'"((?:concord|rpc)\.[a-z_.]+)"', source.read_text()):
            flat = name.replace(".", "_")
            recorded |= {flat, f"{flat}_total"}
            recorded |= {f"{flat}_seconds_{part}" for part in ("bucket", "count", "sum")}
    for path in sorted((ROOT / "deploy" / "alerts").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                expression = re.sub(r'"[^"]*"', "", rule["expr"])
                for name in re.findall(r"\b(?:concord|rpc)_[a-z_]+(?=[\[{])", expression):
                    checks.that(name in recorded, f"{path.name}: {rule['alert']}: no metric {name}")
                checks.that("summary" in rule["annotations"], f"{rule['alert']}: a summary")


# --- one overlay --------------------------------------------------------------------------------


def check_config(
    checks: Checks, where: str, binary: str, service: str, text: str, variables: dict[str, str]
) -> None:
    """The program itself reads the pod's settings."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{service}.toml"
        path.write_text(text)
        done = subprocess.run(
            [binary, "check-config", service, "--config", str(path)],
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )
    checks.that(done.returncode == 0, f"{where}: check-config: {done.stderr.strip()}")


def the_log(checks: Checks, overlay: str, spec: dict, merged: dict) -> None:
    """A log in a directory has one pod and a volume for it alone; one in a database has several."""
    claims = [c["spec"]["accessModes"] for c in spec.get("volumeClaimTemplates", [])]
    if "postgres" in merged:
        checks.that(claims == [], f"{overlay}: nothing of the log is in a volume")
        checks.that(spec["replicas"] > 1, f"{overlay}: more than one replica")
        url = urlsplit(merged["postgres"]["url"])
        checks.that(url.password is None, f"{overlay}: no password in postgres.url")
        checks.that("ca_file" in merged["postgres"], f"{overlay}: TLS to the database")
        checks.that("dev_plaintext" not in merged["postgres"], f"{overlay}: no plaintext")
    else:
        checks.that(claims == [["ReadWriteOncePod"]], f"{overlay}: the log's volume has one pod")
        checks.that(spec["replicas"] == 1, f"{overlay}: one writer")


def check(checks: Checks, overlay: str, text: str, binary: str | None) -> None:
    objects: dict = {}
    for one in yaml.safe_load_all(text):
        key = (one["kind"], one["metadata"]["name"])
        checks.that(key not in objects, f"{overlay}: {key} appears twice")
        objects[key] = one
        in_place = one["kind"] == "Namespace" or one["metadata"].get("namespace") == "concord"
        checks.that(in_place, f"{overlay}: {key} in the namespace")
        checks.that(one["kind"] != "Secret", f"{overlay}: {key}: secrets are not in the repository")

    labels = objects["Namespace", "concord"]["metadata"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        level = labels.get(f"pod-security.kubernetes.io/{mode}")
        checks.that(level == "restricted", f"{overlay}: PodSecurity {mode}")

    all_settings = {}
    for (kind, name), one in objects.items():
        if kind not in ("Deployment", "StatefulSet"):
            continue
        where = f"{overlay}: {name}"
        pod = one["spec"]["template"]["spec"]
        hardening(checks, where, pod)
        account = objects.get(("ServiceAccount", name), {})
        checks.that(account.get("automountServiceAccountToken") is False, f"{where}: account")
        budget = objects.get(("PodDisruptionBudget", name), {}).get("spec", {})
        checks.that(budget.get("maxUnavailable") == 1, f"{where}: disruption budget")
        own = one["spec"]["template"]["metadata"]["labels"].items()
        for (other, label), thing in objects.items():
            if label == name and other in ("Service", "PodDisruptionBudget"):
                selector = thing["spec"]["selector"]
                selector = selector.get("matchLabels", selector)
                checks.that(selector.items() <= own, f"{where}: {other} selects its pods")
        if name not in SERVICES:
            continue
        checks.that(
            objects["Service", name]["spec"]["clusterIP"] == "None", f"{where}: headless service"
        )
        container = pod["containers"][0]
        probes(checks, where, container)
        merged, variables, toml = settings(objects, pod)
        all_settings[name] = merged
        mounts(checks, where, pod, merged)
        trust(checks, where, merged)
        listens = {port_of(v) for p, v in leaves(merged) if p.split(".")[-1].endswith("listen")}
        ports = {port["containerPort"] for port in container["ports"]}
        checks.that(listens == ports, f"{where}: listens on {listens}, declares {ports}")
        server = merged["server"]
        drain = (server["drain_delay_ms"] + server["drain_timeout_ms"]) / 1000
        checks.that(
            pod["terminationGracePeriodSeconds"] > drain, f"{where}: grace period of {drain} s"
        )
        if binary:
            check_config(checks, where, binary, name, toml, variables)
    checks.that(sorted(all_settings) == sorted(SERVICES), f"{overlay}: four services")
    the_log(checks, overlay, objects["StatefulSet", "audit"]["spec"], all_settings["audit"])
    network(checks, overlay, objects, all_settings)


def mirrored(checks: Checks) -> None:
    """Both deployments are set up alike: only names, addresses and deadlines of their own differ."""
    names = [("us.concord", "kr.concord"), ("agency/bis/", "agency/motir/"), ('"US"', '"KR"')]
    names += [("counterparts.US", "counterparts.KR"), ("counterparts.bis", "counterparts.motir"), ('"us"', '"kr"'), ('"bis" ', '"motir" ')]
    for service in SERVICES:
        texts = [
            (ROOT / "deploy" / "config" / deployment / f"{service}.toml").read_text()
            for deployment in ("us", "kr")
        ]
        for index, (us, kr) in enumerate(names):
            texts[0] = texts[0].replace(us, f"<{index}a>").replace(kr, f"<{index}b>")
            texts[1] = texts[1].replace(kr, f"<{index}a>").replace(us, f"<{index}b>")
        first, second = ([line.split() for line in text.splitlines()] for text in texts)
        checks.that(first == second, f"deploy/config/{{us,kr}}/{service}.toml differ in more than names")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kubectl", default="kubectl")
    parser.add_argument("--concord", help="the program, to read every pod's settings")
    arguments = parser.parse_args()
    checks = Checks()
    alerts(checks)
    mirrored(checks)
    for overlay in sorted(p for p in OVERLAYS.iterdir() if p.is_dir()):
        text = render(arguments.kubectl, overlay)
        validate(checks, overlay.name, text)
        check(checks, overlay.name, text, arguments.concord)
    print(f"deploy: {checks.passed} passed, {checks.failed} failed", file=sys.stderr)
    sys.exit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
