"""Documents must be true: what they name exists. Part of tools/tidy.py.

In every *.md of the tree: relative links lead somewhere, paths in `code` exist, metrics in `code`
are written by some source. ARCHITECTURE.md names every room that is built, docs/dependencies.md
every package of packages.txt, and the Japanese twin of a page has the same headings in number.
"""
import re

TOP_FOLDERS = "src|tools|docs|test|cmake|deploy|runbooks|web"
SKIPPED = {"build", "node_modules", ".git", "data"}


def documents(root):
    for path in sorted(root.rglob("*.md")):
        if not SKIPPED.intersection(path.relative_to(root).parts):
            yield path


def check_names(root, path, text, source_text):
    name = path.relative_to(root)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
        if not re.match(r"\w+:", target) and not (path.parent / target).exists():
            yield f"{name}: the link to {target} leads nowhere"
    for quoted in re.findall(r"`([^`\n]+)`", text):
        match = re.fullmatch(rf"((?:{TOP_FOLDERS})/[\w./-]*)(:\d+)?", quoted)
        if match and not (root / match.group(1)).exists():
            yield f"{name}: there is no {quoted}"
        if re.fullmatch(r"okiagari_\w+", quoted) and quoted not in source_text:
            yield f"{name}: no source writes the metric {quoted}"


def check_architecture(root, levels):
    path = root / "ARCHITECTURE.md"
    if not path.exists():
        return
    text = path.read_text()
    for room in levels:
        if (root / "src" / room / "CMakeLists.txt").exists() and f"`{room}/`" not in text:
            yield f"ARCHITECTURE.md: does not name the room `{room}/`"


def check_dependencies(root):
    path = root / "docs/dependencies.md"
    if not path.exists():
        return
    text = path.read_text()
    for line in (root / "packages.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            package, _, reason = line.partition("  # ")
            if not reason:
                yield f"packages.txt: say why {package} is needed: name, two blanks, # reason"
            if f"`{package}`" not in text:
                yield f"docs/dependencies.md: does not name {package}"


def check_twins(root):
    for japanese in (path for path in documents(root) if path.name.endswith(".ja.md")):
        english = japanese.with_name(japanese.name.replace(".ja.md", ".md"))
        counts = [len(re.findall(r"^#+ ", path.read_text(), re.M)) if path.exists() else None
                  for path in (japanese, english)]
        if counts[0] != counts[1]:
            yield f"{japanese.relative_to(root)}: its headings are not those of {english.name}"


def check(root, levels):
    source_text = "".join(path.read_text() for path in root.glob("src/**/*.cc"))
    errors = []
    for path in documents(root):
        errors += check_names(root, path, path.read_text(), source_text)
    errors += check_architecture(root, levels)
    errors += check_dependencies(root)
    return errors + list(check_twins(root))
