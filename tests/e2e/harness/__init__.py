"""What the end-to-end tests start and hold: servers, schedulers, a browser's pages, and the truth."""
