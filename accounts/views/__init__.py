"""One function per address; each loads through `visible_to`, makes one domain call, answers."""
