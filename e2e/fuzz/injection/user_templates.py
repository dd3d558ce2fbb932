"""Templates that an administrator might add: partial pods that touch what Istio's do not, and random
expressions over the template language's functions.

An expression's printed value goes through base64 into an annotation, so that neither YAML nor a
quotation changes it; what it was is decoded again for a report.
"""

import re

# Where Istio's sidecar template has its proxy.
PROXY_LIST = """{{ if ne (index .ObjectMeta.Annotations `sidecar.istio.io/nativeSidecar` | default (printf "%t" .NativeSidecars)) "false" -}}
  initContainers
  {{- else -}}
  containers
  {{- end }}:
  - name: istio-proxy
"""
PATCHES = {"spire", "env", "deletes"}  # those that change that proxy

FIXED = {
    "labels": """
metadata:
  labels:
    fuzz.example.com/name: {{ .DeploymentMeta.Name | default "none" | trunc 20 | trimAll "-_." | quote }}
    {{- with .ObjectMeta.Labels.app }}
    fuzz.example.com/app: {{ len . | quote }}
    {{- end }}
  annotations:
    fuzz.example.com/containers: "{{ range $c := .Spec.Containers }}{{ if ne $c.Name "istio-proxy" }}{{ $c.Name }},{{ end }}{{ end }}"
""",
    "spire": """
spec:
  containers:
  - name: istio-proxy
    volumeMounts:
    - name: workload-socket
      mountPath: /run/secrets/workload-spiffe-uds
      readOnly: true
  volumes:
  - name: workload-socket
    csi:
      driver: csi.spiffe.io
      readOnly: true
""",
    "env": """
spec:
  containers:
  - name: istio-proxy
    env:
    - name: FUZZ_KIND
      value: {{ .TypeMeta.Kind | lower | quote }}
    - name: PROXY_CONFIG
      value: replaced
    {{- range $key, $value := .ProxyConfig.ProxyMetadata }}
    - {name: "COPY_{{ $key }}", value: "{{ $value }}"}
    {{- end }}
    ports:
    - {containerPort: 15090, name: renamed}
    - {containerPort: 15021}
    args: [one, two]
""",
    "deletes": """
spec:
  volumes:
  - {name: istio-data, $patch: delete}
  containers:
  - name: istio-proxy
    startupProbe: null
    env:
    - {name: GOMEMLIMIT, $patch: delete}
""",
    "helper-container": """
spec:
  initContainers:
  - name: early
    image: {{ .Values.global.hub }}/early:1
    command: [sh, -c, 'echo "{{ .ObjectMeta.Name }}"']
  containers:
  - name: late
    image: late
    securityContext: {runAsUser: {{ .ProxyUID }}}
    readinessProbe: {httpGet: {port: 80}}
  terminationGracePeriodSeconds: 61
  securityContext: {fsGroup: {{ .ProxyGID }}}
""",
    "constructs": """
{{- define "fuzz.item" }}item-{{ . }}{{ end }}
{{- $seen := dict }}
{{- $words := list }}
{{- range $i, $word := splitList "," "c,a,b,stop,d" }}
  {{- if eq $word "b" }}{{ continue }}{{ end }}
  {{- if eq $word "stop" }}{{ break }}{{ end }}
  {{- $_ := set $seen $word $i }}
  {{- $words = append $words $word }}
{{- else }}
{{- end }}
metadata:
  annotations:
    fuzz.example.com/words: {{ $words | join "/" | quote }}
    fuzz.example.com/seen: {{ $seen | toJson | quote }}
    fuzz.example.com/range: "{{ range 3 }}{{ . }}{{ end }}{{ range .Values.missing.x }}{{ end }}"
    fuzz.example.com/with: "{{ with .ObjectMeta.Labels.app }}{{ . }}{{ else with .ObjectMeta.Name }}{{ . }}{{ else }}none{{ end }}"
    fuzz.example.com/item: "{{ template "fuzz.item" 7 }}{{ block "fuzz.block" .Revision }}[{{ . }}]{{ end }}"
""",
}

# What the templates above make of their own, as far as an injector changes it.
CONTAINERS = [{"name": "late", "readinessProbe": {"httpGet": {"port": 80}}}]

WORDS = ["", "a", "Abc Def", "foo_bar-baz", "10.0.0.0/8", "ümläut", "a,b,,c", "  pad  ", "x<y>&z", "1.2.3", "true",
         "line\\nline", "42", "0x1F", "-7", "3.5", "aGk=", "/a/b/../c.txt", "HTTPServer", "fooBar", "a.b.c"]
NUMBERS = ["0", "1", "2", "3", "7", "-2", "10"]
REGEXES = ["a.", "[a-z]+", "(b)(a)?", "^$", "\\\\d+", "[^,]*", "(?i)ABC"]


# A type in a rule: a capital letter that stands alone.
PLACE = re.compile(r'(?<![\w"%.])[A-Z](?![\w"])')


