"""YAML as people mean it: JSON's types only, so `0123` and `12:30` stay the texts they are.

YAML 1.1 would read them as 83 and 750, `no` as false and a time without offset as local nowhere.
"""

import re
from collections.abc import Hashable
from typing import Any

import yaml
from typing_extensions import override

_KINDS = ("null", "bool", "int", "float", "str", "seq", "map")
_TAG = "tag:yaml.org,2002:"


class StrictLoader(yaml.SafeLoader):
    """Loads null, true and false, numbers, texts, lists and mappings whose keys differ."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - replaces the parent's
    yaml_constructors = {  # noqa: RUF012 - replaces the parent's
        tag: constructor
        for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
        if tag is None or tag.removeprefix(_TAG) in _KINDS
    }

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name in seen and name != "<<":
                raise yaml.constructor.ConstructorError(
                    None, None, f"{name!r} stands twice in one mapping", key.start_mark
                )
            seen.add(name)
        return super().construct_mapping(node, deep)


for _kind, _pattern, _firsts in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"0|-?[1-9][0-9]*", list("-0123456789")),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?", list("-0123456789")),
    ("merge", r"<<", ["<"]),
):
    StrictLoader.add_implicit_resolver(_TAG + _kind, re.compile(rf"^(?:{_pattern})$"), _firsts)
