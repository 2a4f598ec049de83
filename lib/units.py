"""Units of technical indicators: what people write, and conversion between units of one dimension. Pure.

A unit is read as a product of atoms ("kgf/cm²", "W/(m·K)", "毫克每升"). An atom nobody knows ("HRC", "目", "pH") is a
dimension of its own: comparable with itself and with nothing else, the honest answer for a hardness scale.

A temperature alone is a point on its scale (0 ℃ = 273.15 K); inside a compound ("℃/min", "W/(m·℃)") it is a
difference. Where a row alone means a difference ("temperature rise ≤ 5 ℃") only its name can tell: the caller says so.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from math import inf, pi

Dimension = tuple[tuple[str, int], ...]

MAX_CHARACTERS = 40
NO_UNIT = "无量纲"
RATIO = "比"


class IncomparableUnits(ValueError):
    """Two units measure different things; the message names both."""


@dataclass(frozen=True, slots=True)
class Unit:
    """value in base units = value × factor + offset."""

    factor: float
    dimension: Dimension
    offset: float = 0.0


def convert(value: float, source: str, target: str, *, is_difference: bool = False) -> float:
    """The value in another unit; IncomparableUnits when that means nothing. A difference of 5 ℃ is one of 5 K."""
    there, here = parse_unit(target), parse_unit(source)
    if there.dimension != here.dimension:
        raise IncomparableUnits(f"{source!r} and {target!r} measure different things")
    if there == here:
        return value
    if is_difference:
        return value * here.factor / there.factor
    return (value * here.factor + here.offset - there.offset) / there.factor


def same_dimension(first: str, second: str) -> bool:
    return parse_unit(first).dimension == parse_unit(second).dimension


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Unit:
    """Read a unit; never fails, because an unknown atom is a dimension of its own."""
    text = _tidy(text[:MAX_CHARACTERS])
    if not text:
        return Unit(1.0, ((NO_UNIT, 1),))
    single = _atom(text)
    if single and single.offset:
        return single
    factor, powers = _product(text)
    if not 0 < factor < inf:
        return Unit(1.0, ((text, 1),))
    dimension = {base: power for base, power in powers.items() if power}
    if set(dimension) - {RATIO}:
        dimension.pop(RATIO, None)  # ppm/K is 10⁻⁶/K
        return Unit(factor, tuple(sorted(dimension.items())))
    return Unit(factor, ((RATIO, 1),))  # also mg/kg and mm/m, where everything cancels


# --- reading -------------------------------------------------------------------------------------------------

_DOTS = re.compile(r"[⋅•∙・*×x✕](?=\D)|(?<=[A-Za-z])\.(?=[A-Za-z])")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_REMARK = re.compile(r"(?<![/·(])\([^()/·]*\)")  # mg/L(COD) — but not the brackets of W/(m·K)
_NUMBER = re.compile(r"([1-9]\d{0,8}(?:\.\d+)?)(?:\^?([-+]\d{1,2})|\^(\d{1,2}))?(.*)")
_POWER = re.compile(r"(.*?[^\d^-])\^?(-?\d)")


def _tidy(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.strip().lstrip("×✕"))
    text = _DASHES.sub("-", text).replace("µ", "μ").replace("Ω", "Ω")
    for written, meant in _SPELLINGS.items():
        text = text.replace(written, meant)
    text = _REMARK.sub("", text)
    text = _DOTS.sub("·", text)
    text = re.sub(r"\s*([/·()])\s*", r"\1", text.strip())
    text = re.sub(r"\s+", "·", text)
    text = re.sub(r"(?<=.)每", "/", text)
    return _ALIASES.get(text, text)


def _product(text: str) -> tuple[float, dict[str, int]]:
    """Factor and powers of a·b/c·d, where everything after a slash is below it (W/m·K means W/(m·K))."""
    factor = 1.0
    powers: dict[str, int] = {}
    sign = 1
    for piece in _split(text):
        if piece == "/":
            sign = -1
        elif piece != "·":
            piece_factor, piece_powers = _product(piece[1:-1]) if piece.startswith("(") else _power(piece)
            factor = factor * piece_factor if sign > 0 else factor / piece_factor
            for base, power in piece_powers.items():
                powers[base] = powers.get(base, 0) + sign * power
    return factor, powers


def _split(text: str) -> list[str]:
    """Atoms, bracketed groups, and the operators between them."""
    pieces, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth <= 0 and character in "/·":
            pieces += [character, ""]
        else:
            pieces[-1] += character
    return [piece for piece in pieces if piece]


def _power(piece: str) -> tuple[float, dict[str, int]]:
    if unit := _atom(piece):
        return unit.factor, dict(unit.dimension)
    if match := _NUMBER.fullmatch(piece):
        digits, signed, caret, rest = match.groups()
        number = float(digits) ** int(signed or caret or 1)
        factor, powers = _power(rest) if rest else (1.0, {})
        return number * factor, powers
    for name, exponent in _CHINESE_POWERS.items():
        if piece.startswith(name) and (unit := _atom(piece.removeprefix(name))):
            return unit.factor**exponent, {base: power * exponent for base, power in unit.dimension}
    if match := _POWER.fullmatch(piece):
        factor, powers = _power(match[1])
        exponent = int(match[2])
        return factor**exponent, {base: power * exponent for base, power in powers.items()}
    if piece[0] in _NUMERALS and piece[1:]:
        factor, powers = _power(piece[1:])
        return _NUMERALS[piece[0]] * factor, powers
    return 1.0, {piece.casefold(): 1}


def _atom(text: str) -> Unit | None:
    return _ATOMS.get(text) or (_ATOMS_ANY_CASE.get(text.lower()) if len(text) > 1 else None)


# --- the table -----------------------------------------------------------------------------------------------

_SPELLINGS = {
    "°C": "℃", "oC": "℃", "°F": "℉", "oF": "℉", "dB(A)": "dBA", "′′": "″",
}  # fmt: skip
_ALIASES = {
    "kg/cm2": "kgf/cm2", "公斤/平方厘米": "kgf/cm2", "公斤/cm2": "kgf/cm2",  # workshop shorthand for a pressure
    "/": "", "-": "", "1": "", "无": "", "无量纲": "",  # how tables say "no unit"
}  # fmt: skip
_CHINESE_POWERS = {"平方": 2, "立方": 3}
_NUMERALS = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}

_PREFIXES = {"k": 1e3, "m": 1e-3, "μ": 1e-6, "u": 1e-6, "n": 1e-9, "p": 1e-12, "c": 1e-2, "d": 1e-1, "h": 1e2}
_LARGE_PREFIXES = {"M": 1e6, "G": 1e9, "T": 1e12}
_CHINESE_PREFIXES = {
    "兆": 1e6, "吉": 1e9, "太": 1e12, "分": 1e-1, "厘": 1e-2, "毫": 1e-3, "微": 1e-6, "纳": 1e-9, "皮": 1e-12,
}  # fmt: skip

_PRESSURE = {"kg": 1, "m": -1, "s": -2}
_FORCE = {"kg": 1, "m": 1, "s": -2}
_ENERGY = {"kg": 1, "m": 2, "s": -2}
_POWER_DIMENSION = {"kg": 1, "m": 2, "s": -3}
_VOLTAGE = {"kg": 1, "m": 2, "s": -3, "A": -1}
_RESISTANCE = {"kg": 1, "m": 2, "s": -3, "A": -2}

# symbol, Chinese names, factor, dimension; these take metric prefixes
_METRIC: tuple[tuple[str, str, float, dict[str, int]], ...] = (
    ("m", "米", 1.0, {"m": 1}),
    ("g", "克", 1e-3, {"kg": 1}),
    ("s", "秒", 1.0, {"s": 1}),
    ("A", "安 安培", 1.0, {"A": 1}),
    ("mol", "摩尔", 1.0, {"mol": 1}),
    ("cd", "坎德拉", 1.0, {"cd": 1}),
    ("L", "升", 1e-3, {"m": 3}),
    ("l", "", 1e-3, {"m": 3}),
    ("N", "牛 牛顿", 1.0, _FORCE),
    ("gf", "克力", 9.80665e-3, _FORCE),
    ("Nm", "", 1.0, _ENERGY),
    ("J", "焦 焦耳", 1.0, _ENERGY),
    ("cal", "卡", 4.184, _ENERGY),
    ("eV", "电子伏", 1.602176634e-19, _ENERGY),
    ("Wh", "瓦时", 3600.0, _ENERGY),
    ("W", "瓦 瓦特", 1.0, _POWER_DIMENSION),
    ("V", "伏 伏特", 1.0, _VOLTAGE),
    ("Ah", "安时", 3600.0, {"A": 1, "s": 1}),
    ("Ω", "欧 欧姆", 1.0, _RESISTANCE),
    ("S", "西门子", 1.0, {base: -power for base, power in _RESISTANCE.items()}),
    ("F", "法拉", 1.0, {"kg": -1, "m": -2, "s": 4, "A": 2}),
    ("H", "亨利", 1.0, {"kg": 1, "m": 2, "s": -2, "A": -2}),
    ("T", "特斯拉", 1.0, {"kg": 1, "s": -2, "A": -1}),
    ("Oe", "奥斯特", 1e3 / (4 * pi), {"A": 1, "m": -1}),
    ("Hz", "赫 赫兹", 1.0, {"s": -1}),
    ("P", "泊", 0.1, {"kg": 1, "m": -1, "s": -1}),
    ("St", "", 1e-4, {"m": 2, "s": -1}),
    ("tex", "特克斯", 1e-6, {"kg": 1, "m": -1}),
    ("bit", "比特", 1.0, {"bit": 1}),
    ("bps", "", 1.0, {"bit": 1, "s": -1}),
    ("B", "字节", 8.0, {"bit": 1}),
    ("lm", "流明", 1.0, {"lm": 1}),
    ("lx", "勒克斯", 1.0, {"lm": 1, "m": -2}),
    ("Pa", "帕 帕斯卡", 1.0, _PRESSURE),
    ("bar", "巴", 1e5, _PRESSURE),
    ("rad", "弧度", 1.0, {"rad": 1}),
    ("VA", "伏安", 1.0, {"VA": 1}),
    ("var", "乏", 1.0, {"var": 1}),
    ("Sv", "西弗", 1.0, {"Sv": 1}),
    ("Gy", "戈瑞", 1.0, {"Gy": 1}),
    ("Bq", "贝克勒尔", 1.0, {"Bq": 1}),
)
_NEVER_LARGE = {
    "m",
    "g",
    "s",
    "L",
    "l",
    "A",
    "cd",
    "mol",
    "tex",
    "P",
    "St",
    "T",
    "lm",
    "rad",
}  # MM is mm, ML is mL
_LARGE_FIRST = {"Pa", "Hz", "bps", "Ω"}  # who types "mpa" means MPa

_DAY = 86400.0
_INCH = 0.0254
_OTHER: tuple[tuple[str, float, dict[str, int]], ...] = (
    ("% 百分比 百分点 wt% %wt", 1e-2, {RATIO: 1}),
    ("‰ 千分比 千分之", 1e-3, {RATIO: 1}),
    ("ppm 百万分之一", 1e-6, {RATIO: 1}),
    ("ppb", 1e-9, {RATIO: 1}),
    ("kg 公斤 KG", 1.0, {"kg": 1}),
    ("t 吨", 1e3, {"kg": 1}),
    ("斤", 0.5, {"kg": 1}),
    ("lb 磅", 0.45359237, {"kg": 1}),
    ("公里", 1e3, {"m": 1}),
    ("丝", 1e-5, {"m": 1}),
    ("Å 埃", 1e-10, {"m": 1}),
    ("in inch 英寸", _INCH, {"m": 1}),
    ("mil 密耳", _INCH / 1e3, {"m": 1}),
    ("ft 英尺", 12 * _INCH, {"m": 1}),
    ("平米", 1.0, {"m": 2}),
    ("ha 公顷", 1e4, {"m": 2}),
    ("亩", 1e4 / 15, {"m": 2}),
    ("立方 cbm", 1.0, {"m": 3}),
    ("cc", 1e-6, {"m": 3}),
    ("Nm3 标方 标准立方米", 1.0, {"Nm3": 1}),
    ("min 分 分钟", 60.0, {"s": 1}),
    ("h hr hrs hour 时 小时 钟头", 3600.0, {"s": 1}),
    ("d day days 天 日", _DAY, {"s": 1}),
    ("周 星期", 7 * _DAY, {"s": 1}),
    ("月 个月", 365 * _DAY / 12, {"s": 1}),
    ("a 年", 365 * _DAY, {"s": 1}),
    ("元 RMB CNY ¥ 元人民币", 1.0, {"元": 1}),
    ("次 回 循环 cycle cycles 周次", 1.0, {"次": 1}),
    ("r 转 圈", 1.0, {"转": 1}),
    ("rpm", 1 / 60, {"转": 1, "s": -1}),
    ("fps", 1.0, {"帧": 1, "s": -1}),
    ("dBA", 1.0, {"dBA": 1}),
    ("dB 分贝", 1.0, {"dB": 1}),
    ("° 角度", pi / 180, {"rad": 1}),
    ("′ 角分 arcmin", pi / 10800, {"rad": 1}),
    ("″ 角秒 arcsec", pi / 648000, {"rad": 1}),
    ("tf 吨力", 9806.65, _FORCE),
    ("公斤力 千克力", 9.80665, _FORCE),
    ("lbf", 4.4482216152605, _FORCE),
    ("度电", 3.6e6, _ENERGY),
    ("hp 马力", 735.49875, _POWER_DIMENSION),
    ("atm 大气压", 101325.0, _PRESSURE),
    ("psi", 6894.757293168, _PRESSURE),
    ("mmHg 毫米汞柱", 133.322387415, _PRESSURE),
    ("torr", 101325 / 760, _PRESSURE),
    ("mmH2O 毫米水柱", 9.80665, _PRESSURE),
    ("Gs", 1e-4, {"kg": 1, "s": -2, "A": -1}),
    ("MGOe", 1e5 / (4 * pi), _PRESSURE),
    ("den 旦 旦尼尔", 1e-6 / 9, {"kg": 1, "m": -1}),
)
_TEMPERATURES = {
    "K": (1.0, 0.0), "开": (1.0, 0.0), "开尔文": (1.0, 0.0),
    "℃": (1.0, 273.15), "摄氏度": (1.0, 273.15),
    "℉": (5 / 9, 273.15 - 32 * 5 / 9), "华氏度": (5 / 9, 273.15 - 32 * 5 / 9),
}  # fmt: skip


def _table() -> dict[str, Unit]:
    atoms: dict[str, Unit] = {}

    def add(name: str, factor: float, dimension: dict[str, int], offset: float = 0.0) -> None:
        atoms.setdefault(name, Unit(factor, tuple(sorted(dimension.items())), offset))

    for name, (factor, offset) in _TEMPERATURES.items():
        add(name, factor, {"K": 1}, offset)
    for names, factor, dimension in _OTHER:
        for name in names.split():
            add(name, factor, dimension)
    for symbol, chinese, factor, dimension in _METRIC:
        add(symbol, factor, dimension)
        for prefix, scale in _prefixes(symbol):
            add(prefix + symbol, scale * factor, dimension)
        for name in chinese.split():
            add(name, factor, dimension)
            for prefix, scale in _CHINESE_PREFIXES.items():
                add(prefix + name, scale * factor, dimension)
    return atoms


def _prefixes(symbol: str) -> list[tuple[str, float]]:
    small = list(_PREFIXES.items())
    if symbol in _NEVER_LARGE:
        return small
    large = list(_LARGE_PREFIXES.items())
    return large + small if symbol in _LARGE_FIRST else small + large


_ATOMS = _table()
_ATOMS_ANY_CASE: dict[str, Unit] = {}
for _name, _unit in _ATOMS.items():
    _ATOMS_ANY_CASE.setdefault(_name.lower(), _unit)
