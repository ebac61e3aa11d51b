"""One-line faults for tools/mutate, made from the sources by rules.

A fault replaces one line. Rules work on the code of a line without its comment and strings; lines
that state what must hold (ASSERT and its kin), preprocessor lines and declarations of types have
none. The order of the faults depends on the sources and the seed alone.
"""
import collections
import hashlib
import pathlib
import re

# Which sources a target has; a path may have wildcards. This table is all
# that knows where an implementation lives.
TARGETS = {
    "plain": ["src/core/plain/*.cc"],
    "fast": ["src/core/fast/*.cc", "src/core/fast/direct_entry.h", "src/core/fast/direct_place.h",
             "src/core/fast/holds.h", "src/core/fast/math.h", "src/core/fast/purses.h",
             "src/core/book_fast*.h", "src/core/book_fast*.cc", "src/core/money.cc"],
}
SHIPPED = "fast"
EQUIVALENT = "tools/mutants_equivalent.txt"

# What nothing but a checker of the core's own faults, or a person, sees; and what only fetches
# ahead (fast/prepare.h), where a wrong hint costs time and nothing else.
LEFT_OUT = re.compile(r"(_test|_fuzz|checkers?|verify|snapshot|faults?|fast/prepare)\b|/testing/")
# Hints to the machine, sizes that tables begin with, and where and when the window of a book moves
# change nothing but the time it takes. Names of parameters in a declaration change nothing at all.
NO_FAULTS = re.compile(
    r"^\s*(#|//|template|static_assert|using|namespace|struct|class|enum|friend|case\b|default:)|"
    r"\b(ASSERT|INVARIANT|CHECK|PLANTED|reserve(_for)?|(__builtin_)?prefetch|static_assert)\s*\(|"
    r"\b(misses|misses_min|misses_max|color|base_around)\b|"
    r"^\s+\w+\([1-9][\d']*\),|\w\((const )?[A-Z][\w:<>]*&? \w+[,)][^{}]*;$|^\s*[{}]*;?$")

Mutant = collections.namedtuple("Mutant", "path line operator old new")


class Invalid(Exception):
    """A file of ours that does not say what it must."""


# Pairs of words that are easily taken for each other.
SWAPS = [("Side::buy", "Side::sell"), (".free", ".held"), ("long_side", "short_side"),
         ("std::min", "std::max"), ("true", "false"), ("lower_", "upper_"), (".base", ".quote"),
         ("maker", "taker"), (".executed", ".amount"), (".low", ".high"), ("&&", "||"),
         ("stop_loss", "take_profit"), ("open_maker", "close_maker"),
         ("long_interest", "short_interest"), ("front()", "back()")]
COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}


def swaps(code):
    for one, other in SWAPS:
        for old, new in ((one, other), (other, one)):
            bounded = (r"\b" if old[0].isalnum() else "") + re.escape(old)
            bounded += r"\b" if old[-1].isalnum() and not old.endswith("_") and old != "maker" \
                and old != "taker" else ""
            for match in re.finditer(bounded, code):
                yield f"swap {old}", code[:match.start()] + new + code[match.end():]


def comparisons(code):
    for match in re.finditer(r"(?<=\s)(<=|>=|==|!=|<|>)(?=\s)", code):
        yield ("comparison",
               code[:match.start()] + COMPARISONS[match.group()] + code[match.end():])


def arithmetic(code):
    for match in re.finditer(r"(?<=[\w\])]) ([-+]) (?=[\w(*])", code):
        other = "-" if match.group(1) == "+" else "+"
        yield "plus and minus", code[:match.start()] + f" {other} " + code[match.end():]
    for match in re.finditer(r" ([-+])= ", code):
        other = "-" if match.group(1) == "+" else "+"
        yield "plus and minus", code[:match.start()] + f" {other}= " + code[match.end():]
    for match in re.finditer(r"\+\+|--", code):
        other = "--" if match.group() == "++" else "++"
        yield "plus and minus", code[:match.start()] + other + code[match.end():]