class Expressions:
    """Grows expressions by the type of what they give: S strings, N integers, L lists, D maps, B truth;
    A any of them, T any but integers, whose width in Go nobody else knows."""

    RULES = {
        "S": ["upper S", "lower S", "title W", "untitle S", "trim S", "trimAll S S", "trimSuffix S S", "trimPrefix S S",
              "nospace S", "swapcase S", "initials S", "repeat R S", "trunc N S", "abbrev 7 S", "substr 0 R S",
              "wrap 5 S", "replace S S S", "plural S S N", "snakecase S", "camelcase S", "kebabcase S", "quote S",
              "squote S", "cat S S", "indent R S", "nindent R S", "b64enc S", "b64dec S", "b32enc S", "sha1sum S",
              "sha256sum S", "sha512sum S", "adler32sum S", "toString A", "join S L", "default S S", "coalesce S S S",
              "ternary S S B", "base S", "dir S", "clean S", "ext S", "isAbs S", "regexFind X S", "regexReplaceAll X S S",
              "regexReplaceAllLiteral X S S", "regexQuoteMeta S", "toJson A", "toPrettyJson A", "toRawJson A", "typeOf T",
              "kindOf T", "print S N", "println S", 'printf "%v|%s|%q" S S S', 'printf "%d|%5d|%x" N N N',
              'printf "%t %v" B A', 'printf "%-6s|%6s|%.2s" S S S', "html S", "js S", "urlquery S", "toLower S",
              "get D S", "dig K S D", "toYaml A", "substr R 9 S", "trunc -3 S", "abbrevboth 3 9 S", "wrapWith 4 K S",
              "osBase S", "osDir S", "osExt S", "osClean S", "directory S", "structToJSON D",
              'valueOrDefault S S', "toJSON D", "first (list S S)", "last (list S S)", "index (list S S) 1", "len S",
              "index D K", "slice S 0 0", "fromJSON S", "urlParse U", "deepEqual A A", "env K S", "semver V",
              "seq 3", "seq N R", "toStrings L", "typeIs K T", "kindIs K T"],
        "N": ["len S", "len L", "add N N", "add1 N", "sub N N", "mul N N", "div N P", "mod N P", "max N N N", "min N N",
              "int S", "int64 S", "atoi S", "floor F", "ceil F", "round F 1", "toDecimal S", "addf F F", "subf F F",
              "mulf F F", "divf F P", "maxf F F", "minf F F", "float64 S", "biggest N N", "int F"],
        "L": ["list S S", "list", "splitList S S", "append L S", "prepend L S", "concat L L", "rest L", "initial L",
              "uniq L", "without L S", "reverse L", "compact L", "sortAlpha L", "until R", "untilStep 0 R 2", "slice L 0 1",
              "chunk 2 L", "regexSplit X S -1", "regexFindAll X S -1", "sortAlpha (keys D)", "splitList K S", "tuple S N",
              "push L S", "toStrings L", "mustAppend L S", "mustUniq L", "list N B"],
        "D": ["dict K S", "dict K S K N", "dict", "set D K S", "unset D K", "pick D K", "merge D D", "mergeOverwrite D D",
              "deepCopy D", "split K S", "splitn K 2 S", "fromJson J", "mustMerge D D", "dict K L K D"],
        "B": ["eq S S", "ne S S", "lt N N", "le N N", "gt N N", "ge S S", "not B", "and B B", "or B B", "contains S S",
              "hasPrefix S S", "hasSuffix S S", "hasKey D K", "has S L", "empty A", "regexMatch X S", "kindIs K T",
              "all S N", "any S N", "semverCompare C V", "eq N N", "eq A A", "typeIs K T", "not A"],
        "F": ["float64 N", "F0"],
    }
    LEAVES = {
        "N": NUMBERS, "B": ["true", "false"], "R": ["0", "1", "3"], "P": ["1", "2", "7"],
        "K": ['"a"', '"b"', '"string"', '"int"', '"map"', '"."'], "F": ["1.5", "-0.25", "2.0", "1e3", "100000000.0"],
        "J": ['`{"a":1,"b":[true,null]}`', '`{}`', '`{"x":1.5e9,"s":"<"}`', '`[`'],
        "U": ['"http://u:p@h:1/p?q=1#f"', '"a/b"'], "V": ['"1.2.3"', '"v2.0.0-rc.1+b"', '"x"'],
        "C": ['">=1.2.0"', '"^1.2"', '"~1.2.3 || >3"', '"<2.0.0"'],
        "X": ['"%s"' % r for r in REGEXES], "L": ["list", '(list "b" "a" "b")'], "D": ["dict", '(dict "a" "1" "b" 2)'],
        "W": ['"%s"' % w for w in WORDS],
        "S": ['"%s"' % w for w in WORDS] + [".ObjectMeta.Name", "(index .ObjectMeta.Labels `app`)", ".Values.global.hub",
                                            ".Revision", ".DeploymentMeta.Name", ".ProxyImage", ".MeshConfig.TrustDomain"],
    }

    def __init__(self, rng):
        self.rng = rng

    def grow(self, kind, depth):
        kind = self.rng.choice({"A": "SSNLDBF", "T": "SSLDBF"}.get(kind, kind))
        if kind not in self.RULES or depth <= 0 or self.rng.random() < 0.25:
            return self.rng.choice(self.LEAVES[kind])
        rule = self.rng.choice(self.RULES[kind])
        if rule == "F0":
            return self.rng.choice(self.LEAVES["F"])
        return f"({PLACE.sub(lambda place: self.grow(place.group(), depth - 1), rule)})"

    def template(self, count):
        lines = ["metadata:", "  annotations:"]
        for i in range(count):
            lines.append(f'    fuzz.example.com/e{i}: {{{{ printf "%v" {self.grow(self.rng.choice("SSSNLDB"), 3)} | b64enc | quote }}}}')
        return "\n".join(lines) + "\n"


for _name in PATCHES:
    FIXED[_name] = FIXED[_name].replace("containers:\n  - name: istio-proxy\n", PROXY_LIST)


def choose(rng):
    """Names and texts of the user templates of an installation."""
    chosen = [(name, FIXED[name]) for name in rng.sample(sorted(FIXED), rng.randint(0, 3))]
    chosen += [(f"expression-{i}", Expressions(rng).template(rng.choice([1, 1, 6])))
               for i in range(rng.randint(0, 3))]
    return chosen
