"""What Schemathesis is told of the demo: without it, nearly every id that it makes up is that of no guest.

A valid id becomes one of a guest that there is, two times of three, and that of a method one of a few that read; a plan's code is passed with the next deletion of
its guest. What every operation answered is counted, and written when the run ends.
"""

import atexit
import json
import os
from collections import Counter, defaultdict
from pathlib import Path

import schemathesis

METHODS = ["get_version", "get_nodes", "get_pools", "get_cluster_resources"]
GUESTS = {"vms": range(100, 140), "containers": range(200, 230)}
seen = defaultdict(Counter)
codes, tasks = {}, []
calls = 0


def number(value):
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else None


@schemathesis.hook
def before_call(context, case, kwargs):
    global calls
    calls += 1
    template = case.operation.path
    vmid = number((case.path_parameters or {}).get("vmid"))
    kind = template.split("/")[1]
    query = case.query if isinstance(case.query, dict) else None
    if kind in GUESTS and vmid is not None and calls % 3:
        guests = GUESTS[kind]
        case.path_parameters["vmid"] = vmid = guests[vmid % len(guests)]
        if query is not None:
            # A made-up node is that of no guest.
            query.pop("node", None)
        if query is not None and case.method == "DELETE" and vmid in codes:
            query["confirm"] = codes.pop(vmid)
    if template == "/api/{id}" and calls % 3:
        case.path_parameters["id"] = METHODS[calls % len(METHODS)]
        # A parameter that describes nothing, and arguments that no such method takes, are refused.
        if query is not None:
            for name in ("parameter", "fields", "filter", "cursor"):
                query.pop(name, None)
        if isinstance(case.body, dict):
            case.body = {}
    if template == "/tasks/{upid}" and tasks and calls % 3:
        case.path_parameters["upid"] = tasks[calls % len(tasks)]
    if template == "/tools/{name}" and isinstance(case.body, dict) and calls % 3:
        kind = "vms" if "VM" in str(case.path_parameters.get("name")) else "containers"
        if not str(case.path_parameters.get("name")).startswith("list"):
            case.body["vmid"] = GUESTS[kind][calls % len(GUESTS[kind])]
            case.body = {"vmid": case.body["vmid"]}


@schemathesis.hook
def after_call(context, case, response):
    seen[f"{case.operation.method.upper()} {case.operation.path}"][response.status_code] += 1
    try:
        body = json.loads(response.content)
    except ValueError:
        return
    if isinstance(body, dict) and response.status_code == 428 and "confirm" in body and "vmid" in case.path_parameters:
        codes[number(case.path_parameters["vmid"])] = body["confirm"]
    if isinstance(body, dict) and str(body.get("upid", "")).startswith("UPID:"):
        tasks.append(body["upid"])


@atexit.register
def write():
    if seen:
        Path(os.environ["SEEN"]).write_text(json.dumps(seen))
