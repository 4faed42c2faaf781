"""Compares ops/alerts.yml and ops/dashboard.json with what a running server measures, and lets every
alert fire once and stay silent once.

  check.py METRICS    METRICS is what /metrics of a server said that has done some work
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

import cases

ROOT = pathlib.Path(__file__).resolve().parents[2]
ALERTS = ROOT / "ops/alerts.yml"
DASHBOARD = ROOT / "ops/dashboard.json"
RUNBOOKS = ROOT / "docs/operate.md"

# Given by Prometheus itself: a metric, and labels of every scraped series.
OWN_METRICS = {"up"}
OWN_LABELS = {"job", "instance"}
# Words of PromQL that are neither metrics nor labels.
WORDS = set("""abs and avg avg_over_time by changes count histogram_quantile increase 
max max_over_time min offset on or rate sum unless without bool clamp_min""".split())

faults = []


def fault(text):
    faults.append(text)


def measured(text):
    """Labels and their values of each series that was measured, by the name of its metric."""
    series = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        name, _, rest = re.match(r"([a-zA-Z_:][\w:]*)(\{(.*)\})? ", line + " ").groups()
        labels = series.setdefault(name, {})
        for label, value in re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', rest or ""):
            labels.setdefault(label, set()).add(value)
    return series


def check_expression(where, expression, series):
    """Every metric, label and value that it names exists."""
    text = re.sub(r"\$__\w+|\[[^\]]*\]|\boffset\s+\w+", " ", expression)
    used = set()
    for name, chosen in re.findall(r"([a-zA-Z_:][\w:]*)\s*(\{[^}]*\})", text):
        for label, sign, value in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', chosen):
            known = series.get(name, {}).get(label)
            if label in OWN_LABELS or name in OWN_METRICS:
                continue
            if known is None:
                fault(f"{where}: {name} has no label {label}")
                continue
            for one in value.split("|") if "~" in sign else [value]:
                if sign.startswith("=") and not one.startswith("$") and one not in known:
                    fault(f"{where}: no {name} with {label}={one!r}, but {sorted(known)}")
    text = re.sub(r"\{[^}]*\}", " ", text)
    grouped = re.findall(r"\b(?:by|on|without|group_left)\s*\(([^)]*)\)", text)
    text = re.sub(r"\b(by|on|without|group_left)\s*\([^)]*\)", " ", text)
    text = re.sub(r'"[^"]*"', " ", text)
    for name in re.findall(r"[a-zA-Z_:][\w:]*", text):
        if name in WORDS:
            continue
        if name not in series and name not in OWN_METRICS:
            fault(f"{where}: no metric {name}")
        used.add(name)
    labels = {label for name in used for label in series.get(name, {})} | OWN_LABELS
    for label in re.findall(r"\w+", " ".join(grouped)):
        if label not in labels:
            fault(f"{where}: none of {sorted(used)} has a label {label}")
    if not used:
        fault(f"{where}: names no metric")


def anchor(heading):
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def check_runbooks(rules):
    headings = re.findall(r"^### (Vacancy\w+)$", RUNBOOKS.read_text(), re.MULTILINE)
    for rule in rules:
        name, notes = rule["alert"], rule["annotations"]
        if name not in headings:
            fault(f"{name}: docs/operate.md has no heading of that name")
        if notes.get("runbook") != f"docs/operate.md#{anchor(name)}":
            fault(f"{name}: its runbook must be docs/operate.md#{anchor(name)}")
        if not notes.get("summary") or rule["labels"].get("severity") not in ("page", "ticket"):
            fault(f"{name}: needs a summary and a severity")
    for name in set(headings) - {rule["alert"] for rule in rules}:
        fault(f"docs/operate.md: {name} is no alert")


def check_cases(rules):
    known = {**cases.MINUTES, **cases.WEEKS}
    for rule in rules:
        must_fire = [case[0] for case in known.pop(rule["alert"], [])]
        if True not in must_fire or False not in must_fire:
            fault(f"{rule['alert']}: needs a case that fires and one that does not")
    for name in known:
        fault(f"cases.py: {name} is no alert")


def tests(known, interval):
    for name, group in known.items():
        for fires, series, at in group:
            firing = f'count(ALERTS{{alertname="{name}", alertstate="firing"}} > 0)'
            yield {
                "name": f"{name} {'fires' if fires else 'is silent'} at {at}",
                "interval": interval,
                "input_series": [{"series": one, "values": v} for one, v in series.items()],
                "promql_expr_test": [{
                    "expr": f"{firing} > bool 0",
                    "eval_time": at,
                    "exp_samples": [{"labels": "{}", "value": 1}] if fires else [],
                }],
            }


def promtool(*words):
    ended = subprocess.run(["promtool", *words], capture_output=True, text=True)
    if ended.returncode != 0:
        fault(f"promtool {' '.join(words[:2])}:\n{ended.stdout}{ended.stderr}")


def run_promtool(expressions):
    with tempfile.TemporaryDirectory(prefix="vacancy-alerts-") as folder:
        folder = pathlib.Path(folder)
        promtool("check", "rules", str(ALERTS))
        # What the dashboard asks is checked by the same tool, as rules that nobody keeps.
        asked = [{"record": f"asked:{number}", "expr": re.sub(r"\$__\w+", "5m", expression)}
                 for number, (_, expression) in enumerate(expressions)]
        rules = folder / "dashboard.yml"
        rules.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": asked}]}))
        promtool("check", "rules", str(rules))
        for known, interval in [(cases.MINUTES, "15s"), (cases.WEEKS, "10m")]:
            file = folder / f"every-{interval}.yml"
            file.write_text(yaml.safe_dump({
                "rule_files": [str(ALERTS)],
                "evaluation_interval": interval,
                "tests": list(tests(known, interval)),
            }))
            promtool("test", "rules", str(file))


def dashboard_expressions():
    board = json.loads(DASHBOARD.read_text())
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield f"dashboard, {panel['title']}", target["expr"]
    marks = board["annotations"]["list"]
    for mark in marks:
        yield f"dashboard, mark {mark['name']}", mark["expr"]
    for wanted in ["Version", "Settings", "Migration"]:
        if wanted not in [mark["name"] for mark in marks]:
            fault(f"dashboard: nothing marks a change of {wanted}")


def main(path):
    series = measured(pathlib.Path(path).read_text())
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    expressions = list(dashboard_expressions())
    for rule in rules:
        check_expression(rule["alert"], rule["expr"], series)
    for where, expression in expressions:
        check_expression(where, expression, series)
    check_runbooks(rules)
    check_cases(rules)
    run_promtool(expressions)
    for text in faults:
        print(f"test-alerts: {text}", file=sys.stderr)
    if faults:
        raise SystemExit(1)
    count = sum(len(group) for known in (cases.MINUTES, cases.WEEKS) for group in known.values())
    print(f"{len(rules)} alerts in {count} cases, {len(expressions)} queries of the dashboard, "
          f"{len(series)} metrics: everything that is named is measured")


if len(sys.argv) != 2:
    raise SystemExit(__doc__)
main(sys.argv[1])
