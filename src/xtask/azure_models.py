#!/usr/bin/env python3
"""Trims the published models of Azure to what collectors name.

Reads wheels of azure-mgmt-*, azure-keyvault-* and msgraph-sdk as text (nothing of them is run) and,
from standard input, a JSON list of calls: {"service": "arm"|"arg"|"graph"|"vault",
"operation": "GET /path?api-version=...", "expand": [...]}. Writes one JSON object
to standard output: {"models": {package: model}, "missing": [[operation, why]]}.

A model is {"source", "operations": {operation: {"query": {name: type}, "body":
bool, "answer": type}}, "shapes": [{"name", "members": {name: type}}]}. A type is
"str", "bool", "int", "float", "time", "any", the number of a shape,
{"list": type} or {"map": type}.
"""
import ast
import json
import re
import sys
import zipfile
from urllib.parse import unquote

PLAIN = {
    "str": "str", "bool": "bool", "int": "int", "long": "int", "float": "float",
    "iso-8601": "time", "rfc-1123": "time", "date": "time", "unix-time": "int",
    "duration": "str", "time": "str", "bytearray": "str", "base64": "str", "bytes": "str",
    "decimal": "float", "object": "any", "any": "any", "anything": "any",
}


def chunks(text, start):
    """The text cut before each match of `start`."""
    at = [m.start() for m in re.finditer(start, text, re.M)]
    return [text[a:b] for a, b in zip(at, at[1:] + [len(text)])]


class Shapes:
    """The shapes of one model, numbered as they are first named."""

    def __init__(self):
        self.all, self.by_name = [], {}

    def add(self, name, members):
        """`members` is called once, when the number is known, for recursion."""
        if name not in self.by_name:
            number = self.by_name[name] = len(self.all)
            self.all.append({"name": name, "members": {}})
            self.all[number]["members"] = dict(sorted(members().items()))
        return self.by_name[name]

    def tree(self, name, tree):
        """A shape out of nested dictionaries."""
        def members():
            return {k: self.tree(f"{name}.{k}", v.members) if isinstance(v, Tree) else v
                    for k, v in tree.items()}
        return self.add(name, members)


class Tree:
    """Members below one that flattening took away."""

    def __init__(self):
        self.members = {}

    def put(self, path, value):
        head, rest = path[0], path[1:]
        if not rest:
            old = self.members.get(head)
            if not isinstance(old, Tree):
                self.members[head] = value
            return
        below = self.members.get(head)
        if not isinstance(below, Tree):
            below = self.members[head] = Tree()
        below.put(rest, value)


