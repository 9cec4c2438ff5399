#!/usr/bin/python3
"""Copies of recordings what is built so far.

usage: choose.py GOLDEN_DIR OUT_DIR SERVED.json NOT_BUILT.json RIG_CONFIG TYPES GROUP...
Left out are items of methods and application types that are not served yet, and those NOT_BUILT names with a reason.
In Python because a recording holds numbers that JavaScript cannot: NaN, and integers of any size."""
import json
import re
import sys
from urllib.parse import parse_qsl, urlsplit


def parse(text):
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return None


def request_of(item):
    """The JSON-RPC request that an item makes, also when it came as a path."""
    if item.get("transport") != "http":
        return item.get("request") or parse(item.get("request_raw"))
    parts = urlsplit(item["request"]["path"])
    if parts.path == "/server/jsonrpc":
        return parse(item["request"].get("body"))
    return {"method": parts.path[1:].replace("/", "."), "params": dict(parse_qsl(parts.query))}


def refused_as_unknown(item):
    answer = json.dumps(item.get("response") or item.get("stream"))
    return "-32601" in answer or '"status": 404' in answer


def other_types(config, types):
    """Applications of the recorded machine whose type is not served yet."""
    names = set() if "system" in types else {"system"}
    for part in re.split(r"^\[", open(config).read(), flags=re.M):
        name = re.match(r"update_manager (\S+)\]", part)
        kind = re.search(r"^type: (\S+)", part, flags=re.M)
        # A type that does not exist at all is refused in the same way by both.
        if name and kind and kind[1] not in types and kind[1] != "banana":
            names.add(name[1])
    return names


def is_served(item, method, served):
    # The path of a method may be another than its name: GET /access/user is access.get_user.
    return method in served or (item.get("transport") == "http" and urlsplit(item["request"]["path"]).path in served)


def why_not(item, listed, served, others):
    if item["name"] in listed:
        return listed[item["name"]]
    request = request_of(item)
    first = request[0] if isinstance(request, list) and request else request
    if not isinstance(first, dict):
        return None
    method, params = first.get("method"), first.get("params")
    if isinstance(method, str) and not is_served(item, method, served) and not refused_as_unknown(item):
        return "its method is not served yet"
    if isinstance(params, dict) and params.get("name") in list(others):
        return "its type is not served yet"
    return None


def main():
    golden, out, served_file, listed_file, config, types, *groups = sys.argv[1:]
    served, listed = json.load(open(served_file)), json.load(open(listed_file))
    others = other_types(config, types.split(","))
    for group in groups:
        recording = json.load(open(f"{golden}/{group}.json"))
        every = recording["items"]
        recording["items"] = [i for i in every if why_not(i, listed.get(group, {}), served, others) is None]
        print(f"{group}: {len(recording['items'])} of {len(every)} items are of what is built so far")
        json.dump(recording, open(f"{out}/{group}.json", "w"), ensure_ascii=False)


main()
