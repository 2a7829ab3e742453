"""The shell: Faust app, Kafka, metrics, settings, command line."""
