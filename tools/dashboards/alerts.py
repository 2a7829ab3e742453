"""The dashboard `alerts`: what the watch rules raise, how their readers are told, and Prometheus' alarms for operators."""

from grafana_foundation_sdk.models.dashboard import Dashboard

from tools.dashboards.panels import JOB, NOTIFIER, Panels, board, figure, lines, median_and_most, per_second

_ALERTMANAGER = 'job="alertmanager"'


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


def _told() -> Panels:
    """`vigie notify`."""
    return (
        figure(
            "Notifiers",
            "Processes of vigie notify that run, and those that have read the topic to its end and reach Alertmanager.",
            "short",
            (f"sum(vigie_notify_ready{{{NOTIFIER}}})", "ready"),
            (f"count(vigie_notify_ready{{{NOTIFIER}}})", "running"),
        ),
        lines(
            "Alerts read from the topic",
            "By what became of them: repeated, of a page crawled again; expired, past VIGIE_ALERT_TTL; refused, no alert. "
            "Several notifiers each read all.",
            "cps",
            (per_second("vigie_notify_read_alerts_total", NOTIFIER, "outcome"), "{{outcome}}"),
        ),
        lines(
            "Alerts held",
            "Live ones are posted again until they end. What waits, in the notifier or on the topic, should be near 0.",
            "short",
            (f"max(vigie_notify_live_alerts{{{NOTIFIER}}})", "live"),
            (f"max(vigie_notify_waiting_alerts{{{NOTIFIER}}})", "wait for Alertmanager"),
            (f"max(sum by (instance) (vigie_notify_lag_events{{{NOTIFIER}}}))", "wait on the topic"),
        ),
        lines(
            "Time from the topic to Alertmanager",
            "From an alert's record to the first time that an Alertmanager takes it. Alarm at a minute.",
            "s",
            *median_and_most("vigie_notify_delay_seconds", NOTIFIER),
        ),
    )


def _alertmanager() -> Panels:
    """Alertmanager behind it: what it answers, and what it tells people."""
    return (
        lines(
            "Requests to Alertmanager",
            "By its answer. failed: no answer, or one that has nothing to do with the alerts; they are posted again.",
            "cps",
            (per_second("vigie_notify_requests_total", NOTIFIER, "answer"), "{{answer}}"),
        ),
        lines(
            "Notifications",
            "Sent by Alertmanager to its receivers, and those that failed. Operators' alarms are among them.",
            "cps",
            (per_second("alertmanager_notifications_total", _ALERTMANAGER), "sent"),
            (per_second("alertmanager_notifications_failed_total", _ALERTMANAGER), "failed"),
        ),
    )


def _alarms() -> Panels:
    """What Prometheus raises."""
    return (
        lines(
            "Alarms",
            "Prometheus' own alarms but Watchdog (docs/runbook.md has their entries): pending until their time is up, then firing.",
            "short",
            ('count by (alertname, alertstate) (ALERTS{alertname!="Watchdog"})', "{{alertname}} {{alertstate}}"),
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
            (per_second("prometheus_tsdb_head_samples_appended_total", 'job="prometheus"'), "samples"),
        ),
    )


def build() -> Dashboard:
    """Make the dashboard."""
    return board(
        "alerts",
        "Alerts of the watch rules, those who are told of them, and the operators' alarms.",
        {"Watch rules": _watch(), "Who is told": (*_told(), *_alertmanager()), "Alarms for operators": _alarms()},
        variables=[],
    )