class Models:
    """The model classes of one namespace of a package."""

    def __init__(self, text, enums, shapes, prefix):
        self.source = {re.match(r"class (\w+)", c)[1]: c for c in chunks(text, r"^class \w+\(")}
        self.enums = {m[1]: m[2] for m in re.finditer(r"^class (\w+)\((str|int|float)", enums, re.M)}
        self.shapes, self.prefix, self.parsed = shapes, prefix, {}

    def parse(self, name):
        """(bases, whether it is the root of subtypes, members as a Tree)."""
        if name in self.parsed:
            return self.parsed[name]
        text = re.split(r"\n    (?:@overload|def __init__)", self.source[name])[0]
        node = ast.parse(text).body[0]
        bases = [b.id if isinstance(b, ast.Name) else b.attr for b in node.bases
                 if isinstance(b, (ast.Name, ast.Attribute))]
        tree, root = Tree(), False
        self.parsed[name] = (bases, root, tree)
        for s in node.body:
            if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name):
                if s.target.id == "__mapping__":
                    root = True
                if isinstance(s.value, ast.Call) and getattr(s.value.func, "id", "") in ("rest_field", "rest_discriminator"):
                    named = [k.value.value for k in s.value.keywords if k.arg == "name"]
                    kind = self.annotation(s.annotation)
                    if any(k.arg == "format" and getattr(k.value, "value", "") == "unix-timestamp" for k in s.value.keywords):
                        kind = "int"
                    tree.put([named[0] if named else s.target.id], kind)
            if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name):
                if s.targets[0].id == "_subtype_map":
                    root = True
                if s.targets[0].id == "_attribute_map":
                    for v in ast.literal_eval(s.value).values():
                        if v["key"]:
                            path = [p.replace("\0", ".") for p in v["key"].replace("\\.", "\0").split(".")]
                            tree.put(path, self.spelt(v["type"]))
        self.parsed[name] = (bases, root, tree)
        return self.parsed[name]

    def members(self, name):
        """All members: inherited ones, and those of the kinds that it may be."""
        bases, root, own = self.parse(name)
        out = Tree()

        def merge(into, more):
            for k, v in more.items():
                if isinstance(v, Tree) and isinstance(into.members.get(k), Tree):
                    merge(into.members[k], v.members)
                elif isinstance(v, Tree):
                    into.members[k] = Tree()
                    merge(into.members[k], v.members)
                else:
                    into.members.setdefault(k, v)
        merge(out, own.members)
        for b in bases:
            if b in self.source:
                merge(out, self.ancestors(b))
        if root or self.is_below_root(name):
            for sub in self.source:
                if sub != name and self.descends(sub, name):
                    merge(out, self.parse(sub)[2].members)
        return out

    def ancestors(self, name):
        bases, _, own = self.parse(name)
        out = dict(own.members)
        for b in bases:
            if b in self.source:
                for k, v in self.ancestors(b).items():
                    out.setdefault(k, v)
        return out

    def is_below_root(self, name):
        return any(b in self.source and (self.parse(b)[1] or self.is_below_root(b)) for b in self.parse(name)[0])

    def descends(self, sub, name):
        bases = re.match(r"class \w+\(([^)]*)\)", self.source[sub])[1]
        bases = [b.strip().split(".")[-1] for b in bases.split(",")]
        return any(b == name or (b in self.source and b != sub and self.descends(b, name)) for b in bases)

    def shape(self, name):
        return self.shapes.add(self.prefix + name, lambda: self.filled(name))

    def filled(self, name):
        return {k: self.shapes.tree(f"{self.prefix}{name}.{k}", v.members) if isinstance(v, Tree) else self.resolved(v)
                for k, v in self.members(name).members.items()}

    def resolved(self, t):
        return t

    def named(self, name):
        if name in self.source:
            return {"ref": name}
        if name in self.enums:
            return self.enums[name]
        return PLAIN.get(name, "any")

    def spelt(self, t):
        """A type of `_attribute_map`."""
        if t.startswith("[") and t.endswith("]"):
            return {"list": self.spelt(t[1:-1])}
        if t.startswith("{") and t.endswith("}"):
            return {"map": self.spelt(t[1:-1])}
        return PLAIN[t] if t in PLAIN else self.named(t)

    def annotation(self, a):
        """A type of an annotation."""
        if isinstance(a, ast.Constant):
            return "any" if not isinstance(a.value, str) else self.annotation(ast.parse(a.value, mode="eval").body)
        if isinstance(a, ast.Name):
            return PLAIN.get(a.id) or self.named(a.id)
        if isinstance(a, ast.Attribute):
            whole = ast.unparse(a)
            if whole in ("datetime.datetime", "datetime.date"):
                return "time"
            if whole.startswith("datetime."):
                return "str"
            return PLAIN.get(a.attr) or self.named(a.attr)
        if isinstance(a, ast.Subscript):
            of = a.value.id if isinstance(a.value, ast.Name) else a.value.attr
            inside = a.slice.value if type(a.slice).__name__ == "Index" else a.slice
            many = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            if of == "Optional":
                return self.annotation(many[0])
            if of in ("List", "list", "Sequence"):
                return {"list": self.annotation(many[0])}
            if of in ("Dict", "dict", "Mapping", "MutableMapping"):
                return {"map": self.annotation(many[1])}
            if of == "Literal":
                return "str"
            if of == "Union":
                kinds = [self.annotation(m) for m in many]
                return kinds[0] if all(k == kinds[0] for k in kinds) else "any"
        return "any"


def settle(shapes, t, of):
    """Turns names of classes into numbers of shapes."""
    if isinstance(t, dict):
        if "ref" in t:
            return of.shape(t["ref"])
        (k, v), = t.items()
        return {k: settle(shapes, v, of)}
    return t


