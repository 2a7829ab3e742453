"""`vigie notify`: alerts from Kafka to Prometheus Alertmanager (live.py: which are live; post.py: posting; read.py: reading)."""
