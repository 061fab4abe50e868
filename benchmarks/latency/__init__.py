"""First calls, fresh processes and first PTX: how long a user waits for the compiler."""
