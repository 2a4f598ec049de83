"""What is called for, bid, reviewed and awarded: 揭榜 and 抢单."""
