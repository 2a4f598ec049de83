"""What `make` calls: set-up, the embedded servers, the supervisor behind `make run`, translations."""
