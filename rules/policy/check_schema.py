#!/usr/bin/env python3
"""Judges the example policies by policy.schema.json: check_schema.py SCHEMA TESTDATA.

valid/ and invalid_beyond_schema/ must pass, invalid/ must not; the C++ test beside this one says
what the parser makes of the same files. Exits with 77 (skipped) without python3-jsonschema.
"""
import json
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: no python3-jsonschema")
    sys.exit(77)


def main():
    schema = json.loads(pathlib.Path(sys.argv[1]).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = 0
    judged = 0
    for folder, expected in (("valid", True), ("invalid_beyond_schema", True), ("invalid", False)):
        for file in sorted((pathlib.Path(sys.argv[2]) / folder).glob("*.json")):
            judged += 1
            if validator.is_valid(json.loads(file.read_text())) != expected:
                wrong += 1
                print(f"{folder}/{file.name}: the schema {'refuses' if expected else 'takes'} it")
    print(f"{judged} policies judged, {wrong} wrongly")
    return 1 if wrong or not judged else 0


sys.exit(main())