class Package:
    """A wheel."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        file = path.rsplit("/", 1)[-1]
        name, version = file.split("-")[:2]
        self.name, self.version = name.replace("_", "-"), version
        self.files = self.zip.namelist()
        self.shapes, self.operations, self.models = Shapes(), {}, {}

    def read(self, name):
        return self.zip.read(name).decode()

    def model(self):
        return {"source": f"{self.name} {self.version}",
                "operations": dict(sorted(self.operations.items())), "shapes": self.shapes.all}


class Management(Package):
    """azure-mgmt-*."""

    def __init__(self, path):
        super().__init__(path)
        self.builders = {}
        for f in self.files:
            if not re.search(r"/_?operations/", f) or "/aio/" in f or not re.search(r"_operations\.py$", f):
                continue
            text = self.read(f)
            for c in chunks(text, r"^def build_\w+_request\("):
                c = re.split(r"^class ", c, maxsplit=1, flags=re.M)[0]
                url = re.search(r'_url = (?:kwargs\.pop\(\s*"template_url",\s*)?\(?\s*((?:"[^"]*"\s*)+)', c)
                method = re.search(r'method="(\w+)"', c)
                version = re.search(r'_params\.pop\("api-version", "([^"]+)"\)', c) or \
                    re.search(r'api_version: (?:str|Literal\["[^"]+"\]) = kwargs\.pop\("api_version", "([^"]+)"\)', c)
                if not (url and method and version):
                    continue
                url = "".join(re.findall(r'"([^"]*)"', url[1]))
                key = f"{method[1]} {url}?api-version={version[1]}"
                self.builders.setdefault(key, (f, c))

    def of(self, folder):
        """The models beside the operations in `folder`."""
        if folder not in self.models:
            near = [f for f in self.files if f.startswith(folder + "/models/")]
            pick = [f for f in near if f.endswith(("_models.py", "_models_py3.py"))]
            pick = sorted(pick, key=lambda f: "_py3" not in f)[0]
            enums = "".join(self.read(f) for f in near if f.endswith("_enums.py"))
            version = folder.rsplit("/", 1)[-1]
            prefix = f"{version}/" if re.match(r"v\d{4}", version) else ""
            self.models[folder] = Lazy(self.read(pick), enums, self.shapes, prefix)
        return self.models[folder]

    def add(self, call):
        operation = call["operation"]
        file, builder = self.builders[operation]
        text = self.read(file)
        models = self.of(re.split(r"/_?operations/", file)[0])
        name = re.match(r"def (\w+)\(", builder)[1]
        methods = [m for c in chunks(text, r"^class ") for m in chunks(c, r"^    def ") if re.search(rf"\b{name}\(", m)]
        if file.endswith("/_operations.py") is False or len(methods) > 1:
            # Builders of one file have one class; the method that sends is the one.
            methods = methods[:1] if methods else methods
        if not methods:
            raise KeyError("no method sends it")
        query = {}
        for m in re.finditer(r'_params\["([^"]+)"\] = _SERIALIZER\.query\(\s*"\w+",\s*[\w.]+,\s*"([^"]+)"', builder):
            if m[1] != "api-version":
                query[m[1]] = models.spelt(m[2]) if m[2] in PLAIN else "str"
        self.operations[operation] = {
            "query": dict(sorted(query.items())),
            "body": "content_type" in builder,
            "answer": self.answer(methods[0], models, operation),
        }

    def answer(self, method, models, operation):
        head = method.split(":\n", 1)[0] if "->" not in method[:2000] else method[:method.index(":\n", method.index("->"))]
        returns = head.split("->", 1)[1] if "->" in head else ""
        item = re.search(r'(?:ItemPaged|Iterable)\["_models\.(\w+)"\]', returns)
        old = re.search(r'(?:self\.)?_deserialize\(\s*"([^"]+)"', method)
        if old:
            return settle(self.shapes, models.spelt(old[1]), models)
        if item:
            value = re.search(r'deserialized\.get\("([^"]+)", \[\]\)', method)
            link = re.search(r'return deserialized\.get\("([^"]+)"\)', method)
            members = {value[1] if value else "value": {"list": settle(self.shapes, {"ref": item[1]}, models)}}
            if link:
                members[link[1]] = "str"
            return self.shapes.add(f"{operation.split('?')[0].rsplit('/', 1)[-1]} of {item[1]}", lambda: members)
        single = re.search(r'_models\.(\w+)', returns)
        if single:
            return settle(self.shapes, {"ref": single[1]}, models)
        parsed = re.search(r'_deserialize\(\s*(.+?),\s*response', method, re.S)
        if parsed:
            kind = models.annotation(ast.parse(parsed[1].strip(), mode="eval").body)
            return settle(self.shapes, kind, models)
        return "any"


class Vault(Management):
    """azure-keyvault-*: paths below the address of a vault, the first piece in collectors."""

    def __init__(self, path):
        super().__init__(path)
        self.builders = {k.replace(" /", " /{vaultBaseUrl}/", 1): v for k, v in self.builders.items()}


class Lazy(Models):
    """Models whose references become shapes when they are used."""

    def resolved(self, t):
        return settle(self.shapes, t, self)

    def filled(self, name):
        def shaped(at, v):
            if isinstance(v, Tree):
                return self.shapes.add(at, lambda: {k: shaped(f"{at}.{k}", x) for k, x in v.members.items()})
            return self.resolved(v)
        return {k: shaped(f"{self.prefix}{name}.{k}", v) for k, v in self.members(name).members.items()}


class Graph(Package):
    """msgraph-sdk."""

    READS = {"str": "str", "bool": "bool", "int": "int", "float": "float", "datetime": "time", "date": "time",
             "time": "str", "timedelta": "str", "uuid": "str", "bytes": "str", "UUID": "str"}

    # What comes without being asked for, as the provider's reference shows.
    INLINE = {"authenticationMethodConfigurations", "authenticationStrength"}

    def __init__(self, path):
        super().__init__(path)
        self.index, self.classes = {}, {}
        for f in self.files:
            if f.endswith("_request_builder.py"):
                text = self.read(f)
                m = re.search(r'super\(\).__init__\(request_adapter, "\{\+baseurl\}([^"{]*(?:\{(?!\?)[^}]*\}[^"{]*)*)(?:\{\?([^}]*)\})?"', text)
                if m and "async def get(" in text:
                    self.index["/v1.0" + unquote(m[1])] = (f, unquote(m[2] or "").split(","))

    def add(self, call):
        method, path = call["operation"].split(" ", 1)
        if method != "GET":
            raise KeyError("only GET is read")
        # Query options that belong to the path in collectors stay with the call.
        file, query = self.index[path.split("?")[0]]
        text = self.read(file)
        get = text[text.index("async def get("):]
        name = re.search(r"-> Optional\[(\w+)\]", get)
        if not name:
            raise KeyError("its answer has no type")
        where = re.search(rf"from (\.+)([\w.]+) import {name[1]}\b", text)
        self.expand = set(call.get("expand") or [])
        kinds = {"$count": "bool", "$top": "int", "$skip": "int"}
        self.operations[call["operation"]] = {
            "query": {q: kinds.get(q, "str") for q in sorted(query) if q},
            "body": False,
            "answer": self.shape(self.resolve(file, where[1], where[2]), name[1], 0),
        }

    def resolve(self, file, dots, module):
        folder = file.split("/")[:-len(dots)]
        return "/".join(folder + module.split(".")) + ".py"

    def parse(self, file, name):
        """(bases with files, members: name → (reader, argument, file))."""
        if (file, name) in self.classes:
            return self.classes[(file, name)]
        text = self.read(file)
        imports = {m[3]: self.resolve(file, m[1], m[2])
                   for m in re.finditer(r"from (\.+)([\w.]+) import (\w+)", text)}
        bases = re.search(rf"class {name}\(([^)]*)\)", text)
        bases = [b.strip() for b in bases[1].split(",")] if bases else []
        part = text[text.index("def get_field_deserializers"):] if "def get_field_deserializers" in text else ""
        part = part.split("def serialize(")[0]
        members = {}
        for m in re.finditer(r'"([^"]+)": lambda n ?: setattr\(self, \'\w+\', n\.get_(\w+)\(([\w.]*)\)\)', part):
            members[m[1]] = (m[2], m[3], imports.get(m[3]))
        subs = dict(re.findall(r'mapping_value\.casefold\(\) == "([^"]+)"\.casefold\(\):\s+from [\w.]+ import (\w+)', text))
        found = ([(b, imports[b]) for b in bases if b in imports], members,
                 [(n, imports[n]) for n in subs.values() if n in imports and n != name])
        self.classes[(file, name)] = found
        return found

    def is_entity(self, file, name):
        return name == "Entity" or any(self.is_entity(f, b) for b, f in self.parse(file, name)[0])

    def shape(self, file, name, depth):
        # A shape that was expanded is another than the plain one.
        expanded = ",".join(sorted(self.expand))
        label = name if not expanded else f"{name} with {expanded}"
        return self.shapes.add(label, lambda: self.filled(file, name, depth))

    def filled(self, file, name, depth):
        out = {}
        bases, members, subs = self.parse(file, name)
        entity = self.is_entity(file, name)
        for k, (reader, argument, where) in members.items():
            kind = self.kind(k, reader, argument, where, entity, depth)
            if kind is not None:
                out[k] = kind
        for b, f in bases:
            for k, v in self.filled(f, b, depth).items():
                out.setdefault(k, v)
        if subs and not (entity and name == "Entity"):
            for n, f in subs:
                # Types that stand for many (directory objects) name what they are.
                for k, v in self.filled_own(f, n, depth).items():
                    out.setdefault(k, v)
        if entity or subs:
            out.setdefault("@odata.type", "str")
        return out

    def filled_own(self, file, name, depth):
        _, members, _ = self.parse(file, name)
        entity = self.is_entity(file, name)
        out = {}
        for k, (reader, argument, where) in members.items():
            kind = self.kind(k, reader, argument, where, entity, depth)
            if kind is not None:
                out[k] = kind
        return out

    def kind(self, key, reader, argument, where, entity, depth):
        if reader == "collection_of_primitive_values":
            return {"list": self.READS.get(argument.split(".")[-1], "any")}
        if reader == "collection_of_enum_values":
            return {"list": "str"}
        if reader == "enum_value":
            return "str"
        if reader in ("object_value", "collection_of_object_values"):
            if not where:
                return "any"
            # What an entity points to comes only when asked for with $expand.
            if entity and self.is_entity(where, argument):
                if key not in self.expand and key not in self.INLINE:
                    return None
            inner = self.shape(where, argument, depth + 1)
            return {"list": inner} if reader.startswith("collection") else inner
        return self.READS.get(reader.replace("_value", ""), "any")


def main():
    calls, wheels = json.load(sys.stdin), sys.argv[1:]
    kinds = {"msgraph": Graph, "azure_keyvault": Vault}
    kind = lambda w: next((k for n, k in kinds.items() if w.rsplit("/", 1)[-1].startswith(n)), Management)
    packages = [kind(w)(w) for w in sorted(wheels)]
    missing = []
    for call in calls:
        operation = call["operation"]
        if call["service"] == "graph":
            found = [p for p in packages if isinstance(p, Graph) and operation.split("?")[0].split(" ", 1)[-1] in p.index]
        else:
            found = [p for p in packages if isinstance(p, Management) and operation in p.builders]
        if not found:
            missing.append([f"{call['service']}:{operation}", near(packages, call)])
            continue
        try:
            found[0].add(call)
        except (KeyError, ValueError, IndexError) as e:
            missing.append([f"{call['service']}:{operation}", str(e)])
    used = [p for p in packages if p.operations]
    several = {p.name for p in used if sum(q.name == p.name for q in used) > 1}
    models = {f"{p.name}-{p.version}" if p.name in several else p.name: p.model() for p in used}
    json.dump({"models": models, "missing": missing}, sys.stdout)


def near(packages, call):
    """What the packages have instead."""
    if call["service"] == "graph":
        return "msgraph-sdk has no such path"
    bare = call["operation"].split("?")[0].lower()
    same = sorted(k for p in packages if isinstance(p, Management) for k in p.builders if k.split("?")[0].lower() == bare)
    return f"the packages have {', '.join(same)}" if same else "no package has this path"


if __name__ == "__main__":
    main()
