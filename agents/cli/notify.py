"""`vigie notify`: alerts to Prometheus Alertmanager."""

from agents.cli.context import fail_to_listen, read_settings

EXAMPLES = {"notify": "Example:  VIGIE_ALERTMANAGER=http://127.0.0.1:9093 vigie notify"}


def notify() -> None:
    """Post alerts to Alertmanager until SIGTERM or Ctrl-C; it groups, silences, repeats and delivers them.

    Live alerts are posted again every minute, and read again from the topic at start; an Alertmanager that is down is waited for.
    Exit 0 when it was stopped, 1 when it could not work.
    """
    import logging.config

    from agents import log
    from agents.cli.remote import run
    from agents.notify import service

    settings = read_settings()
    logging.config.dictConfig(log.config(settings.log_level, settings.log_format))
    try:
        run(service.run(settings))
    except OSError as error:
        fail_to_listen(settings, error)
