// The constraints that are there.
SHOW CONSTRAINTS YIELD name
RETURN name;
