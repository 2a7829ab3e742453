"""`vigie top`: looks at a running system (look.py), what two looks tell (view.py); agents/cli/top.py shows it."""
