#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check a BIDS dataset of quantitative MRI, raw or derivative: bids_check.py FOLDER

One sentence for each fault, and exit status 1 if there is one. The tables are facts of the BIDS
schema 1.11 (https://bids-specification.readthedocs.io, CC-BY 4.0): rules/entities.yaml,
rules/files/raw/anat.yaml, raw/fmap.yaml, deriv/imaging.yaml, rules/sidecars/qmri.yaml,
rules/sidecars/derivatives, rules/json/dataset.yaml, objects/metadata.yaml, objects/suffixes.yaml.
Written without a look at torcht1's own reader, so that the two can contradict each other."""
import fnmatch
import gzip
import json
import os
import re
import sys

LABEL, INDEX = r"[0-9a-zA-Z+]+", r"[0-9]+"
# Every entity that may be in names here, in their order.
ENTITIES = [("sub", LABEL), ("ses", LABEL), ("task", LABEL), ("acq", LABEL), ("ce", LABEL),
            ("rec", LABEL), ("dir", LABEL), ("run", INDEX), ("echo", INDEX), ("flip", INDEX),
            ("inv", INDEX), ("mt", LABEL), ("part", "mag|phase|real|imag"), ("space", LABEL),
            ("chunk", INDEX), ("res", LABEL), ("desc", LABEL)]
ORDER = [key for key, _ in ENTITIES]
COMMON = {"ses", "task", "acq", "run", "ce", "rec", "chunk"}  # optional in all images of anat/
# suffix: (datatype, entities that must be there, entities that may be there)
RAW = {"IRT1": ("anat", {"inv"}, COMMON | {"part"}),
       "VFA": ("anat", {"flip"}, COMMON | {"echo", "part"}),
       "MP2RAGE": ("anat", {"inv"}, COMMON | {"echo", "flip", "part"}),
       "MESE": ("anat", {"echo"}, COMMON | {"dir", "part"}),
       "MEGRE": ("anat", {"echo"}, COMMON | {"part"}),
       "T1w": ("anat", set(), COMMON | {"echo", "part"}),
       "TB1map": ("fmap", set(), COMMON - {"task"})}
# suffix of a map: its unit
MAPS = {"T1map": "s", "T2map": "s", "T2starmap": "s", "T1rho": "s", "R1map": "1/s", "R2map": "1/s",
        "R2starmap": "1/s", "PDmap": "arbitrary", "M0map": "arbitrary", "S0map": "arbitrary",
        "UNIT1": "arbitrary", "Chimap": "ppm", "MTRmap": "arbitrary", "MTsat": "arbitrary",
        "MWFmap": "arbitrary", "MTVmap": "arbitrary"}
RAW.update({suffix: ("anat", set(), COMMON) for suffix in MAPS})
DERIVED = {"space", "res", "desc"}  # optional in derivatives
NEEDED = {"IRT1": ["InversionTime"],
          "VFA": ["FlipAngle", "PulseSequenceType", "RepetitionTimeExcitation"],
          "MP2RAGE": ["FlipAngle", "InversionTime", "RepetitionTimeExcitation",
                      "RepetitionTimePreparation", "NumberShots", "MagneticFieldStrength"],
          "MESE": ["EchoTime"], "MEGRE": ["EchoTime"]}
# key: (type, least, whether the least itself is allowed, most, whether an array may be)
NUMBERS = {"InversionTime": (0, False, None, False), "EchoTime": (0, False, None, True),
           "FlipAngle": (0, False, 360, True), "RepetitionTimeExcitation": (0, True, None, False),
           "RepetitionTimePreparation": (0, True, None, True), "NumberShots": (0, True, None, True),
           "MagneticFieldStrength": (0, True, None, False), "RepetitionTime": (0, False, None, False)}
TEXTS = ["Description", "Units", "EstimationReference", "EstimationAlgorithm", "PulseSequenceType",
         "Manufacturer", "MRAcquisitionType"]
VERSIONS = ["1.11.1", "1.11.0", "1.10.1", "1.10.0", "1.9.0", "1.8.0", "1.7.0", "1.6.0"]
AT_ROOT = {"dataset_description.json", "README", "README.md", "README.rst", "README.txt", "CHANGES",
           "LICENSE", "CITATION.cff", "participants.tsv", "participants.json", ".bidsignore"}
PASSED_OVER = {"derivatives", "sourcedata", "code", "stimuli", "logs", "docs"}

faults = []


def fault(path, sentence):
    faults.append(f"{path}: {sentence}")


def load(root, path):
    def once(pairs):
        keys = [key for key, _ in pairs]
        if len(keys) != len(set(keys)):
            raise ValueError("a key is there twice")
        return dict(pairs)
    try:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            value = json.load(file, object_pairs_hook=once)
    except ValueError as error:
        fault(path, f"is no JSON: {error}")
        return {}
    if not isinstance(value, dict):
        fault(path, "holds no object")
        return {}
    return value


def check_description(root):
    path = "dataset_description.json"
    if not os.path.isfile(os.path.join(root, path)):
        fault(path, "is missing")
        return {}
    about = load(root, path)
    for key in ("Name", "BIDSVersion"):
        if not isinstance(about.get(key), str) or not about.get(key):
            fault(path, f"{key} is required, a text")
    if about.get("BIDSVersion") not in VERSIONS:
        fault(path, f"BIDSVersion {about.get('BIDSVersion')} is no release")
    if about.get("DatasetType", "raw") not in ("raw", "derivative", "study"):
        fault(path, f"DatasetType {about.get('DatasetType')} is unknown")
    made = about.get("GeneratedBy")
    if made is not None and (not isinstance(made, list) or not made or
                             not all(isinstance(m, dict) and isinstance(m.get("Name"), str) for m in made)):
        fault(path, "GeneratedBy is a list of objects with a Name")
    if about.get("DatasetType") == "derivative" and not made:
        fault(path, "GeneratedBy is required of a derivative dataset")
    links = about.get("DatasetLinks", {})
    if not isinstance(links, dict) or "" in links or not all(isinstance(v, str) for v in links.values()):
        fault(path, "DatasetLinks maps names to URIs")
    for source in about.get("SourceDatasets", []):
        if not isinstance(source, dict) or set(source) - {"URL", "DOI", "Version"}:
            fault(path, "SourceDatasets has objects of URL, DOI and Version")
    above = os.path.basename(os.path.dirname(os.path.abspath(root)))
    if above == "derivatives" and made and made[0]["Name"] not in os.path.basename(os.path.abspath(root)):
        fault(path, "the folder in derivatives/ must be named after the first of GeneratedBy")
    return about


def ignore_patterns(root):
    try:
        with open(os.path.join(root, ".bidsignore"), encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    except FileNotFoundError:
        return []
    return [line for line in lines if line and not line.startswith("#")]


def is_ignored(path, patterns):
    parts = path.split("/")
    for pattern in patterns:
        names = parts[:-1] if pattern.endswith("/") else parts[-1:]
        if any(fnmatch.fnmatchcase(name, pattern.rstrip("/")) for name in names):
            return True
    return False


def take_apart(name):
    """(entities in the order of the name, suffix, extension), or None."""
    match = re.fullmatch(r"([^.]*?)([0-9a-zA-Z]+)(\.[0-9a-zA-Z.]+)", name)
    if not match:
        return None
    entities = []
    for part in match[1].rstrip("_").split("_") if match[1] else []:
        key, hyphen, value = part.partition("-")
        if not hyphen:
            return None
        entities.append((key, value))
    return entities, match[2], match[3]


def check_name(path, is_derivative):
    """Folders, entities and suffix of a file below sub-*; what it is, or None."""
    *folders, name = path.split("/")
    taken = take_apart(name)
    if not taken:
        fault(path, "is no name of BIDS")
        return None
    entities, suffix, extension = taken
    keys = [key for key, _ in entities]
    for key, value in entities:
        if key not in ORDER:
            fault(path, f"there is no entity {key}-")
            return None
        if not re.fullmatch(dict(ENTITIES)[key], value):
            fault(path, f"{value} can be no value of {key}-")
    if len(set(keys)) != len(keys) or keys != sorted(keys, key=ORDER.index):
        fault(path, "its entities are not each once, in their order")
    if suffix not in RAW:
        fault(path, f"there is no suffix {suffix} here")
        return None
    datatype, needed, allowed = RAW[suffix]
    allowed = allowed | needed | {"sub"} | (DERIVED if is_derivative else set())
    is_sidecar = extension == ".json"
    if set(keys) - allowed:
        fault(path, f"{suffix} has no {', '.join(sorted(set(keys) - allowed))}")
    if not is_sidecar and (needed | {"sub"}) - set(keys):
        fault(path, f"{suffix} needs {', '.join(sorted((needed | {'sub'}) - set(keys)))}")
    if extension not in (".nii", ".nii.gz", ".json"):
        fault(path, f"the extension {extension} is not allowed")
    values = dict(entities)
    expected = [f"sub-{values.get('sub')}"] + ([f"ses-{values['ses']}"] if "ses" in values else [])
    if not is_sidecar and folders != expected + [datatype]:
        fault(path, f"belongs into {'/'.join(expected + [datatype])}")
    return values, suffix, extension


def sidecars_of(path, values, suffix, sidecars):
    """The sidecars that hold for an image, outermost first."""
    found = []
    folders = path.split("/")[:-1]
    for depth in range(len(folders) + 1):
        level = "/".join(folders[:depth])
        here = [(other, own) for other, (own, ending) in sidecars.items()
                if os.path.dirname(other) == level and ending == suffix and own.items() <= values.items()]
        if len(here) > 1:
            exact = [item for item in here if item[1] == values]
            if not exact:
                fault(path, f"two sidecars hold for it at one level: {sorted(h[0] for h in here)}")
            here = exact
        found += [item[0] for item in here]
    return found


def check_number(path, key, value):
    least, may_be_least, most, may_be_array = NUMBERS[key]
    if isinstance(value, list) and not may_be_array:
        fault(path, f"{key} is an array")
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, bool) or not isinstance(one, (int, float)):
            fault(path, f"{key} holds {one!r}, a number is expected")
        elif one < least or (one == least and not may_be_least) or (most is not None and one > most):
            fault(path, f"{key} is {one}, out of its range")


def check_keys(path, suffix, values, known, is_derivative):
    is_map = suffix in MAPS
    for key in [] if is_derivative else NEEDED.get(suffix, []):
        if key not in known:
            fault(path, f"{key} is required")
    for key in NUMBERS:
        # A map has what varied over its images as an array.
        if key in known and not (is_map and isinstance(known[key], list)):
            check_number(path, key, known[key])
    for key in TEXTS:
        if key in known and not isinstance(known[key], str):
            fault(path, f"{key} is no text")
    if values.get("part") == "phase" and known.get("Units") not in ("rad", "arbitrary"):
        fault(path, "part-phase needs Units, rad or arbitrary")
    if is_derivative:
        if not isinstance(known.get("SkullStripped"), bool):
            fault(path, "SkullStripped is required of an image of a derivative dataset, true or false")
        for key in ("Units", "Sources", "EstimationReference", "EstimationAlgorithm"):
            if is_map and key not in known:
                fault(path, f"{key} is recommended of a map")
        if is_map and "Units" in known and known["Units"] != MAPS[suffix]:
            fault(path, f"Units is {known['Units']}, that of a {suffix} is {MAPS[suffix]}")


def check_uris(root, path, known, about):
    for uri in known.get("Sources", []):
        match = re.fullmatch(r"bids:([^:]*):([0-9a-zA-Z+/_\-.]+)", uri) if isinstance(uri, str) else None
        link = about.get("DatasetLinks", {}).get(match[1]) if match and match[1] else "."
        if not match or link is None:
            fault(path, f"{uri} is no BIDS URI of a dataset in DatasetLinks")
        elif not re.match(r"[a-z]+:", link) and not os.path.exists(os.path.join(root, link, match[2])):
            fault(path, f"{uri} leads to no file")


def check_image(root, path):
    try:
        with (gzip.open if path.endswith(".gz") else open)(os.path.join(root, path), "rb") as file:
            head = file.read(352)
    except (OSError, EOFError) as error:
        return fault(path, f"cannot be read: {error}")
    if len(head) < 352 or head[344:347] not in (b"n+1",):
        return fault(path, "is no NIfTI-1 file")
    return None


def check_table(root, path):
    with open(os.path.join(root, path), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    if not rows or len({len(row) for row in rows}) != 1 or any(not cell for row in rows for cell in row):
        fault(path, "rows differ in length, or a cell is empty")


def all_files(root):
    for folder, below, names in os.walk(root):
        inside = os.path.relpath(folder, root)
        if inside == ".":
            inside = ""
            below[:] = [b for b in below if b not in PASSED_OVER]
        below[:] = [b for b in below if not b.startswith(".")]
        for name in names:
            yield f"{inside}/{name}" if inside else name


def main(root):
    about = check_description(root)
    is_derivative = about.get("DatasetType") == "derivative"
    patterns = ignore_patterns(root)
    images, sidecars = {}, {}
    if not any(os.path.isfile(os.path.join(root, "README" + e)) for e in ("", ".md", ".rst", ".txt")):
        fault("README", "is missing")
    for path in sorted(all_files(root)):
        if path.endswith(".json"):
            load(root, path)
        if path.endswith(".tsv"):
            check_table(root, path)
        if path in AT_ROOT or is_ignored(path, patterns):
            continue
        checked = check_name(path, is_derivative)
        if not checked:
            continue
        values, suffix, extension = checked
        (sidecars if extension == ".json" else images)[path] = (values, suffix)
    for path, (values, suffix) in images.items():
        known = {}
        for sidecar in sidecars_of(path, values, suffix, sidecars):
            known.update(load(root, sidecar))
        check_keys(path, suffix, values, known, is_derivative)
        check_uris(root, path, known, about)
        check_image(root, path)
    if not images:
        fault(root, "holds no image with a name of BIDS")
    print("\n".join(faults) if faults else f"{root}: {len(images)} images, no fault")
    return 1 if faults else 0


sys.exit(main(sys.argv[1]))
