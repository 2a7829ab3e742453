"""The dashboard `alerts`: what the watch rules raise for their readers, and the alarms that Prometheus raises for operators."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from tools.dashboards.panels import JOB, Panels, board, figure, lines, median_and_most, per_second


def _watch() -> Panels:
    """What the watch rules raise."""
    return (
        figure(
            "Rules in force",
            "Watch rules that are enabled, by worker. All workers should have the same number.",
            "short",
            (f"vigie_enabled_rules{{{JOB}}}", "{{instance}}"),
        ),
        lines(
            "Alerts by severity",
            "Alerts raised by watch rules.",
            "cps",
            (per_second("vigie_raised_alerts_total", JOB, "severity"), "{{severity}}"),
        ),
        lines(
            "Alerts by rule",
            "The ten rules that fire most. A rule that fires on everything is a rule to be mended.",
            "cps",
            (f"topk(10, {per_second('vigie_rule_alerts_total', JOB, 'rule')})", "{{rule}}"),
        ),
        lines(
            "Alerts per page",
            "Alerts raised for each page taken in. A jump: news, or a rule that is too wide.",
            "short",
            (f"{per_second('vigie_raised_alerts_total')} / {per_second('vigie_received_events_total')}", "alerts"),
        ),
        lines(
            "Time that rules take",
            "Time a page spends in the evaluation of the watch rules.",
            "s",
            *median_and_most("vigie_stage_duration_seconds", f'{JOB}, stage="alerts"'),
        ),
    )


def _alarms() -> Panels:
    """What Prometheus raises."""
    return (
        lines(
            "Alarms",
            "Prometheus' own alarms (docs/runbook.md has an entry for each): pending until their time is up, then firing.",
            "short",
            ("count by (alertname, alertstate) (ALERTS)", "{{alertname}} {{alertstate}}"),
        ),
        lines(
            "Evaluation of the rules",
            "Time that Prometheus spends on each group of recording and alerting rules.",
            "s",
            ('prometheus_rule_group_last_duration_seconds{job="prometheus"}', "{{rule_group}}"),
        ),
        lines(
            "Samples taken in",
            "By Prometheus, from all targets. It tells whether there is anything to judge by.",
            "cps",
            ('rate(prometheus_tsdb_head_samples_appended_total{job="prometheus"}[$__rate_interval])', "samples"),
        ),
    )


def build() -> Dashboard:
    """Make the dashboard."""
    return board(
        "alerts",
        "Alerts of the watch rules, and the operators' alarms.",
        {"Watch rules": _watch(), "Alarms for operators": _alarms()},
        variables=[],
    )