def rounding(code):
    for match in re.finditer(r"\b(\w+_|divided?_|)(up|down)(?=\()", code):
        other = "down" if match.group(2) == "up" else "up"
        yield "rounding", code[:match.start(2)] + other + code[match.end(2):]


def conditions(code):
    match = re.match(r"^(\s*(?:\} else )?(?:if|while) \()(?!const |auto |!)(.*)(\) (?:\{|\S.*;))$",
                     code)
    if match and balanced(match.group(2)):
        yield "negated condition", f"{match.group(1)}!({match.group(2)}){match.group(3)}"


def dropped(code):
    call = re.match(r"^(\s+)(?!return|delete|throw|else|if|for|while|do\b)[\w.:\[\]>*-]+\(.*\);$", code)
    assigned = re.match(r"^(\s+)[\w.\[\]>()-]+ [-+|&]?= [^{]*;$", code)
    guard = re.match(r"^(\s+)if \(.*\) (return|continue|break)\b.*;$", code)
    match = call or assigned or guard
    if match and balanced(code):
        yield "dropped statement", match.group(1) + ";"


def constants(code):
    for match in re.finditer(r"(?<![\w.'{<\"])(\d[\d']*)(?![\w.'>\"xb])", code):
        more = int(match.group(1).replace("'", "")) + 1
        yield "constant", code[:match.start()] + str(more) + code[match.end():]


def balanced(text):
    depth = 0
    for letter in text:
        depth += letter in "([{"
        depth -= letter in ")]}"
        if depth < 0:
            return False
    return depth == 0


RULES = (comparisons, arithmetic, rounding, conditions, dropped, swaps, constants)


def of_line(line):
    """(operator, new line) of each fault of a line."""
    code, comment = line, ""
    if "//" in line:
        at = line.index("//")
        code, comment = line[:at].rstrip(), ""
    if NO_FAULTS.search(code) or '"' in code or not code.strip():
        return
    for rule in RULES:
        for operator, new in rule(code):
            if new != code:
                yield operator, new + comment


def sources(root, target):
    for pattern in TARGETS[target]:
        for path in sorted(root.glob(pattern)):
            name = str(path.relative_to(root))
            if not LEFT_OUT.search(name[:-len(path.suffix)]):
                yield name


def read_equivalent(path):
    """Faults that change nothing: path, old line, new line and reason, separated by ' | '."""
    known = set()
    if not path.exists():
        return known
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split(" | ")
        if len(parts) != 4 or not all(part.strip() for part in parts):
            raise Invalid(f"{path}:{number}: needs path | old | new | reason")
        known.add(tuple(part.strip() for part in parts[:3]))
    return known


def all_mutants(root, target):
    """Every fault of the target, once, in the order of the sources."""
    root = pathlib.Path(root)
    known = read_equivalent(root / EQUIVALENT)
    found, seen = [], set()
    for name in sources(root, target):
        for number, line in enumerate((root / name).read_text().splitlines(), 1):
            for operator, new in of_line(line):
                mutant = Mutant(name, number, operator, line, new)
                key = (name, number, new)
                if key in seen or (name, line.strip(), new.strip()) in known:
                    continue
                seen.add(key)
                found.append(mutant)
    return found


def rank(seed, *words):
    return hashlib.sha256("\0".join((str(seed), *map(str, words))).encode()).digest()


def choose(every, seed):
    """All in an order by seed that gives each file, and each operator, its turn.

    A fault keeps its rank when others come and go, so that a sample is much the same after one of
    its faults was named as equivalent.
    """
    by_place = collections.defaultdict(list)
    for mutant in every:
        by_place[(mutant.path, mutant.operator)].append(mutant)
    places = sorted(by_place, key=lambda place: rank(seed, *place))
    for place in places:
        by_place[place].sort(key=lambda one: (rank(seed, one.old, one.new), one.line))
    order = []
    while places:
        for place in places:
            order.append(by_place[place].pop())
        places = [place for place in places if by_place[place]]
    return order
