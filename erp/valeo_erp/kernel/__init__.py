"""What every part of the service stands on: settings, database, the one transaction per request, problems, money."""
