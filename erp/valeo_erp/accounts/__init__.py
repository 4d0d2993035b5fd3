"""Charts of accounts: excerpts of SKR03 and SKR04, and which account has which role when something is booked."""
