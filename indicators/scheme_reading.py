"""TOML data becomes frozen dataclasses, every problem named with its path."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

EXPECTED: Mapping[Any, str] = {
    str: "文字",
    int: "整数",
    bool: "true 或 false",
    Decimal: "数字（不加引号）",
}


def read_table(data: object, kind: type[T], problems: list[str]) -> T:
    """Return the dataclass a TOML table holds; add what is wrong to problems.

    The result is only whole where no problem was added. Unknown names are a problem:
    a mistyped name would otherwise silently leave a rule at its default.
    """
    table: T = _dataclass(data, kind, "", problems)
    return table


def _dataclass(data: object, kind: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(data, dict):
        problems.append(f"{path or '全文'}：应为一个表 [ ]")
        return None
    start = len(problems)
    hints = get_type_hints(kind)
    found: dict[str, Any] = {}
    for spec in fields(kind):
        inner = f"{path}.{spec.name}" if path else spec.name
        if spec.name in data:
            found[spec.name] = _value(
                data[spec.name], hints[spec.name], inner, problems
            )
        elif spec.default is MISSING and spec.default_factory is MISSING:
            problems.append(f"{inner}：缺少此项")
    for name in data.keys() - hints.keys():
        problems.append(f"{path}.{name}：没有这一项" if path else f"{name}：没有这一项")
    return kind(**found) if len(problems) == start else None


def _value(value: Any, hint: Any, path: str, problems: list[str]) -> Any:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        (hint,) = [each for each in get_args(hint) if each is not NoneType]
        origin = get_origin(hint)
    if origin is Literal:
        if value not in get_args(hint):
            problems.append(f"{path}：“{value}”应为 {'、'.join(get_args(hint))} 之一")
        return value
    if origin is tuple:
        return _tuple(value, get_args(hint)[0], path, problems)
    if origin is Mapping:
        return _mapping(value, get_args(hint)[1], path, problems)
    if is_dataclass(hint):
        return _dataclass(value, hint, path, problems)
    return _scalar(value, hint, path, problems)


def _tuple(value: Any, hint: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(value, list):
        problems.append(f"{path}：应为数组")
        return ()
    return tuple(
        _value(item, hint, f"{path}[{index}]", problems)
        for index, item in enumerate(value)
    )


def _mapping(value: Any, hint: Any, path: str, problems: list[str]) -> Any:
    if not isinstance(value, dict):
        problems.append(f"{path}：应为一个表")
        return {}
    return {
        name: _value(item, hint, f"{path}.{name}", problems)
        for name, item in value.items()
    }


def _scalar(value: Any, hint: Any, path: str, problems: list[str]) -> Any:
    # bool is a kind of int in Python, but true is no number.
    if isinstance(value, bool) is (hint is bool):
        if hint is Decimal and isinstance(value, int):
            return Decimal(value)
        if isinstance(value, hint) and not (
            isinstance(value, Decimal) and not value.is_finite()
        ):
            return value
    problems.append(f"{path}：“{value}”应为{EXPECTED[hint]}")
    return None
